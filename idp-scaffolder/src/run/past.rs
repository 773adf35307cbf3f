//! What a journal says of effects that an earlier attempt began.

use std::collections::BTreeMap;

use idp_core::{Digest, Receipt};
use serde_json::Value;

use crate::journal::{RunEvent, RunRecord};

/// What the journal says of effects that an earlier attempt began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past(pub(crate) BTreeMap<usize, PastEffect>);

/// What the journal says of one effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct PastEffect {
    /// Recorded before it was applied.
    pub(crate) intent: Option<Intent>,
    /// The desired state's digest and the state, recorded after it was applied.
    pub(crate) applied: Option<(Digest, Value)>,
}

/// The recorded intent of an effect.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) provider: String,
    pub(crate) want: Digest,
    pub(crate) receipt: Receipt,
}

impl Past {
    /// What earlier attempts have done, by effect.
    pub(crate) fn of(records: &[RunRecord]) -> Self {
        let mut past = Self::default();
        for record in records {
            match &record.event {
                RunEvent::Intent { effect, provider, want, receipt, .. } => {
                    let intent =
                        Intent { provider: provider.clone(), want: *want, receipt: (**receipt).clone() };
                    past.0.entry(*effect).or_default().intent = Some(intent);
                }
                RunEvent::Applied { effect, want, state } => {
                    past.0.entry(*effect).or_default().applied = Some((*want, state.clone()));
                }
                // Taken back: as if it had never been.
                RunEvent::Undone { effect } => {
                    past.0.remove(effect);
                }
                _ => {}
            }
        }
        past
    }

    /// How many effects were applied and not taken back.
    pub(crate) fn applied(&self) -> usize {
        self.0.values().filter(|it| it.intent.is_some() && it.applied.is_some()).count()
    }
}

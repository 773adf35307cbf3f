//! Taking a version back.

use idp_plugin_sdk::{Digest, EffectState, Receipt, Result};

use crate::advance::Job;
use crate::change::Basis;
use crate::store::{Applied, Marker};

impl Job<'_> {
    /// Applies the version before, or destroys the stack where there was none.
    pub(crate) async fn undo(&self, receipt: &Receipt) -> Result<()> {
        let Some(marker) = self.store.marker()? else { return Ok(()) };
        if receipt.change.is_nothing() || !self.is_to_undo(&marker, receipt)? {
            return Ok(());
        }
        let remaining: Vec<_> = marker.history.iter().filter(|it| it.key != receipt.key).cloned().collect();
        match remaining.last() {
            Some(Applied { digest, .. }) => {
                self.apply_again(&marker, receipt, digest, false).await?;
                self.end(remaining).map_err(|error| error.effect(EffectState::Unknown))
            }
            None => {
                let version = Basis::of(&receipt.change)?.after;
                self.apply_again(&marker, receipt, &version, true).await?;
                self.store.remove().map_err(|error| error.effect(EffectState::Unknown))
            }
        }
    }

    fn is_to_undo(&self, marker: &Marker, receipt: &Receipt) -> Result<bool> {
        if marker.underway.as_ref() == Some(&receipt.key) {
            return Ok(true);
        }
        let Some(position) = marker.history.iter().position(|it| it.key == receipt.key) else {
            return Ok(false);
        };
        let last = position + 1 == marker.history.len() && marker.underway.is_none();
        if last && marker.is_untouched(&self.store)? { Ok(true) } else { Err(self.moved()) }
    }

    async fn apply_again(
        &self,
        marker: &Marker,
        receipt: &Receipt,
        version: &Digest,
        destroy: bool,
    ) -> Result<()> {
        let folder = self.store.version(version);
        if self.store.state_text()?.is_none() || !folder.is_dir() {
            return Ok(());
        }
        self.cli.plan(&folder, destroy).await?;
        self.begin(marker, &receipt.key)?;
        self.cli.apply(&folder).await.map_err(|error| error.effect(EffectState::Unknown))
    }
}

//! What is known of an entity besides its relations.

use std::sync::Arc;

use crate::catalog::{Changed, Claim};

/// An entity as others see it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) claim: Arc<Claim>,
    pub(super) changed: Changed,
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&*self.claim, &*other.claim);
        self.changed == other.changed
            && (Arc::ptr_eq(&self.claim, &other.claim)
                || (a.entity_ref == b.entity_ref
                    && a.source == b.source
                    && a.location == b.location
                    && a.quarantined == b.quarantined
                    && a.diagnostics == b.diagnostics
                    && a.body == b.body))
    }
}

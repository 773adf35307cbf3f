//! What a snapshot knows of one reference.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::kinds::{KindId, Kinds};
use crate::catalog::{Changed, Claim};
use crate::directory::Directory;
use crate::index::Ids;

/// What is known of a reference: the entity, if there is one, and the relations both ways.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(super) seen: Option<Seen>,
    /// The relations that the entity declares, sorted by type and target.
    pub(super) out: Box<[Link]>,
    /// Who declares relations on it, by what they are.
    pub(super) incoming: Box<[(KindId, Ids)]>,
}

/// An entity as others see it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) claim: Arc<Claim>,
    pub(super) changed: Changed,
}

/// A declared relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) kind: KindId,
    /// The number of the target.
    pub(super) other: u32,
    /// Which item of the field's list declares it, plus one; 0 for a field that is no list.
    pub(super) item: u32,
}

/// What numbers stand for: records look it up.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    pub(super) directory: Directory,
    pub(super) kinds: Kinds,
}

impl Node {
    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_none() && self.incoming.is_empty()
    }

    /// Whether others see the same entity, its relations aside.
    pub(super) fn is_seen_as(&self, other: &Self) -> bool {
        match (&self.seen, &other.seen) {
            (None, None) => true,
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
    }

    /// Notes that somebody declares a relation on it.
    pub(super) fn add_incoming(&mut self, kind: KindId, from: u32) {
        match self.incoming.binary_search_by_key(&kind, |(kind, _)| *kind) {
            Ok(at) => self.incoming[at].1.insert(from),
            Err(at) => {
                let mut incoming = std::mem::take(&mut self.incoming).into_vec();
                incoming.insert(at, (kind, Ids::from_iter([from])));
                self.incoming = incoming.into();
            }
        }
    }

    /// Notes that somebody no longer does.
    pub(super) fn remove_incoming(&mut self, kind: KindId, from: u32) {
        let Ok(at) = self.incoming.binary_search_by_key(&kind, |(kind, _)| *kind) else { return };
        self.incoming[at].1.remove(from);
        if self.incoming[at].1.is_empty() {
            let mut incoming = std::mem::take(&mut self.incoming).into_vec();
            incoming.remove(at);
            self.incoming = incoming.into();
        }
    }
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

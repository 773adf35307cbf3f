//! The last changes, for those who follow closely.

use std::collections::VecDeque;
use std::sync::Arc;

use idp_core::{Revision, Timestamp};

use super::watch::Changes;
use crate::snapshot::CatalogChange;

/// Entities' changes that are kept. Whoever falls further behind reads the log.
const KEPT: usize = 10_000;

/// What was published last, oldest first. The newest is kept however large it is, so that whoever has seen everything
/// before it never has to read the log.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    published: VecDeque<Changes>,
    /// How many entities' changes these are.
    kept: usize,
}

impl Recent {
    /// Takes in what a new snapshot changed.
    pub(crate) fn push(
        &mut self,
        after: Revision,
        revision: Revision,
        time: Timestamp,
        items: Vec<CatalogChange>,
    ) {
        self.kept += items.len();
        self.published.push_back(Changes { after, revision, time, items: Arc::from(items) });
        while self.published.len() > 1 && (self.kept > KEPT || self.published.len() > KEPT) {
            self.kept -= self.published.pop_front().map_or(0, |it| it.items.len());
        }
    }

    /// Forgets everything: the next snapshot does not follow from the last.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What was published on top of a revision.
    pub(crate) fn after(&self, revision: Revision) -> Option<Changes> {
        let index = self.published.binary_search_by_key(&revision, |it| it.after).ok()?;
        self.published.get(index).cloned()
    }
}

//! How far an ingestion is.

use std::fmt;
use std::sync::Arc;

/// How far an ingestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IngestProgress {
    /// So many documents were read and judged: told after every page of the source; where Locations are followed, once all
    /// was read.
    Read {
        /// Documents, those that are not valid included.
        documents: usize,
    },
    /// Everything was read, and so many changes are written to the log now. Told again where another writer was faster.
    Writing {
        /// Changes: for the most part one for each claim that is new, says something else, or ends.
        changes: usize,
    },
}

/// Whom to tell.
#[derive(Clone)]
pub(super) struct Listener(Arc<dyn Fn(IngestProgress) + Send + Sync>);

impl Listener {
    pub(super) fn new(told: impl Fn(IngestProgress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    pub(super) fn tell(&self, progress: IngestProgress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

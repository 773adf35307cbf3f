//! What an ingestion may do.

use std::sync::Arc;

use idp_core::{Cancel, Clock, Diagnostic, SourceContext};
use serde::{Deserialize, Serialize};

use super::precedence::Precedence;
use super::progress::{IngestProgress, Listener};

use crate::follow::Following;
use crate::history::Attribution;

/// When the removals of one ingestion are too many to be meant: an inventory that answers "nothing" is more likely
/// broken than empty.
///
/// Both bounds must be passed for removals to be held back. By default: more than half of a source's entities, and at
/// least 10.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RemovalGuard {
    /// The share of the source's entities, from 0 to 1, that may go at once.
    pub share: f64,
    /// How many removals it takes to ask at all.
    pub count: usize,
}

impl RemovalGuard {
    /// Holds removals back that are more than this share of a source's entities, and at least this many.
    #[must_use]
    pub fn new(share: f64, count: usize) -> Self {
        Self { share, count }
    }

    /// Holds nothing back.
    #[must_use]
    pub fn off() -> Self {
        Self { share: 1.0, count: usize::MAX }
    }

    /// Whether so many of a source's entities may not go unasked.
    pub(super) fn stops(self, removed: usize, total: usize) -> bool {
        removed > 0 && removed >= self.count && removed as f64 > self.share * total as f64
    }
}

impl Default for RemovalGuard {
    fn default() -> Self {
        Self::new(0.5, 10)
    }
}

/// What becomes of an entity that nobody describes any more.
///
/// Only of one whose description its source no longer has. What [`Catalog::forget`](crate::Catalog::forget) forgets
/// always goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum OrphanPolicy {
    /// It goes. [`Snapshot::explain`](crate::Snapshot::explain) still tells when and why.
    #[default]
    Delete,
    /// It stays as it was, with the annotation `backstage.io/orphan: 'true'`, until it is described again or
    /// [removed](crate::Catalog::remove_orphan).
    Keep,
}

/// How one source is ingested.
///
/// ```
/// use idp_catalog::IngestOptions;
/// let options = IngestOptions::default().confirm_removals(true);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct IngestOptions {
    /// Whether removals that the [`RemovalGuard`] would hold back are meant.
    pub confirm_removals: bool,
    /// Raised by the host to end the reading.
    pub cancel: Cancel,
    /// On whose behalf the catalog is changed: what [`Catalog::blame`](crate::Catalog::blame) tells.
    pub by: Option<Attribution>,
    /// How locations and substitutions are followed. Without it they are left as they are.
    pub following: Option<Arc<Following>>,
    listener: Option<Listener>,
}

impl IngestOptions {
    /// Says whether removals that the [`RemovalGuard`] would hold back are meant.
    #[must_use]
    pub fn confirm_removals(mut self, confirmed: bool) -> Self {
        self.confirm_removals = confirmed;
        self
    }

    /// Says on whose behalf the catalog is changed.
    #[must_use]
    pub fn on_behalf_of(mut self, by: impl Into<Attribution>) -> Self {
        self.by = Some(by.into());
        self
    }

    /// Follows locations and substitutions.
    #[must_use]
    pub fn following(mut self, following: Arc<Following>) -> Self {
        self.following = Some(following);
        self
    }

    /// Tells how far it is: from time to time, on the thread that ingests.
    ///
    /// ```
    /// use idp_catalog::{IngestOptions, IngestProgress};
    /// let options = IngestOptions::default().on_progress(|progress| {
    ///     if let IngestProgress::Read { documents } = progress {
    ///         eprintln!("{documents} documents");
    ///     }
    /// });
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn on_progress(mut self, told: impl Fn(IngestProgress) + Send + Sync + 'static) -> Self {
        self.listener = Some(Listener::new(told));
        self
    }

    pub(super) fn tell(&self, progress: IngestProgress) {
        self.listener.iter().for_each(|listener| listener.tell(progress));
    }

    /// Reads until this is raised.
    #[must_use]
    pub fn cancelled_by(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    pub(super) fn context(&self, clock: Arc<dyn Clock>) -> SourceContext {
        let mut cx = SourceContext::default();
        cx.cancel = self.cancel.clone();
        cx.clock = clock;
        cx
    }
}

/// What a plan has to keep to.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) guard: RemovalGuard,
    pub(super) orphans: OrphanPolicy,
    /// `None` leaves what the log says.
    pub(super) precedence: Option<Precedence>,
}

/// Says that removals were held back.
pub(super) fn mass_deletion(source: &str, removed: usize, total: usize) -> Diagnostic {
    let message = format!("`{source}` no longer has {removed} of its {total} entities; they are kept");
    Diagnostic::error("mass-deletion", message)
        .help("if they are really gone, ingest again and confirm the removals")
}

//! What an ingestion did.

use std::collections::BTreeSet;

use idp_core::{Completeness, Diagnostic, EntityRef, Error, Revision};
use serde::Serialize;

/// How many claims of the source were touched in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// New ones.
    pub added: usize,
    /// Ones that say something else now.
    pub updated: usize,
    /// Ones the source no longer makes.
    pub removed: usize,
    /// Ones that say what they said before.
    pub unchanged: usize,
    /// Ones whose document is not valid: the last good revision stays, if there is one.
    pub quarantined: usize,
    /// Ones that another location made first: they wait, see [`Snapshot::conflicts`](crate::Snapshot::conflicts).
    pub conflicting: usize,
    /// Locations with documents that do not even say which entity they mean.
    pub unread: usize,
}

/// What one pass over a source did to the catalog.
#[derive(Debug)]
#[must_use = "a source that failed is reported here, not as an error"]
#[non_exhaustive]
pub struct IngestReport {
    /// The catalog's revision afterwards.
    pub revision: Revision,
    /// What was touched.
    pub counts: Counts,
    /// Whether the source gave everything it has. If not, nothing was removed.
    pub completeness: Completeness,
    /// What the source no longer has and is kept, because so many removals at once need a confirmation: see
    /// [`RemovalGuard`](crate::RemovalGuard).
    pub held: BTreeSet<EntityRef>,
    /// What the source itself could not read; `mass-deletion` where removals were held back.
    pub problems: Vec<Diagnostic>,
    /// Why the source ended early. What it gave before counts.
    pub failure: Option<Error>,
}

//! The software catalog: what do we run, and who owns it.
//!
//! ```text
//! Source ──► YAML ──► Model ──► Log ──► Snapshot ──► Query
//!  pages     spans    verdict   events   immutable    never waits
//! ```
//!
//! * [`parse_yaml`] reads the documents of a file with the position of every node.
//! * [`Model`] says which entities there can be, and judges a document: every problem, and the relations it declares.
//! * [`Catalog`] is the only writer: it turns what a [`Source`](idp_core::Source) says into events of a
//!   [`Log`](idp_core::Log), and folds the log into snapshots.
//! * [`Snapshot`] is the catalog at one revision. [`Query`], [`Facet`] and [`Graph`] are answered on it, and **never
//!   await**.
//!
//! Reads Backstage's `catalog-info.yaml` and `template.yaml` unmodified and judges them as Backstage does.
//!
//! Invariants:
//!
//! * **A source that fails, or answers partly, deletes nothing**, and one that would delete most of what it had waits
//!   for a confirmation ([`RemovalGuard`]).
//! * **A broken document costs nobody else anything**, and its entity keeps the last good revision.
//! * **Opening a log again gives an equal snapshot.**

mod body;
mod catalog;
mod directory;
mod finding;
mod follow;
mod form;
mod history;
mod index;
mod js;
mod json;
mod judge;
mod model;
mod parallel;
mod parsed;
mod query;
mod references;
mod registration;
mod snapshot;
mod source;
mod yaml;

pub use catalog::{
    Catalog, CatalogOptions, Cause, Counts, Delta, Difference, EntityChange, ImagePolicy, IngestOptions,
    IngestProgress, IngestReport, OrphanPolicy, Precedence, Preview, RemovalGuard, field_changes,
};
pub use finding::StoredDiagnostic;
pub use follow::{FollowLimits, Following, Rules};
pub use history::{
    Attribution, Blame, Changes, Consumer, ConsumerInfo, LiveQuery, Moment, ResultChange, Retention, Version,
    Watch,
};
pub use js::javascript_json;
pub use model::{
    Declared, Field, FieldPath, Kind, Model, Profile, RelationField, RelationFlow, Shape, Stage, TextRule,
    Verdict,
};
pub use query::{
    Answer, Collation, Dialect, Direction, Facet, FacetRequest, FacetValue, Matcher, Nulls, OrderBy,
    Projection, Query, Search, parse_filter, parse_filters, parse_order, parse_order_field, parse_predicate,
    parse_query, predicate_from_json, predicate_from_json_in, print_predicate,
};
pub use references::{KnownEntities, Reference};
pub use registration::RegistrationProvider;
pub use snapshot::{
    CatalogChange, ChangeKind, ClaimReport, Claimant, Conflict, Departure, Edge, EntityState, Explanation,
    Finding, Follow, Graph, GraphQuery, Hop, Ownership, Reach, Reached, Record, Snapshot, Standing, Way,
};
#[cfg(feature = "watch")]
pub use source::DirectoryWatch;
pub use source::{
    Changed, DirectoryLimits, DirectorySource, FolderFetcher, LinesLimits, LinesSource, LocationsSource,
};
pub use yaml::{Marks, YamlDocument, YamlLimits, parse_yaml};

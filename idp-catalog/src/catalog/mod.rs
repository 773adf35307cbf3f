//! The catalog: the only writer of its stream.

mod change;
pub(crate) mod checkpoint;
mod departed;
mod difference;
mod ingest;
mod judged;
mod options;
mod plan;
mod precedence;
mod preview;
mod reading;
mod report;
mod state;
mod writer;

pub use change::Cause;
pub(crate) use change::written_by;
pub(crate) use departed::Departed;
pub use difference::{Difference, EntityChange, field_changes};
pub use options::{IngestOptions, OrphanPolicy, RemovalGuard};
pub use precedence::Precedence;
pub use preview::Preview;
pub use report::{Counts, IngestReport};
pub(crate) use state::{Claim, State, Touched};
pub use writer::{Catalog, CatalogOptions};
pub(crate) use writer::{PAGE, take};

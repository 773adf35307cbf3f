//! The catalog: the only writer of its stream.

mod ahead;
mod change;
pub(crate) mod checkpoint;
mod claim;
mod delta;
mod departed;
mod descriptions;
mod difference;
mod document;
mod image;
mod ingest;
mod judged;
mod judgement;
mod judging;
mod links;
mod options;
mod outgoing;
mod plan;
mod practice;
mod precedence;
mod preview;
mod progress;
mod reading;
mod report;
mod start;
mod state;
mod writer;

pub use change::Cause;
pub(crate) use change::written_by;
#[cfg(test)]
pub(crate) use change::{Change, Claimed};
pub(crate) use claim::Claim;
pub use delta::Delta;
pub(crate) use departed::Departed;
pub use difference::{Difference, EntityChange, field_changes};
pub(crate) use judging::{Judging, Remark};
pub use options::{IngestOptions, OrphanPolicy, RemovalGuard};
pub use precedence::Precedence;
pub use preview::Preview;
pub use progress::IngestProgress;
pub use report::{Counts, IngestReport};
pub use start::ImagePolicy;
pub(crate) use state::Changed;
pub(crate) use state::{State, Touched};
pub use writer::{Catalog, CatalogOptions};
pub(crate) use writer::{PAGE, take};

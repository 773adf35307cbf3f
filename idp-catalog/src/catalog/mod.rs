//! The catalog: the only writer of its stream.

mod change;
mod checkpoint;
mod departed;
mod difference;
mod ingest;
mod judged;
mod options;
mod past;
mod plan;
mod precedence;
mod reading;
mod report;
mod state;
mod writer;

pub use change::Cause;
pub(crate) use departed::Departed;
pub use difference::{Difference, EntityChange};
pub use options::{IngestOptions, OrphanPolicy, RemovalGuard};
pub use past::Version;
pub use precedence::Precedence;
pub use report::{Counts, IngestReport, Preview};
pub(crate) use state::{Claim, State};
pub use writer::{Catalog, CatalogOptions};

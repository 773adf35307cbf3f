//! The catalog: the only writer of its stream.

mod change;
mod checkpoint;
mod difference;
mod ingest;
mod judged;
mod options;
mod past;
mod plan;
mod reading;
mod report;
mod state;
mod writer;

pub use difference::{Difference, EntityChange};
pub use options::{IngestOptions, RemovalGuard};
pub use past::Version;
pub use report::{Counts, IngestReport, Preview};
pub(crate) use state::{Claim, State};
pub use writer::{Catalog, CatalogOptions};

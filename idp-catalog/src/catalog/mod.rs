//! The catalog: the only writer of its stream.

mod change;
mod checkpoint;
mod judged;
mod past;
mod plan;
mod reading;
mod report;
mod state;
mod writer;

pub use past::Version;
pub use report::{Counts, IngestReport};
pub(crate) use state::{Claim, State};
pub use writer::{Catalog, CatalogOptions};

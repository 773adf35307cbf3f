//! Sources that come with the catalog.

mod directory;

pub use directory::{DirectoryLimits, DirectorySource};

//! Sources that come with the catalog.

mod directory;
mod folder;

pub(crate) use directory::globs;
pub use directory::{DirectoryLimits, DirectorySource};
pub use folder::FolderFetcher;

//! Sources that come with the catalog.

mod directory;
mod folder;

pub use directory::{DirectoryLimits, DirectorySource};
pub use folder::FolderFetcher;

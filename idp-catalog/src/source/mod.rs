//! Sources that come with the catalog.

mod directory;
mod folder;
mod lines;
#[cfg(feature = "watch")]
mod watch;

pub(crate) use directory::globs;
pub use directory::{Changed, DirectoryLimits, DirectorySource};
pub use folder::FolderFetcher;
pub use lines::{LinesLimits, LinesSource};
#[cfg(feature = "watch")]
pub use watch::DirectoryWatch;

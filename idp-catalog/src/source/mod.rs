//! Sources that come with the catalog.

mod directory;
mod excluded;
mod folder;
mod lines;
mod locations;
#[cfg(feature = "watch")]
mod watch;

pub(crate) use directory::globs;
pub use directory::{Changed, DirectoryLimits, DirectorySource};
pub use folder::FolderFetcher;
pub use lines::{LinesLimits, LinesSource};
pub use locations::LocationsSource;
#[cfg(feature = "watch")]
pub use watch::DirectoryWatch;

//! A folder for temporary files that goes away with its owner.

use std::path::{Path, PathBuf};

use idp_core::{Error, ErrorKind, Result};
use tempfile::TempDir;

/// The scratch space of one plan or run.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// A new folder below `parent`, or below the system's place for temporary files.
    pub(crate) fn new(parent: Option<&PathBuf>) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("idp-");
        let made = match parent {
            Some(parent) => std::fs::create_dir_all(parent).and_then(|()| builder.tempdir_in(parent)),
            None => builder.tempdir(),
        };
        made.map(Self).map_err(|error| {
            Error::new(ErrorKind::Unavailable, "cannot make a folder for temporary files").because(error)
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

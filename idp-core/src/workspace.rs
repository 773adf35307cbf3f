//! The files of one run.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{Digest, Error, ErrorKind, Node, Result, Tree, TreePath};

/// The files a run works on. Shared by its steps; in memory, so no path and no link in it can reach the host's files.
#[derive(Default)]
pub struct Workspace(Mutex<Tree>);

/// Files of a workspace, named by their content: what a resource holds in place of the bytes.
///
/// Serialises as `{"$tree": "sha256:…", "files": 12, "bytes": 3456}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeRef {
    /// The content address of the tree.
    #[serde(rename = "$tree")]
    pub digest: Digest,
    /// How many files and links.
    pub files: usize,
    /// How many bytes.
    pub bytes: u64,
}

impl TreeRef {
    /// The reference to a tree.
    pub fn of(tree: &Tree) -> Self {
        let files = tree.iter().filter(|(_, node)| **node != Node::Folder).count();
        Self { digest: tree.digest(), files, bytes: tree.bytes() }
    }
}

impl Workspace {
    /// A workspace that starts with these files and keeps their limits.
    pub fn new(tree: Tree) -> Self {
        Self(Mutex::new(tree))
    }

    fn lock(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of everything as it is now. Costs no bytes.
    pub fn tree(&self) -> Tree {
        self.lock().clone()
    }

    /// Replaces everything, in one go: work on a copy, put it back when all of it is right.
    pub fn replace(&self, tree: Tree) {
        *self.lock() = tree;
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::PermissionDenied`] for a path that leads outside.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let path = TreePath::new(path)?;
        let bytes = self.lock().read(&path).map(|it| it.to_vec());
        bytes.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "no such file in the workspace").with("path", path)
        })
    }

    /// Writes a file with mode `0o644`.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`] for a path that leads outside, [`ErrorKind::LimitExceeded`] where the workspace
    /// grows too large, [`ErrorKind::AlreadyExists`] where a folder is there.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
        let path = TreePath::new(path)?;
        self.lock().insert(path, Node::file(bytes.as_ref()))?;
        Ok(())
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tree = self.lock();
        write!(f, "Workspace({} nodes, {} bytes)", tree.len(), tree.bytes())
    }
}

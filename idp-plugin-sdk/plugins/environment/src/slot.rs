//! The files of a GitOps repository that belong to one thing.

use std::collections::BTreeMap;

use idp_plugin_sdk::{Digest, Error, ErrorKind, Node, Result, Tree, TreePath};

/// Texts by name.
pub(crate) type Files = BTreeMap<String, String>;

/// A folder, or one file of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    folder: String,
    only: Option<String>,
}

impl Slot {
    pub(crate) fn folder(folder: String) -> Self {
        Self { folder, only: None }
    }

    pub(crate) fn file(folder: String, name: String) -> Self {
        Self { folder, only: Some(name) }
    }

    /// Where it is, for a person.
    pub(crate) fn path(&self) -> String {
        self.only.as_ref().map_or_else(|| self.folder.clone(), |name| self.full(name))
    }

    pub(crate) fn full(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    /// The name of a file in here; none for a file elsewhere.
    pub(crate) fn name<'a>(&self, path: &'a str) -> Option<&'a str> {
        let name = path.strip_prefix(&self.folder)?.strip_prefix('/')?;
        self.only.as_ref().is_none_or(|only| only == name).then_some(name)
    }

    /// Its files in a tree; none where there are none.
    pub(crate) fn read(&self, tree: &Tree) -> Result<Option<Files>> {
        let mut files = Files::new();
        for (path, node) in tree.iter() {
            if let Some(name) = self.name(path.as_str()) {
                files.insert(name.to_owned(), text(path, node)?);
            }
        }
        Ok(Some(files).filter(|it| !it.is_empty()))
    }

    /// The tree with other files here.
    pub(crate) fn write(&self, tree: &Tree, files: Option<&Files>) -> Result<Tree> {
        let mut out = tree.clone();
        let old: Vec<_> =
            tree.iter().map(|(path, _)| path).filter(|it| self.name(it.as_str()).is_some()).collect();
        for path in old {
            out.remove(path);
        }
        for (name, text) in files.into_iter().flatten() {
            out.insert(TreePath::new(&self.full(name))?, Node::file(text.as_bytes()))?;
        }
        Ok(out)
    }
}

fn text(path: &TreePath, node: &Node) -> Result<String> {
    let strange = || {
        Error::new(ErrorKind::Unsupported, "a file in the GitOps repository is no plain text")
            .with("path", path)
    };
    match node {
        Node::File { bytes, .. } => String::from_utf8(bytes.to_vec()).map_err(|_| strange()),
        _ => Err(strange()),
    }
}

/// The content address of files.
pub(crate) fn digest(files: &Files) -> Digest {
    Digest::of_parts(files.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]))
}

//! A set of files, in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Digest, Error, ErrorKind};

/// A relative path inside a [`Tree`]: parts joined by `/`, none of them empty, `.` or `..`.
///
/// Holding one is the proof that it cannot lead out of its tree.
///
/// ```
/// use idp_core::TreePath;
/// assert_eq!(TreePath::new("./a//b/")?.as_str(), "a/b");
/// assert!(TreePath::new("a/../../etc").is_err());
/// # Ok::<(), idp_core::TreeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TreePath(Arc<str>);

impl TreePath {
    /// Normalises `./a//b/` to `a/b`.
    ///
    /// # Errors
    /// [`TreeError`] for `..`, an absolute path, a NUL or backslash, an empty path, or one over 4096 bytes.
    pub fn new(path: &str) -> Result<Self, TreeError> {
        let clean = Self::normalise(path)?;
        if clean.is_empty() { Err(TreeError::Empty) } else { Ok(Self(clean.into())) }
    }

    /// As [`TreePath::new`], with `None` for the root of the tree (``, `.`, `./`).
    ///
    /// # Errors
    /// As [`TreePath::new`], but for the empty path.
    pub fn new_or_root(path: &str) -> Result<Option<Self>, TreeError> {
        let clean = Self::normalise(path)?;
        Ok((!clean.is_empty()).then(|| Self(clean.into())))
    }

    fn normalise(path: &str) -> Result<String, TreeError> {
        let outside = || TreeError::Outside(path.chars().take(200).collect());
        if path.len() > 4096 || path.contains(['\0', '\\']) {
            return Err(TreeError::Unusable(path.chars().take(200).collect()));
        }
        if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err(outside());
        }
        Ok(path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/"))
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folder that holds this path, or `None` at the top.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.into()))
    }

    /// This path below a folder.
    ///
    /// # Errors
    /// [`TreeError::Unusable`] where the whole grows too long.
    pub fn below(&self, folder: Option<&Self>) -> Result<Self, TreeError> {
        folder.map_or_else(|| Ok(self.clone()), |folder| Self::new(&format!("{folder}/{self}")))
    }

    /// The part of this path below `folder`; `None` where it is not below it.
    pub fn within(&self, folder: Option<&Self>) -> Option<Self> {
        let Some(folder) = folder else { return Some(self.clone()) };
        self.0.strip_prefix(&*folder.0)?.strip_prefix('/').map(|rest| Self(rest.into()))
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TreePath {
    type Err = TreeError;

    fn from_str(text: &str) -> Result<Self, TreeError> {
        Self::new(text)
    }
}

impl TryFrom<String> for TreePath {
    type Error = TreeError;

    fn try_from(text: String) -> Result<Self, TreeError> {
        Self::new(&text)
    }
}

impl From<TreePath> for String {
    fn from(path: TreePath) -> Self {
        path.as_str().to_owned()
    }
}

/// Why a path or a tree is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// It leads, or could lead, out of the tree.
    #[error("path `{0}` leads outside its folder")]
    Outside(String),
    /// It is too long, or holds a character that a path must not.
    #[error("path `{0}` is not usable as a relative path")]
    Unusable(String),
    /// It names nothing.
    #[error("path is empty")]
    Empty,
    /// A file stands where a folder is needed, or the other way round.
    #[error("`{0}` is both a file and a folder")]
    Clash(TreePath),
    /// The tree would grow beyond its limits.
    #[error("too large: {0}")]
    Limit(String),
}

impl From<TreeError> for Error {
    fn from(error: TreeError) -> Self {
        let kind = match error {
            TreeError::Outside(_) => ErrorKind::PermissionDenied,
            TreeError::Limit(_) => ErrorKind::LimitExceeded,
            TreeError::Clash(_) => ErrorKind::AlreadyExists,
            _ => ErrorKind::InvalidInput,
        };
        Self::new(kind, error.to_string())
    }
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A file: its bytes and its permission bits (`0o644`, `0o755`…).
    File {
        /// The content.
        bytes: Arc<[u8]>,
        /// Unix permission bits, `0o777` at most.
        mode: u32,
    },
    /// A symbolic link, kept as its text and never followed.
    Symlink {
        /// Where it points, as written.
        target: String,
    },
    /// A folder that is listed for its own sake. Folders implied by a file need no node.
    Folder,
}

impl Node {
    /// A plain file, mode `0o644`.
    pub fn file(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::File { bytes: bytes.into(), mode: 0o644 }
    }

    fn size(&self) -> u64 {
        match self {
            Self::File { bytes, .. } => bytes.len() as u64,
            Self::Symlink { target } => target.len() as u64,
            Self::Folder => 0,
        }
    }
}

/// How large a [`Tree`] may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeLimits {
    /// Bytes of content in all.
    pub bytes: u64,
    /// Nodes in all.
    pub nodes: usize,
}

impl Default for TreeLimits {
    /// 256 MiB in 100,000 nodes.
    fn default() -> Self {
        Self { bytes: 256 << 20, nodes: 100_000 }
    }
}

/// Files by path: a skeleton, a run's workspace, the content of a repository.
///
/// In memory, so that nothing a template names can reach the host's own files: a path is confined by its type and a
/// link is text. Contents are shared, so a clone costs a map and no bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<TreePath, Node>,
    bytes: u64,
    limits: TreeLimits,
}

impl Tree {
    /// An empty tree with the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty tree with other limits.
    pub fn with_limits(limits: TreeLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// How large it may grow.
    pub fn limits(&self) -> TreeLimits {
        self.limits
    }

    /// Bytes of content in all.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True without nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What stands at a path; a folder that only files imply is not found here.
    pub fn get(&self, path: &TreePath) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// The bytes of a file.
    pub fn read(&self, path: &TreePath) -> Option<&Arc<[u8]>> {
        match self.nodes.get(path) {
            Some(Node::File { bytes, .. }) => Some(bytes),
            _ => None,
        }
    }

    /// Puts a node at a path, replacing what stood there.
    ///
    /// # Errors
    /// [`TreeError::Clash`] where a file would become a folder or the reverse, [`TreeError::Limit`] where the tree
    /// would grow too large. The tree is unchanged then.
    pub fn insert(&mut self, path: TreePath, node: Node) -> Result<Option<Node>, TreeError> {
        self.check_clash(&path, &node)?;
        let old = self.nodes.get(&path).map_or(0, Node::size);
        let bytes = self.bytes - old + node.size();
        let nodes = self.nodes.len() + usize::from(!self.nodes.contains_key(&path));
        if bytes > self.limits.bytes || nodes > self.limits.nodes {
            let TreeLimits { bytes, nodes } = self.limits;
            return Err(TreeError::Limit(format!("at most {bytes} bytes in {nodes} files")));
        }
        self.bytes = bytes;
        Ok(self.nodes.insert(path, node))
    }

    fn check_clash(&self, path: &TreePath, node: &Node) -> Result<(), TreeError> {
        let mut above = path.parent();
        while let Some(folder) = above {
            if matches!(self.nodes.get(&folder), Some(Node::File { .. } | Node::Symlink { .. })) {
                return Err(TreeError::Clash(folder));
            }
            above = folder.parent();
        }
        let holds_others = *node != Node::Folder && self.below(Some(path)).next().is_some();
        let over_folder = *node != Node::Folder && self.nodes.get(path) == Some(&Node::Folder);
        let under_file = *node == Node::Folder && self.nodes.get(path).is_some_and(|it| *it != Node::Folder);
        if holds_others || over_folder || under_file { Err(TreeError::Clash(path.clone())) } else { Ok(()) }
    }

    /// Takes a node out.
    pub fn remove(&mut self, path: &TreePath) -> Option<Node> {
        let node = self.nodes.remove(path)?;
        self.bytes -= node.size();
        Some(node)
    }

    /// Whether a file, link or folder (also one that only files imply) is at a path.
    pub fn exists(&self, path: &TreePath) -> bool {
        self.nodes.contains_key(path) || self.below(Some(path)).next().is_some()
    }

    /// Whether a folder, listed or implied, is at a path.
    pub fn is_folder(&self, path: &TreePath) -> bool {
        matches!(self.nodes.get(path), Some(Node::Folder)) || self.below(Some(path)).next().is_some()
    }

    /// Every node by path.
    pub fn iter(&self) -> impl Iterator<Item = (&TreePath, &Node)> {
        self.nodes.iter()
    }

    /// Every node strictly below a folder, by path; all of them for the root (`None`).
    pub fn below(&self, folder: Option<&TreePath>) -> impl Iterator<Item = (&TreePath, &Node)> {
        let prefix = folder.map(|it| format!("{it}/"));
        let start = prefix
            .clone()
            .map_or(std::ops::Bound::Unbounded, |it| std::ops::Bound::Included(TreePath(it.into())));
        self.nodes.range((start, std::ops::Bound::Unbounded)).take_while(move |(path, _)| {
            prefix.as_ref().is_none_or(|prefix| path.0.starts_with(prefix.as_str()))
        })
    }

    /// The tree below a folder, with paths relative to it.
    pub fn subtree(&self, folder: Option<&TreePath>) -> Self {
        let nodes: BTreeMap<_, _> = self
            .below(folder)
            .filter_map(|(path, node)| Some((path.within(folder)?, node.clone())))
            .collect();
        let bytes = nodes.values().map(Node::size).sum();
        Self { nodes, bytes, limits: self.limits }
    }

    /// The content address: paths, kinds, executable bits and bytes. Other permission bits do not count, as no
    /// version control keeps them.
    pub fn digest(&self) -> Digest {
        let parts: Vec<_> = self.nodes.iter().map(|(path, node)| node_digest(path, node)).collect();
        Digest::of_parts(parts.iter().map(String::as_bytes))
    }
}

fn node_digest(path: &TreePath, node: &Node) -> String {
    match node {
        Node::File { bytes, mode } => {
            let kind = if mode & 0o111 == 0 { "file" } else { "exec" };
            format!("{kind} {path}\0{}", Digest::of_bytes(bytes))
        }
        Node::Symlink { target } => format!("link {path}\0{target}"),
        Node::Folder => format!("folder {path}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    #[test]
    fn files_and_folders_do_not_share_a_path() {
        let mut tree = Tree::new();
        tree.insert(path("a/b"), Node::file(*b"x")).unwrap();
        assert_eq!(tree.insert(path("a"), Node::file(*b"y")), Err(TreeError::Clash(path("a"))));
        assert_eq!(tree.insert(path("a/b/c"), Node::file(*b"y")), Err(TreeError::Clash(path("a/b"))));
        assert!(tree.is_folder(&path("a")));
        assert_eq!(
            tree.subtree(Some(&path("a"))).iter().map(|(it, _)| it.as_str()).collect::<Vec<_>>(),
            ["b"]
        );
    }

    #[test]
    fn neighbours_with_the_same_prefix_are_not_below() {
        let mut tree = Tree::new();
        for name in ["a-b", "a/x", "a0", "a"] {
            let _ = tree.insert(path(name), Node::file(*b""));
        }
        assert_eq!(tree.below(Some(&path("a"))).count(), 1);
    }

    #[test]
    fn limits_leave_the_tree_unchanged() {
        let mut tree = Tree::with_limits(TreeLimits { bytes: 3, nodes: 2 });
        tree.insert(path("a"), Node::file(*b"abc")).unwrap();
        assert!(matches!(tree.insert(path("b"), Node::file(*b"x")), Err(TreeError::Limit(_))));
        assert_eq!((tree.len(), tree.bytes()), (1, 3));
        tree.insert(path("a"), Node::file(*b"xyz")).unwrap();
    }

    proptest! {
        #[test]
        fn no_text_becomes_a_path_that_leaves_its_tree(text in ".*") {
            if let Ok(path) = TreePath::new(&text) {
                prop_assert!(!path.as_str().starts_with('/'));
                prop_assert!(path.as_str().split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
            }
        }
    }
}

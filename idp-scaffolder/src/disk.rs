//! Between folders on disk and trees in memory.
//!
//! A folder is listed and its folders are made by one thread; contents are read and written by all, for what a file costs
//! is mostly the operating system's time.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind as IoKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use idp_core::{Error, ErrorKind, Node, Result, Tree, TreeLimits, TreePath};

use crate::parallel::{Weigh, map_some};

/// Reads a folder, or a single file under its own name, into a tree. Links are kept as links and never followed.
///
/// # Errors
/// [`ErrorKind::NotFound`]; [`ErrorKind::LimitExceeded`] where there is more than `limits` allow.
pub fn read_folder(folder: &Path, limits: TreeLimits) -> Result<Tree> {
    let mut listing = Listing { found: Vec::new(), bytes: 0, limits };
    let meta = fs::symlink_metadata(folder).map_err(|error| io_error("cannot read", folder, error))?;
    if meta.is_dir() {
        listing.add_folder(folder, None)?;
    } else {
        let name = folder.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        listing.add(folder.to_owned(), TreePath::new(name)?, &meta)?;
    }
    let mut tree = Tree::with_limits(limits);
    let nodes = map_some(&listing.found, u64::MAX, read_node);
    for (found, node) in listing.found.iter().zip(nodes) {
        tree.insert(found.inner.clone(), node?)?;
    }
    Ok(tree)
}

/// Reads what a relative path names below a root, which it cannot leave: neither by `..` nor through a link.
///
/// # Errors
/// As [`read_folder`], and [`ErrorKind::PermissionDenied`] for a path that leads outside the root.
pub fn read_below(root: &Path, path: &str, limits: TreeLimits) -> Result<Tree> {
    let target = match TreePath::new_or_root(path)? {
        Some(path) => root.join(path.as_str()),
        None => root.to_owned(),
    };
    let root = root.canonicalize().map_err(|error| io_error("cannot read", root, error))?;
    let real = target.canonicalize().map_err(|error| io_error("cannot read", &target, error))?;
    if !real.starts_with(&root) {
        return Err(
            Error::new(ErrorKind::PermissionDenied, "the path leads outside its folder").with("path", path)
        );
    }
    read_folder(&real, limits)
}

/// Writes a tree into a folder, which is made where it is absent. Files that are there are overwritten.
///
/// # Errors
/// [`ErrorKind::PermissionDenied`] where a link in the folder stands in the way; whatever the file system answers.
pub fn write_folder(tree: &Tree, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| io_error("cannot make", folder, error))?;
    let mut made = HashSet::new();
    for (path, node) in tree.iter() {
        let inner = if *node == Node::Folder { Some(path.clone()) } else { path.parent() };
        make_folders(folder, inner, &mut made)?;
    }
    // Links last: where the file system takes two names for one, a file could be written through a link beside it.
    let is_link = |(_, node): &(&TreePath, &Node)| matches!(node, Node::Symlink { .. });
    let (links, others): (Vec<_>, Vec<_>) = tree.iter().partition(is_link);
    let written = map_some(&others, u64::MAX, |(path, node)| write_node(&folder.join(path.as_str()), node));
    written.into_iter().collect::<Result<()>>()?;
    links.into_iter().try_for_each(|(path, node)| write_node(&folder.join(path.as_str()), node))
}

/// Makes a folder and those above it. A tree has no links above its nodes, but the folder may have some of its own:
/// writing through one would leave the folder.
fn make_folders(root: &Path, inner: Option<TreePath>, made: &mut HashSet<TreePath>) -> Result<()> {
    let Some(inner) = inner.filter(|it| !made.contains(it)) else { return Ok(()) };
    make_folders(root, inner.parent(), made)?;
    let folder = root.join(inner.as_str());
    refuse_link(&folder)?;
    match fs::create_dir(&folder) {
        Err(error) if error.kind() == IoKind::AlreadyExists && folder.is_dir() => (),
        outcome => outcome.map_err(|error| io_error("cannot make", &folder, error))?,
    }
    made.insert(inner);
    Ok(())
}

fn write_node(target: &Path, node: &Node) -> Result<()> {
    refuse_link(target)?;
    match node {
        Node::Folder => Ok(()),
        Node::File { bytes, mode } => write_file(target, bytes, *mode),
        Node::Symlink { target: text } => make_link(text, target),
    }
    .map_err(|error| io_error("cannot write", target, error))
}

fn write_file(target: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let mut file = File::create(target)?;
    file.write_all(bytes)?;
    set_mode(&file, mode)
}

fn refuse_link(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink()) {
        true => {
            Err(Error::new(ErrorKind::PermissionDenied, "a link stands in the way")
                .with("path", path.display()))
        }
        false => Ok(()),
    }
}

/// What is in a folder, not yet read.
struct Listing {
    found: Vec<Found>,
    bytes: u64,
    limits: TreeLimits,
}

struct Found {
    path: PathBuf,
    inner: TreePath,
    kind: Kind,
}

enum Kind {
    /// A folder with nothing in it.
    Folder,
    Link,
    File {
        mode: u32,
        /// Its bytes when it was listed, which is what the limit was asked about.
        length: u64,
    },
}

impl Listing {
    fn add_folder(&mut self, folder: &Path, at: Option<&TreePath>) -> Result<()> {
        let names = self.names(folder)?;
        if let (Some(at), true) = (at, names.is_empty()) {
            self.push(folder.to_owned(), at.clone(), Kind::Folder)?;
        }
        for name in names {
            let path = folder.join(&name);
            let name = name
                .to_str()
                .ok_or_else(|| Error::invalid("a file name is not UTF-8").with("folder", folder.display()))?;
            let inner = TreePath::new(name)?.below(at)?;
            let meta = fs::symlink_metadata(&path).map_err(|error| io_error("cannot read", &path, error))?;
            self.add(path, inner, &meta)?;
        }
        Ok(())
    }

    /// What is in a folder, in order. One with more than may be read is not listed to its end.
    fn names(&self, folder: &Path) -> Result<Vec<OsString>> {
        let failed = |error| io_error("cannot read", folder, error);
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name());
            if names.len() > self.limits.nodes {
                return Err(self.too_many(folder));
            }
        }
        names.sort();
        Ok(names)
    }

    fn add(&mut self, path: PathBuf, inner: TreePath, meta: &fs::Metadata) -> Result<()> {
        if meta.is_dir() {
            return self.add_folder(&path, Some(&inner));
        }
        if meta.is_symlink() {
            return self.push(path, inner, Kind::Link);
        }
        if !meta.is_file() {
            return Err(Error::invalid("neither file, folder nor link").with("path", path.display()));
        }
        // Ask before reading: a file larger than the limit never gets into memory.
        self.bytes += meta.len();
        if self.bytes > self.limits.bytes {
            return Err(
                Error::new(ErrorKind::LimitExceeded, "too many bytes to read").with("path", path.display())
            );
        }
        self.push(path, inner, Kind::File { mode: mode_of(meta), length: meta.len() })
    }

    fn push(&mut self, path: PathBuf, inner: TreePath, kind: Kind) -> Result<()> {
        if self.found.len() == self.limits.nodes {
            return Err(self.too_many(&path));
        }
        self.found.push(Found { path, inner, kind });
        Ok(())
    }

    fn too_many(&self, at: &Path) -> Error {
        Error::new(ErrorKind::LimitExceeded, format!("more than {} files to read", self.limits.nodes))
            .with("path", at.display())
    }
}

fn read_node(found: &Found) -> Result<Node> {
    match found.kind {
        Kind::Folder => Ok(Node::Folder),
        Kind::Link => fs::read_link(&found.path)
            .map(|target| Node::Symlink { target: target.to_string_lossy().into_owned() }),
        Kind::File { mode, length } => {
            read_file(&found.path, length).map(|bytes| Node::File { bytes: bytes.into(), mode })
        }
    }
    .map_err(|error| io_error("cannot read", &found.path, error))
}

/// Reads a file that is not longer than it was.
fn read_file(path: &Path, length: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    File::open(path)?.take(length.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > length {
        true => Err(std::io::Error::new(IoKind::FileTooLarge, "it has grown since it was listed")),
        false => Ok(bytes),
    }
}

impl<T> Weigh for Result<T> {
    /// After a failure nothing more needs to be done.
    fn weight(&self) -> u64 {
        if self.is_ok() { 0 } else { u64::MAX }
    }
}

fn io_error(what: &str, path: &Path, error: std::io::Error) -> Error {
    let kind = match error.kind() {
        IoKind::NotFound => ErrorKind::NotFound,
        IoKind::PermissionDenied => ErrorKind::PermissionDenied,
        IoKind::AlreadyExists => ErrorKind::AlreadyExists,
        IoKind::FileTooLarge => ErrorKind::LimitExceeded,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, what).with("path", path.display()).because(error)
}

#[cfg(unix)]
fn mode_of(meta: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn mode_of(_: &fs::Metadata) -> u32 {
    0o644
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn make_link(text: &str, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(text, at)
}

#[cfg(not(unix))]
fn make_link(_: &str, _: &Path) -> std::io::Result<()> {
    Err(IoKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_round_trips_with_modes_links_and_empty_folders() {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::new();
        let path = |text| TreePath::new(text).unwrap();
        tree.insert(path("a/run.sh"), Node::File { bytes: b"#!".as_slice().into(), mode: 0o755 }).unwrap();
        tree.insert(path("a/link"), Node::Symlink { target: "../../outside".into() }).unwrap();
        tree.insert(path("empty"), Node::Folder).unwrap();
        write_folder(&tree, dir.path()).unwrap();
        assert_eq!(read_folder(dir.path(), TreeLimits::default()).unwrap(), tree);
    }

    #[test]
    fn nothing_is_read_or_written_through_a_link() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("out")).unwrap();
        let denied = |error: Error| error.kind() == ErrorKind::PermissionDenied;
        assert!(read_below(dir.path(), "out/secret", TreeLimits::default()).is_err_and(denied));
        assert!(read_below(dir.path(), "../x", TreeLimits::default()).is_err_and(denied));
        let mut tree = Tree::new();
        tree.insert(TreePath::new("out/new").unwrap(), Node::file(*b"y")).unwrap();
        assert!(write_folder(&tree, dir.path()).is_err_and(denied));
        assert!(!outside.path().join("new").exists());
    }

    #[test]
    fn links_are_written_after_every_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::new();
        for number in 0..200 {
            let path = |name: &str| TreePath::new(&format!("{number:03}-{name}")).unwrap();
            tree.insert(path("a"), Node::Symlink { target: "nowhere".into() }).unwrap();
            tree.insert(path("b"), Node::file(*b"x")).unwrap();
        }
        // The last file cannot be written, so that no link is made.
        tree.insert(TreePath::new("zzz").unwrap(), Node::file(*b"x")).unwrap();
        std::fs::create_dir(dir.path().join("zzz")).unwrap();
        write_folder(&tree, dir.path()).unwrap_err();
        let links =
            std::fs::read_dir(dir.path()).unwrap().filter(|it| it.as_ref().unwrap().path().is_symlink());
        assert_eq!(links.count(), 0);
    }

    #[test]
    fn a_file_that_grows_while_a_folder_is_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (path, inner) = (dir.path().join("log"), TreePath::new("log").unwrap());
        std::fs::write(&path, "12345").unwrap();
        let mut found = Found { path, inner, kind: Kind::File { mode: 0o644, length: 5 } };
        assert_eq!(read_node(&found).unwrap(), Node::File { bytes: (*b"12345").into(), mode: 0o644 });
        found.kind = Kind::File { mode: 0o644, length: 4 };
        assert_eq!(read_node(&found).unwrap_err().kind(), ErrorKind::LimitExceeded);
    }
}

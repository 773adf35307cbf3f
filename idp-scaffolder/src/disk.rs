//! Between folders on disk and trees in memory.

use std::fs;
use std::io::ErrorKind as IoKind;
use std::path::{Component, Path, PathBuf};

use idp_core::{Error, ErrorKind, Node, Result, Tree, TreeLimits, TreePath};

/// Reads a folder, or a single file under its own name, into a tree. Links are kept as links and never followed.
///
/// # Errors
/// [`ErrorKind::NotFound`]; [`ErrorKind::LimitExceeded`] where there is more than `limits` allow.
pub fn read_folder(folder: &Path, limits: TreeLimits) -> Result<Tree> {
    let mut tree = Tree::with_limits(limits);
    let meta = fs::symlink_metadata(folder).map_err(|error| io_error("cannot read", folder, error))?;
    if meta.is_dir() {
        add_folder(&mut tree, folder, None)?;
    } else {
        let name = folder.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        add_node(&mut tree, folder, TreePath::new(name)?, &meta)?;
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
    tree.iter().try_for_each(|(path, node)| write_node(folder, path, node))
}

fn write_node(folder: &Path, path: &TreePath, node: &Node) -> Result<()> {
    let target = folder.join(path.as_str());
    refuse_links_on_the_way(folder, path)?;
    let parent = if *node == Node::Folder { Some(target.as_path()) } else { target.parent() };
    if let Some(parent) = parent {
        fs::create_dir_all(parent).map_err(|error| io_error("cannot make", parent, error))?;
    }
    match node {
        Node::Folder => Ok(()),
        Node::File { bytes, mode } => fs::write(&target, bytes).and_then(|()| set_mode(&target, *mode)),
        Node::Symlink { target: text } => make_link(text, &target),
    }
    .map_err(|error| io_error("cannot write", &target, error))
}

/// A link that a tree holds is written after and beside files, never above them, but the folder may have links of its
/// own: writing through one would leave the folder.
fn refuse_links_on_the_way(folder: &Path, path: &TreePath) -> Result<()> {
    let mut at = folder.to_owned();
    for part in Path::new(path.as_str()).components() {
        if let Component::Normal(part) = part {
            at.push(part);
        }
        if fs::symlink_metadata(&at).is_ok_and(|meta| meta.is_symlink()) {
            return Err(Error::new(ErrorKind::PermissionDenied, "a link stands in the way")
                .with("path", at.display()));
        }
    }
    Ok(())
}

fn add_folder(tree: &mut Tree, folder: &Path, at: Option<&TreePath>) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|error| io_error("cannot read", folder, error))?;
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<PathBuf>>>()
        .map_err(|error| io_error("cannot read", folder, error))?;
    names.sort();
    if let (Some(at), true) = (at, names.is_empty()) {
        tree.insert(at.clone(), Node::Folder)?;
    }
    for path in names {
        let name = path
            .file_name()
            .and_then(|it| it.to_str())
            .ok_or_else(|| Error::invalid("a file name is not UTF-8").with("folder", folder.display()))?;
        let inner = TreePath::new(name)?.below(at)?;
        let meta = fs::symlink_metadata(&path).map_err(|error| io_error("cannot read", &path, error))?;
        add_node(tree, &path, inner, &meta)?;
    }
    Ok(())
}

fn add_node(tree: &mut Tree, path: &Path, inner: TreePath, meta: &fs::Metadata) -> Result<()> {
    if meta.is_dir() {
        return add_folder(tree, path, Some(&inner));
    }
    let failed = |error| io_error("cannot read", path, error);
    let node = if meta.is_symlink() {
        let target = fs::read_link(path).map_err(failed)?;
        Node::Symlink { target: target.to_string_lossy().into_owned() }
    } else if meta.is_file() {
        // Ask before reading: a file larger than the limit never gets into memory.
        if tree.bytes() + meta.len() > tree.limits().bytes {
            return Err(
                Error::new(ErrorKind::LimitExceeded, "too many bytes to read").with("path", path.display())
            );
        }
        Node::File { bytes: fs::read(path).map_err(failed)?.into(), mode: mode_of(meta) }
    } else {
        return Err(Error::invalid("neither file, folder nor link").with("path", path.display()));
    };
    tree.insert(inner, node)?;
    Ok(())
}

fn io_error(what: &str, path: &Path, error: std::io::Error) -> Error {
    let kind = match error.kind() {
        IoKind::NotFound => ErrorKind::NotFound,
        IoKind::PermissionDenied => ErrorKind::PermissionDenied,
        IoKind::AlreadyExists => ErrorKind::AlreadyExists,
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
fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> std::io::Result<()> {
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
}

//! Files of a folder, by URL.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use idp_core::{
    Cancel, Error, ErrorKind, FetchRequest, Fetched, Fetcher, Node, ProviderContext, Result, Tree, TreeError,
    TreePath, Validator,
};
use url::Url;

use super::excluded::Excluded;

/// Levels of folders that are read.
const MAX_DEPTH: usize = 64;

/// Reads files below a folder, and nothing outside it: no `..` and no link leads out. What is in `.git` is not read.
///
/// The folder answers for its own `file` URL, or, as a mirror, for the URLs of a server:
///
/// ```
/// use idp_catalog::FolderFetcher;
/// use idp_core::Fetcher;
/// use url::Url;
///
/// # let folder = std::env::temp_dir();
/// let mirror = FolderFetcher::mirror(Url::parse("https://git.example.org/acme/")?, &folder)?;
/// assert!(mirror.handles(&Url::parse("https://git.example.org/acme/orders/blob/main/catalog-info.yaml")?));
/// assert!(!mirror.handles(&Url::parse("https://git.example.org/other/x")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FolderFetcher {
    name: String,
    /// Ends with `/`.
    base: Url,
    root: PathBuf,
    excluded: Excluded,
}

impl FolderFetcher {
    /// Answers for `file` URLs below the folder.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such folder.
    pub fn new(root: impl AsRef<Path>) -> Result<Self> {
        let root = canonical(root.as_ref())?;
        let base = Url::from_directory_path(&root).map_err(|()| Error::invalid("not a folder"))?;
        Ok(Self { name: format!("folder:{}", root.display()), base, root, excluded: Excluded::default() })
    }

    /// Answers for the URLs below `base` with the files below the folder.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such folder; [`ErrorKind::InvalidInput`] for a base that has no paths
    /// below it.
    pub fn mirror(mut base: Url, root: impl AsRef<Path>) -> Result<Self> {
        if base.cannot_be_a_base() {
            return Err(Error::invalid("not the URL of a folder").with("url", base));
        }
        base.set_query(None);
        base.set_fragment(None);
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let (root, excluded) = (canonical(root.as_ref())?, Excluded::default());
        Ok(Self { name: format!("mirror:{base}"), base, root, excluded })
    }

    /// No files and folders whose path below the folder one of these patterns matches.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a pattern that is none.
    pub fn excluding(mut self, patterns: &[&str]) -> Result<Self> {
        self.excluded = Excluded::new(patterns)?;
        Ok(self)
    }

    /// What stands behind the base in a URL, still encoded.
    fn rest<'u>(&self, url: &'u Url) -> Option<&'u str> {
        let same = url.scheme() == self.base.scheme()
            && url.host_str() == self.base.host_str()
            && url.port_or_known_default() == self.base.port_or_known_default();
        let folder = self.base.path();
        let path = url.path();
        let itself = path == folder.strip_suffix('/').unwrap_or(folder);
        same.then(|| if itself { Some("") } else { path.strip_prefix(folder) }).flatten()
    }

    /// The path that a URL names: below the root, and without a link on the way.
    fn locate(&self, url: &Url) -> Result<PathBuf> {
        let outside = || Error::new(ErrorKind::Unsupported, "not below this folder").with("url", url);
        let rest = self.rest(url).ok_or_else(outside)?;
        let mut local = Url::from_directory_path(&self.root).map_err(|()| outside())?;
        local.set_path(&format!("{}{}", local.path(), rest.trim_end_matches('/')));
        let path = local.to_file_path().map_err(|()| outside())?;
        let above = path.parent().filter(|_| path != self.root).unwrap_or(&self.root);
        // Equal only where no part is a link; and a path without links cannot leave the root.
        if !path.starts_with(&self.root) || canonical(above)? != above {
            return Err(Error::new(
                ErrorKind::PermissionDenied,
                "the path leads through a link or out of the folder",
            )
            .with("url", url));
        }
        if self.is_excluded(&path) {
            return Err(Error::new(ErrorKind::PermissionDenied, "the path is left out of the folder")
                .with("url", url));
        }
        Ok(path)
    }

    fn is_excluded(&self, path: &Path) -> bool {
        let inner = path.strip_prefix(&self.root).ok().and_then(Path::to_str);
        inner.is_some_and(|it| self.excluded.covers(&it.replace(std::path::MAIN_SEPARATOR, "/")))
    }
}

#[async_trait]
impl Fetcher for FolderFetcher {
    fn name(&self) -> &str {
        &self.name
    }

    fn handles(&self, url: &Url) -> bool {
        self.rest(url).is_some()
    }

    /// The validator is the digest of the content: dates and sizes may stay as they are while a file changes.
    async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        cx.cancel.check()?;
        let path = self.locate(&request.url)?;
        let meta = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, error))?;
        let mut walk =
            Walk { fetcher: self, request, cancel: &cx.cancel, tree: Tree::with_limits(request.limits) };
        let fetched = if meta.is_dir() {
            walk.folder(&path, None, 0)?;
            let validator = Some(Validator::new(walk.tree.digest().to_string()));
            Fetched::Folder { tree: walk.tree, validator }
        } else {
            let name = TreePath::new(&file_name(&path)?)?;
            let node = walk.node(&path, &meta)?;
            walk.tree.insert(name.clone(), node.clone())?;
            let validator = Some(Validator::new(walk.tree.digest().to_string()));
            Fetched::File { name, node, validator }
        };
        let unchanged = request.known.is_some() && fetched.validator() == request.known.as_ref();
        Ok(if unchanged { Fetched::Unchanged } else { fetched })
    }
}

/// Files on their way from a folder into a tree.
struct Walk<'a> {
    fetcher: &'a FolderFetcher,
    request: &'a FetchRequest,
    cancel: &'a Cancel,
    tree: Tree,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, at: Option<&TreePath>, depth: usize) -> Result<()> {
        self.cancel.check()?;
        if depth > MAX_DEPTH {
            return Err(Error::new(ErrorKind::LimitExceeded, "folders are nested too deeply")
                .with("path", folder.display()));
        }
        for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if self.fetcher.is_excluded(&path) {
                continue;
            }
            let meta = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, error))?;
            let inner = TreePath::new(&file_name(&path)?)?.below(at)?;
            if meta.is_dir() {
                self.folder(&path, Some(&inner), depth + 1)?;
            } else if self.request.wants(&inner) {
                let node = self.node(&path, &meta)?;
                self.tree.insert(inner, node)?;
            }
        }
        Ok(())
    }

    /// Asks before it reads: a file larger than the limit never gets into memory.
    fn node(&self, path: &Path, meta: &Metadata) -> Result<Node> {
        let failed = |error| unreadable(path, error);
        if meta.is_symlink() {
            let target = fs::read_link(path).map_err(failed)?;
            return Ok(Node::Symlink { target: target.to_string_lossy().into_owned() });
        }
        if !meta.is_file() {
            return Err(Error::invalid("neither file, folder nor link").with("path", path.display()));
        }
        if self.tree.bytes() + meta.len() > self.tree.limits().bytes {
            let limit = format!("at most {} bytes", self.tree.limits().bytes);
            return Err(Error::from(TreeError::Limit(limit)).with("path", path.display()));
        }
        Ok(Node::file(fs::read(path).map_err(failed)?))
    }
}

fn file_name(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|it| it.to_str());
    let unusable = || Error::invalid("a file name is not UTF-8").with("path", path.display());
    name.map(str::to_owned).ok_or_else(unusable)
}

fn canonical(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| unreadable(path, error))
}

/// The error of a path that cannot be read.
pub(super) fn unreadable(path: &Path, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ErrorKind::NotFound,
        io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, "cannot read").with("path", path.display()).because(error)
}

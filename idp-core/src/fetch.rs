//! Reading files from elsewhere.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Error, ErrorKind, Node, ProviderContext, Result, Tree, TreeLimits, TreePath};

/// What a fetcher knows a state of a URL by: an entity tag, a date, a commit. Opaque to everybody but the fetcher that
/// made it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Validator(String);

impl Validator {
    /// A validator, by whatever text its fetcher will recognise.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which files of a folder are asked for.
type Filter = dyn Fn(&TreePath) -> bool + Send + Sync;

/// What to read.
///
/// ```
/// use idp_core::{FetchRequest, Validator};
/// use url::Url;
///
/// let request = FetchRequest::new(Url::parse("https://example.org/catalog-info.yaml")?)
///     .known(Some(Validator::new("\"a1\"")))
///     .only(|path| path.as_str().ends_with(".yaml"));
/// assert!(request.wants(&"docs/a.yaml".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct FetchRequest {
    /// Where.
    pub url: Url,
    /// What the caller has already, from an earlier answer to the same request.
    pub known: Option<Validator>,
    /// How much may come.
    pub limits: TreeLimits,
    filter: Option<Arc<Filter>>,
}

impl FetchRequest {
    /// Asks for everything at a URL, within the default limits.
    pub fn new(url: Url) -> Self {
        Self { url, known: None, limits: TreeLimits::default(), filter: None }
    }

    /// With what the caller has already.
    #[must_use]
    pub fn known(mut self, known: Option<Validator>) -> Self {
        self.known = known;
        self
    }

    /// With other limits.
    #[must_use]
    pub fn within(mut self, limits: TreeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Of a folder only the files whose path below it this accepts. A single file is not asked about.
    #[must_use]
    pub fn only(mut self, filter: impl Fn(&TreePath) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Some(Arc::new(filter));
        self
    }

    /// Whether a file of a folder is asked for.
    pub fn wants(&self, path: &TreePath) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter(path))
    }
}

impl fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest")
            .field("url", &self.url.as_str())
            .field("known", &self.known)
            .field("limits", &self.limits)
            .field("filtered", &self.filter.is_some())
            .finish()
    }
}

/// What stands at a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// What the caller has already. Only in answer to a request that names a validator.
    Unchanged,
    /// A single file.
    File {
        /// Its name, without folders.
        name: TreePath,
        /// The file; or a link, kept as its text.
        node: Node,
        /// What this state is known by, where the other side tells.
        validator: Option<Validator>,
    },
    /// A folder.
    Folder {
        /// What it holds.
        tree: Tree,
        /// What this state is known by, where the other side tells.
        validator: Option<Validator>,
    },
}

impl Fetched {
    /// What this state is known by.
    pub fn validator(&self) -> Option<&Validator> {
        match self {
            Self::Unchanged => None,
            Self::File { validator, .. } | Self::Folder { validator, .. } => validator.as_ref(),
        }
    }

    /// The files: a folder's content, or a single file under its own name.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for [`Fetched::Unchanged`]: whoever names a validator keeps what it is of.
    pub fn into_tree(self) -> Result<Tree> {
        match self {
            Self::Unchanged => Err(Error::new(
                ErrorKind::Internal,
                "a fetcher answers `unchanged` to somebody who has nothing",
            )),
            Self::Folder { tree, .. } => Ok(tree),
            Self::File { name, node, .. } => {
                let mut tree = Tree::new();
                tree.insert(name, node)?;
                Ok(tree)
            }
        }
    }
}

/// Reads files by URL: a folder on disk, a folder of a Git repository, a file on a web server.
///
/// There is one way to read, conditional or not: whoever has an answer already names its validator, and is told when
/// nothing changed.
#[async_trait]
pub trait Fetcher: fmt::Debug + Send + Sync + 'static {
    /// A name that is unique in a registry.
    fn name(&self) -> &str;

    /// Whether this fetcher answers for a URL. Decided from the URL alone.
    fn handles(&self, url: &Url) -> bool;

    /// The files at a URL.
    ///
    /// - A URL that [`Fetcher::handles`] refuses is [`ErrorKind::Unsupported`].
    /// - Nothing there is [`ErrorKind::NotFound`], and only where the other side says so: one that cannot be reached or
    ///   does not answer is [`ErrorKind::Unavailable`] or [`ErrorKind::Timeout`], for nothing is deleted then.
    /// - [`Fetched::Unchanged`] where the validator named is still that of what is there, and only then.
    /// - Links are kept as links and never followed.
    /// - More than the request's limits allow is [`ErrorKind::LimitExceeded`].
    /// - Of a folder, nothing that the request does not want.
    /// - A raised cancel flag ends the call soon, with [`ErrorKind::Cancelled`].
    /// - Changes nothing outside `cx.scratch()`.
    async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched>;
}

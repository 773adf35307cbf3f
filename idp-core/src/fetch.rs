//! Reading files from elsewhere.

use std::fmt;

use async_trait::async_trait;
use url::Url;

use crate::{ProviderContext, Result, Tree};

/// Reads files by URL: a folder on disk, a folder of a Git repository, an archive.
#[async_trait]
pub trait Fetcher: fmt::Debug + Send + Sync + 'static {
    /// A name that is unique in a registry.
    fn name(&self) -> &str;

    /// Whether this fetcher answers for a URL. Decided from the URL alone.
    fn handles(&self, url: &Url) -> bool;

    /// The files at a URL: a folder's content, or a single file under its own name.
    ///
    /// - Nothing there is [`crate::ErrorKind::NotFound`].
    /// - Changes nothing outside `cx.scratch()`.
    /// - Links are kept as links and never followed.
    /// - More than [`crate::TreeLimits`] allow is [`crate::ErrorKind::LimitExceeded`].
    async fn fetch(&self, cx: &ProviderContext, url: &Url) -> Result<Tree>;
}

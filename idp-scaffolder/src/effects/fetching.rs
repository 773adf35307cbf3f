//! Reading files by a URL that a template names.

use idp_core::{Error, ErrorKind, ProviderContext, Registry, Result, Tree, TreeLimits};
use url::Url;

use crate::disk::read_below;

/// Reads what a template's URL names. A relative URL stays below the template's own folder; an absolute one is for a
/// fetcher that a plugin brought, so that no template reads the host's files by naming them.
pub(super) async fn fetch(
    registry: &Registry,
    cx: &ProviderContext,
    base: Option<&Url>,
    url: &str,
    limits: TreeLimits,
) -> Result<Tree> {
    match Url::parse(url) {
        Ok(absolute) => fetch_absolute(registry, cx, &absolute).await,
        Err(_) => fetch_relative(registry, cx, base, url, limits).await,
    }
}

async fn fetch_absolute(registry: &Registry, cx: &ProviderContext, url: &Url) -> Result<Tree> {
    let fetcher = registry
        .find_fetcher(url)
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, "no plugin fetches this URL").with("url", url))?;
    fetcher.fetch(cx, url).await
}

async fn fetch_relative(
    registry: &Registry,
    cx: &ProviderContext,
    base: Option<&Url>,
    path: &str,
    limits: TreeLimits,
) -> Result<Tree> {
    let base = base.ok_or_else(|| {
        Error::invalid("a relative URL needs a template that was read from somewhere").with("url", path)
    })?;
    if base.scheme() == "file" {
        let root = base.to_file_path().map_err(|()| Error::invalid("not a folder").with("base", base))?;
        return read_below(&root, path, limits);
    }
    let joined =
        base.join(path).map_err(|error| Error::invalid("not a URL").with("url", path).because(error))?;
    if !joined.as_str().starts_with(base.as_str()) {
        return Err(Error::new(ErrorKind::PermissionDenied, "the URL leads outside the template's folder")
            .with("url", path));
    }
    fetch_absolute(registry, cx, &joined).await
}

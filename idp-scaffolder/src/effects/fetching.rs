//! Reading files by a URL that a template names.

use idp_core::{Error, ErrorKind, FetchRequest, ProviderContext, Registry, Result, Tree, TreeLimits};
use url::Url;

use crate::disk::read_below;

/// Where a template's relative URLs start, and what they cannot leave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) base: Option<&'a Url>,
    pub(crate) root: Option<&'a Url>,
}

/// Reads what a template's URL names. A relative URL stays below the template's root; an absolute one is for a fetcher
/// that a plugin brought, so that no template reads the host's files by naming them.
pub(super) async fn fetch(
    registry: &Registry,
    cx: &ProviderContext,
    place: Place<'_>,
    url: &str,
    limits: TreeLimits,
) -> Result<Tree> {
    match resolve(place, url)? {
        Resolved::Below { base, root } => read_relative(base, root, url, limits),
        Resolved::At(url) => registry.fetch(cx, &FetchRequest::new(url).within(limits)).await?.into_tree(),
    }
}

/// Where what a template's URL names is read.
#[derive(Debug)]
pub(crate) enum Resolved<'a> {
    /// Beside the template, which is a file.
    Below { base: &'a Url, root: &'a Url },
    /// At a URL.
    At(Url),
}

/// Where a URL leads.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for a relative URL of a template that was not read from anywhere;
/// [`ErrorKind::PermissionDenied`] for one that leads out of what the template may read.
pub(crate) fn resolve<'a>(place: Place<'a>, url: &str) -> Result<Resolved<'a>> {
    if let Ok(absolute) = Url::parse(url) {
        return Ok(Resolved::At(absolute));
    }
    let (Some(base), Some(root)) = (place.base, place.root) else {
        return Err(
            Error::invalid("a relative URL needs a template that was read from somewhere").with("url", url)
        );
    };
    if base.scheme() == "file" {
        return Ok(Resolved::Below { base, root });
    }
    let joined =
        base.join(url).map_err(|error| Error::invalid("not a URL").with("url", url).because(error))?;
    if !joined.as_str().starts_with(root.as_str()) {
        return Err(outside(url));
    }
    Ok(Resolved::At(joined))
}

/// Reads what a relative URL names beside a template that is a file.
pub(crate) fn read_relative(base: &Url, root: &Url, url: &str, limits: TreeLimits) -> Result<Tree> {
    let path = below_root(base, root, url)?;
    let root = root.to_file_path().map_err(|()| Error::invalid("not a folder").with("root", root))?;
    read_below(&root, &path, limits)
}

/// The path below the root that a path relative to the base names.
fn below_root(base: &Url, root: &Url, path: &str) -> Result<String> {
    let folder = |url: &Url| url.to_file_path().map_err(|()| Error::invalid("not a folder").with("url", url));
    let inner = folder(base)?;
    let inner = inner.strip_prefix(folder(root)?).map_err(|_| outside(path))?;
    let mut parts: Vec<_> = inner.iter().filter_map(|it| it.to_str()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or_else(|| outside(path))?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn outside(url: &str) -> Error {
    Error::new(ErrorKind::PermissionDenied, "the URL leads outside the template's folder").with("url", url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_urls_stay_below_the_root() {
        let url = |text| Url::parse(text).unwrap();
        let (base, root) = (url("file:///repo/templates/a/"), url("file:///repo/"));
        let ok = |path| below_root(&base, &root, path).unwrap();
        assert_eq!(ok("./skeleton"), "templates/a/skeleton");
        assert_eq!(ok("../../shared/x"), "shared/x");
        assert_eq!(ok("/skeleton//y/"), "templates/a/skeleton/y");
        assert!(below_root(&base, &root, "../../../etc").is_err());
        assert!(below_root(&base, &base, "../b").is_err());
    }
}

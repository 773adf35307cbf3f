//! Files of a repository, by URL.

use std::path::Path;

use idp_plugin_sdk::{
    Error, ErrorKind, FetchRequest, Fetched, Fetcher, ProviderContext, Result, Tree, TreePath, Url,
    Validator, async_trait,
};
use percent_encoding::percent_decode_str;

use crate::GitConfig;
use crate::repo_url::RepoUrl;
use crate::target::Target;

/// Reads `<repository>/tree/<branch>/<folder>` and `<repository>/blob/<branch>/<file>`, where the repository's address
/// ends in `.git` or its host is configured, and `<repository>` alone for everything on the default branch.
#[derive(Clone, Debug, Default)]
pub struct GitFetcher(GitConfig);

impl GitFetcher {
    /// A fetcher, so configured.
    pub fn new(config: GitConfig) -> Self {
        Self(config)
    }

    fn locate(&self, url: &Url) -> Result<Option<Located>> {
        let parts: Vec<_> = url.path().split('/').filter(|it| !it.is_empty()).collect();
        if let Some(end) = parts.iter().position(|it| it.ends_with(".git") && it.len() > 4) {
            let mut repository = url.clone();
            repository.set_path(&parts[..=end].join("/"));
            repository.set_query(None);
            repository.set_fragment(None);
            return Located::new(repository.into(), &parts[end + 1..]).map(Some);
        }
        match (url.host_str(), &parts[..]) {
            (Some(host), [owner, repo, rest @ ..])
                if url.scheme().starts_with("http") && self.0.pattern(host).is_some() =>
            {
                let repo_url = RepoUrl::parse(&format!("{host}?owner={owner}&repo={repo}"))?;
                Located::new(repo_url.place(&self.0)?, rest).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// What a URL asks for.
#[derive(Debug)]
struct Located {
    repository: String,
    branch: Option<String>,
    path: Option<TreePath>,
}

impl Located {
    /// `rest` is what stands behind the repository: `blob/main/a/b`, `-/tree/main`, or nothing.
    fn new(repository: String, rest: &[&str]) -> Result<Self> {
        let rest = if rest.first() == Some(&"-") { &rest[1..] } else { rest };
        match rest {
            [] => Ok(Self { repository, branch: None, path: None }),
            ["blob" | "tree" | "raw" | "src", branch, path @ ..] => Ok(Self {
                repository,
                branch: Some(decoded(branch)?),
                path: TreePath::new_or_root(&decoded(&path.join("/"))?)?,
            }),
            _ => {
                Err(Error::invalid("expected `/blob/<branch>/…` or `/tree/<branch>/…` behind the repository")
                    .with("repository", repository))
            }
        }
    }
}

#[async_trait]
impl Fetcher for GitFetcher {
    fn name(&self) -> &str {
        "git"
    }

    fn handles(&self, url: &Url) -> bool {
        let known = ["file", "git", "http", "https", "ssh"].contains(&url.scheme());
        known && !matches!(self.locate(url), Ok(None))
    }

    async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        cx.cancel.check()?;
        let unsupported =
            || Error::new(ErrorKind::Unsupported, "not in a Git repository").with("url", &request.url);
        let located = self.locate(&request.url)?.ok_or_else(unsupported)?;
        // A secret that is missing is not a file that is gone.
        let target =
            Target::new(&self.0, cx, &located.repository).await.map_err(|error| match error.kind() {
                ErrorKind::NotFound => {
                    Error::new(ErrorKind::Missing, "the repository's secret is not to be had").because(error)
                }
                _ => error,
            })?;
        if located.is_known(&target, request).await? {
            return Ok(Fetched::Unchanged);
        }
        let (commit, tree) = located.read(&target, request).await?;
        let validator = Some(Validator::new(commit));
        if validator == request.known {
            return Ok(Fetched::Unchanged);
        }
        located.pick(&tree, validator).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the repository holds nothing there").with("url", &request.url)
        })
    }
}

impl Located {
    /// Whether what the caller has is of the commit that the server says the branch is at. The commit is the validator:
    /// one question to the server, and no files.
    async fn is_known(&self, target: &Target<'_>, request: &FetchRequest) -> Result<bool> {
        let Some(known) = request.known.as_ref().map(Validator::as_str) else { return Ok(false) };
        // A branch that is a commit never moves.
        if self.branch.as_deref() == Some(known) && is_commit(known) {
            return Ok(true);
        }
        if target.local()?.is_some() {
            return Ok(false);
        }
        let refs = target.git.branches(target.cancel(), &target.url).await?;
        let branch = self.branch.as_ref().or(refs.default_branch.as_ref());
        Ok(branch.and_then(|it| refs.branches.get(it)).is_some_and(|it| it == known))
    }

    /// The commit, and its files at or below the path, as far as they are asked for.
    async fn read(&self, target: &Target<'_>, request: &FetchRequest) -> Result<(String, Tree)> {
        let name = self.branch.as_deref().unwrap_or("HEAD");
        if let Some(local) = target.local()? {
            let commit = target.git.resolve(target.cancel(), local.folder(), name).await?;
            let tree = self.files(target, local.folder(), &commit, request).await?;
            return Ok((commit, tree));
        }
        let scratch = target.scratch().await?;
        let commit = target.git.fetch(target.cancel(), scratch.path(), &target.url, name, false).await?;
        let tree = self.files(target, scratch.path(), &commit, request).await?;
        Ok((commit, tree))
    }

    async fn files(
        &self,
        target: &Target<'_>,
        repository: &Path,
        commit: &str,
        request: &FetchRequest,
    ) -> Result<Tree> {
        let wanted = |path: &TreePath| {
            self.path.as_ref() == Some(path)
                || path.within(self.path.as_ref()).is_some_and(|path| request.wants(&path))
        };
        let at = self.path.as_ref();
        target.git.read_some(target.cancel(), repository, commit, at, &wanted, request.limits).await
    }

    /// A folder's content, or a single file under its own name.
    fn pick(&self, tree: &Tree, validator: Option<Validator>) -> Option<Fetched> {
        let Some(path) = &self.path else { return Some(Fetched::Folder { tree: tree.clone(), validator }) };
        match tree.get(path) {
            Some(node) => {
                let name = TreePath::new(path.file_name()).ok()?;
                Some(Fetched::File { name, node: node.clone(), validator })
            }
            None if tree.is_folder(path) => {
                Some(Fetched::Folder { tree: tree.subtree(Some(path)), validator })
            }
            None => None,
        }
    }
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|it| it.is_ascii_hexdigit())
}

/// `%2F` and the like, replaced.
fn decoded(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| Error::invalid("a URL that is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(url: &str) -> Option<(String, Option<String>, Option<String>)> {
        let fetcher =
            GitFetcher::new(GitConfig::default().with_host("github.com", "file:///srv/{owner}/{repo}.git"));
        let found = fetcher.locate(&Url::parse(url).unwrap()).unwrap()?;
        Some((found.repository, found.branch, found.path.map(String::from)))
    }

    #[test]
    fn urls() {
        let some = |text: &str| Some(text.to_owned());
        for (url, repository, branch, path) in [
            ("file:///srv/a.git/blob/main/x/y.md", "file:///srv/a.git", some("main"), some("x/y.md")),
            ("file:///srv/a.git/tree/v%2F1/", "file:///srv/a.git", some("v/1"), None),
            ("https://h/g/a.git/-/tree/main/d%20e", "https://h/g/a.git", some("main"), some("d e")),
            ("https://github.com/o/r/tree/main/t", "file:///srv/o/r.git", some("main"), some("t")),
            ("https://github.com/o/r", "file:///srv/o/r.git", None, None),
        ] {
            assert_eq!(located(url), Some((repository.to_owned(), branch, path)), "{url}");
        }
        assert_eq!(located("https://example.org/o/r/tree/main"), None);
        assert_eq!(located("file:///srv/skeleton/"), None);
    }
}

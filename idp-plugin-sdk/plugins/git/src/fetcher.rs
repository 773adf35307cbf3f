//! Files of a repository, by URL.

use idp_plugin_sdk::{Error, ErrorKind, Fetcher, ProviderContext, Result, Tree, TreePath, Url, async_trait};

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

    async fn fetch(&self, cx: &ProviderContext, url: &Url) -> Result<Tree> {
        let located = self
            .locate(url)?
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, "not in a Git repository").with("url", url))?;
        let target = Target::new(&self.0, cx, &located.repository).await?;
        let tree = read(&target, located.branch.as_deref()).await?;
        pick(&tree, located.path.as_ref()).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the repository holds nothing there").with("url", url)
        })
    }
}

async fn read(target: &Target<'_>, branch: Option<&str>) -> Result<Tree> {
    let name = branch.unwrap_or("HEAD");
    if let Some(local) = target.local()? {
        let commit = target.git.resolve(target.cancel(), local.folder(), name).await?;
        return target.read(local.folder(), &commit).await;
    }
    let scratch = target.scratch().await?;
    let commit = target.git.fetch(target.cancel(), scratch.path(), &target.url, name, false).await?;
    target.read(scratch.path(), &commit).await
}

/// A folder's content, or a single file under its own name.
fn pick(tree: &Tree, path: Option<&TreePath>) -> Option<Tree> {
    let Some(path) = path else { return Some(tree.clone()) };
    let Some(node) = tree.get(path) else {
        return tree.is_folder(path).then(|| tree.subtree(Some(path)));
    };
    let mut single = Tree::with_limits(tree.limits());
    single.insert(TreePath::new(path.file_name()).ok()?, node.clone()).ok()?;
    Some(single)
}

/// `%2F` and the like, replaced.
fn decoded(text: &str) -> Result<String> {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => out.extend(b"%".iter().chain(part.as_bytes())),
        }
    }
    String::from_utf8(out).map_err(|_| Error::invalid("a URL that is not UTF-8"))
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

//! `github.com?owner=acme&repo=orders`: how existing templates name a repository.

use std::collections::BTreeMap;

use idp_plugin_sdk::{Error, Result, Url};

use crate::GitConfig;

/// A host and the parameters that name a repository on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RepoUrl {
    pub host: String,
    pub parameters: BTreeMap<String, String>,
}

impl RepoUrl {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let bad = || Error::invalid("not of the form `host?owner=…&repo=…`").with("repoUrl", text);
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&full).map_err(|_| bad())?;
        let host = url.host_str().ok_or_else(bad)?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self { host, parameters: url.query_pairs().into_owned().collect() })
    }

    /// Where the configuration says that the repository is.
    pub(crate) fn place(&self, config: &GitConfig) -> Result<String> {
        let pattern = config.pattern(&self.host).ok_or_else(|| {
            Error::invalid("no place is configured for the repositories of this host")
                .with("host", &self.host)
                .with("help", "add it to `hosts` of the git plugin")
        })?;
        self.fill(pattern)
    }

    fn fill(&self, pattern: &str) -> Result<String> {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| Error::invalid("a `{` without `}` in `hosts`").with("pattern", pattern))?;
            out.push_str(before);
            out.push_str(&self.value(name, pattern.contains("://"))?);
            rest = after;
        }
        Ok(out + rest)
    }

    /// A parameter as a part of a path, which it must not lead out of. Groups of GitLab hold `/`.
    fn value(&self, name: &str, is_url: bool) -> Result<String> {
        let value = if name == "host" { Some(&self.host) } else { self.parameters.get(name) };
        let value = value
            .ok_or_else(|| Error::invalid(format!("`repoUrl` has no `{name}`")).with("host", &self.host))?;
        let bad_part = |part: &str| part.is_empty() || part.starts_with(['.', '-']);
        if value.split('/').any(bad_part) || value.contains('\\') || value.chars().any(char::is_control) {
            return Err(
                Error::invalid(format!("`{name}` is not usable as a part of a path")).with("value", value)
            );
        }
        Ok(if is_url { encoded(value) } else { value.clone() })
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte);
    text.bytes().map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(repo_url: &str, pattern: &str) -> Result<String> {
        RepoUrl::parse(repo_url)?.place(&GitConfig::default().with_host("*", pattern))
    }

    #[test]
    fn places() {
        for (repo_url, pattern, expected) in [
            ("github.com?owner=a&repo=b", "file:///srv/{owner}/{repo}.git", "file:///srv/a/b.git"),
            ("gitlab.com?owner=g%2Fh&repo=b", "/srv/{host}/{owner}/{repo}.git", "/srv/gitlab.com/g/h/b.git"),
            (
                "dev.azure.com?organization=o&project=My%20P&repo=r",
                "https://h/{organization}/{project}/_git/{repo}",
                "https://h/o/My%20P/_git/r",
            ),
            ("host:8443?repo=r", "/{host}/{repo}", "/host:8443/r"),
        ] {
            assert_eq!(place(repo_url, pattern).unwrap(), expected);
        }
        for bad in [
            "github.com?repo=b",
            "github.com?owner=..&repo=b",
            "github.com?owner=a%2F..&repo=b",
            "",
            "?owner=a",
        ] {
            assert!(place(bad, "file:///srv/{owner}/{repo}.git").is_err(), "{bad}");
        }
    }
}

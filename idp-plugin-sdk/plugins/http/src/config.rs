//! What a host configures.

use std::collections::BTreeMap;

use idp_plugin_sdk::{Hosts, Result, Url};
use serde::{Deserialize, Serialize};

/// How the plugin works. Every field has a default; without an allowed host it reads nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HttpConfig {
    /// The hosts to speak to, also when following redirects.
    pub hosts: Hosts,
    /// Where a host keeps the bytes of what it shows under `/blob/` or `/tree/`:
    /// `"github.com": "https://raw.githubusercontent.com/{project}/{path}"`,
    /// `"gitlab.com": "https://gitlab.com/{project}/-/raw/{path}"`.
    ///
    /// `{project}` is what stands before `/blob/` (or `/-/blob/`), `{path}` what stands behind it, the branch included.
    /// A host that is listed here is allowed, and so is the place it is sent to.
    pub raw: BTreeMap<String, String>,
    /// What to tell servers that ask who is there. The first whose `url` matches is used.
    pub credentials: Vec<Credential>,
    /// How long one request may take, its answer included.
    pub timeout_seconds: u64,
    /// How many redirects are followed.
    pub redirects: usize,
}

/// A secret for the URLs below a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    /// For every URL of the same scheme, host and port at or below this path: `https://git.example.org/api/`.
    pub url: Url,
    /// The name of the secret in the host's store.
    pub secret: String,
    /// How it is told.
    #[serde(default)]
    pub authorization: Authorization,
}

/// How a secret is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Authorization {
    /// `Authorization: Bearer <secret>`.
    #[default]
    Bearer,
    /// `Authorization: Basic …`, with this user name.
    Basic(String),
    /// A header of this name: `PRIVATE-TOKEN`.
    Header(String),
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            hosts: Hosts::none(),
            raw: BTreeMap::new(),
            credentials: Vec::new(),
            timeout_seconds: 30,
            redirects: 5,
        }
    }
}

impl HttpConfig {
    /// With one host more to speak to, as in [`Hosts::allow`].
    ///
    /// # Errors
    /// As [`Hosts::allow`].
    pub fn allow(mut self, host: &str) -> Result<Self> {
        self.hosts = self.hosts.allow(host)?;
        Ok(self)
    }

    /// With the place of a host's bytes, as in [`HttpConfig::raw`].
    #[must_use]
    pub fn with_raw(mut self, host: impl Into<String>, pattern: impl Into<String>) -> Self {
        self.raw.insert(host.into(), pattern.into());
        self
    }

    /// Where the bytes of a page of a Git host are.
    pub(crate) fn raw_url(&self, url: &Url) -> Option<Url> {
        let pattern = self.raw.get(url.host_str()?)?;
        let (project, path) = ["/-/blob/", "/-/tree/", "/-/raw/", "/blob/", "/tree/", "/raw/"]
            .iter()
            .find_map(|marker| url.path().split_once(marker))?;
        let raw = pattern.replace("{project}", project.trim_start_matches('/')).replace("{path}", path);
        Url::parse(&raw).ok()
    }
}

impl Credential {
    /// Whether it is for a URL. Paths are compared part by part: a prefix of a name is another name.
    pub(crate) fn is_for(&self, url: &Url) -> bool {
        let folder = self.url.path().trim_end_matches('/');
        let below = url.path().strip_prefix(folder).is_some_and(|it| it.is_empty() || it.starts_with('/'));
        url.origin() == self.url.origin() && below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn pages_become_files() {
        let config = HttpConfig::default()
            .with_raw("github.com", "https://raw.githubusercontent.com/{project}/{path}")
            .with_raw("gitlab.com", "https://gitlab.com/{project}/-/raw/{path}");
        for (page, raw) in [
            (
                "https://github.com/o/r/blob/main/a%20b.yaml",
                "https://raw.githubusercontent.com/o/r/main/a%20b.yaml",
            ),
            ("https://gitlab.com/g/h/r/-/blob/v1/x.yaml", "https://gitlab.com/g/h/r/-/raw/v1/x.yaml"),
        ] {
            assert_eq!(config.raw_url(&url(page)), Some(url(raw)));
        }
        assert_eq!(config.raw_url(&url("https://github.com/o/r")), None);
        assert_eq!(config.raw_url(&url("https://example.org/o/r/blob/main/x")), None);
    }

    #[test]
    fn a_credential_is_for_its_own_server_and_folder() {
        let credential = |text| Credential {
            url: url(text),
            secret: "s".to_owned(),
            authorization: Authorization::Bearer,
        };
        assert!(credential("https://h.org").is_for(&url("https://h.org/a/b")));
        assert!(credential("https://h.org/a/").is_for(&url("https://h.org/a/b")));
        for other in
            ["https://h.org.evil.com/a", "http://h.org/a", "https://h.org:8443/a", "https://h.org/ab"]
        {
            assert!(!credential("https://h.org/a").is_for(&url(other)), "{other}");
        }
    }
}

//! What a host configures.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use idp_plugin_sdk::git::{Git, GitUrl};
use idp_plugin_sdk::resources::Author;
use idp_plugin_sdk::{ProviderContext, Result};
use serde::{Deserialize, Serialize};

/// How the plugin works. Every field has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GitConfig {
    /// The `git` program; looked up in `PATH` where it is not named.
    pub program: Option<PathBuf>,
    /// How long one call of it may take.
    pub timeout_seconds: u64,
    /// Who writes commits that name no author.
    pub author: Author,
    /// What to tell servers that ask who is there. The first whose `url` matches is used.
    pub credentials: Vec<Credential>,
    /// Where the repositories of a host are: `"github.com": "file:///srv/git/{owner}/{repo}.git"`.
    ///
    /// For the `publish:*` actions and for reading `https://<host>/<owner>/<repo>/tree/…`. `{host}` and every
    /// parameter of `repoUrl` (`{owner}`, `{repo}`, `{organization}`, `{project}`, `{workspace}`) are replaced. The
    /// host `*` stands for those not listed.
    pub hosts: BTreeMap<String, String>,
}

/// A user name and the secret that goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    /// For every repository whose URL starts so: `https://git.example.org/`.
    pub url: String,
    /// The user name; many servers take any with a token.
    #[serde(default = "any_user")]
    pub user: String,
    /// The name of the secret in the host's store.
    pub secret: String,
}

fn any_user() -> String {
    "x-access-token".to_owned()
}

impl Default for GitConfig {
    fn default() -> Self {
        Self {
            program: None,
            timeout_seconds: 300,
            author: Author::new("Scaffolder", "scaffolder@backstage.io"),
            credentials: Vec::new(),
            hosts: BTreeMap::new(),
        }
    }
}

impl GitConfig {
    /// With the place of a host's repositories, as in [`GitConfig::hosts`].
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>, pattern: impl Into<String>) -> Self {
        self.hosts.insert(host.into(), pattern.into());
        self
    }

    /// The pattern for a host.
    pub(crate) fn pattern(&self, host: &str) -> Option<&str> {
        self.hosts.get(host).or_else(|| self.hosts.get("*")).map(String::as_str)
    }

    /// The program, with the credentials that a repository needs.
    pub(crate) async fn git(&self, cx: &ProviderContext, url: &GitUrl) -> Result<Git> {
        let mut git = Git::new().with_timeout(Duration::from_secs(self.timeout_seconds));
        if let Some(program) = &self.program {
            git = git.with_program(program);
        }
        match self.credentials.iter().find(|it| url.as_str().starts_with(&it.url)) {
            Some(Credential { url, user, secret }) => {
                Ok(git.with_token(url, user, &cx.secrets.get(secret).await?))
            }
            None => Ok(git),
        }
    }
}

//! What a host configures.

use std::collections::BTreeMap;

use idp_plugin_sdk::git::GitSettings;
use serde::{Deserialize, Serialize};

/// How the plugin works. Every field has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GitConfig {
    /// The program, credentials and default author.
    pub git: GitSettings,
    /// Where the repositories of a host are: `"github.com": "file:///srv/git/{owner}/{repo}.git"`.
    ///
    /// For the `publish:*` actions and for reading `https://<host>/<owner>/<repo>/tree/…`. `{host}` and every
    /// parameter of `repoUrl` (`{owner}`, `{repo}`, `{organization}`, `{project}`, `{workspace}`) are replaced. The
    /// host `*` stands for those not listed.
    pub hosts: BTreeMap<String, String>,
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
}

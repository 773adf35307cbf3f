//! What a host configures.

use std::collections::BTreeMap;

use idp_plugin_sdk::git::GitSettings;
use idp_plugin_sdk::resources::{GitOpsPlace, Location};
use idp_plugin_sdk::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// How the plugin works. Every field has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EnvironmentConfig {
    /// The program, credentials and author of commits.
    pub git: GitSettings,
    /// Where the desired state of each environment is kept, for resources that do not say it. `*` stands for those not
    /// listed.
    pub environments: BTreeMap<String, GitOpsPlace>,
}

impl EnvironmentConfig {
    /// With the place of an environment, as in [`EnvironmentConfig::environments`].
    #[must_use]
    pub fn with_environment(mut self, name: impl Into<String>, place: GitOpsPlace) -> Self {
        self.environments.insert(name.into(), place);
        self
    }

    /// Where the desired state of a thing is kept.
    pub(crate) fn place<'a>(&'a self, location: &'a Location) -> Result<&'a GitOpsPlace> {
        let configured =
            || self.environments.get(&location.environment).or_else(|| self.environments.get("*"));
        location.gitops.as_ref().or_else(configured).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "no GitOps repository is known for this environment")
                .with("environment", &location.environment)
                .with("help", "give `gitops`, or add it to `environments` of the environment plugin")
        })
    }
}

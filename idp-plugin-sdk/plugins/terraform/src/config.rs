//! What a host configures.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How the plugin works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TerraformConfig {
    /// The folder that holds a folder for each stack.
    pub state_folder: PathBuf,
    /// The program; `terraform`, then `tofu` from `PATH` where it is not named.
    #[serde(default)]
    pub program: Option<PathBuf>,
    /// How long one call of it may take.
    #[serde(default = "half_an_hour")]
    pub timeout_seconds: u64,
    /// How long it may take to end in good order once the host cancels.
    #[serde(default = "two_minutes")]
    pub grace_seconds: u64,
    /// A folder that keeps providers once they were downloaded.
    #[serde(default)]
    pub plugin_cache: Option<PathBuf>,
    /// Variables of the host's environment that the program gets: `HOME`, `AWS_PROFILE`, `HTTPS_PROXY`.
    #[serde(default)]
    pub pass_environment: Vec<String>,
    /// Secrets that the program gets, by variable of the environment: `{"TF_VAR_password": "database-password"}`.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
}

impl TerraformConfig {
    /// With a folder for the stacks, and everything else at its default.
    pub fn new(state_folder: impl Into<PathBuf>) -> Self {
        Self {
            state_folder: state_folder.into(),
            program: None,
            timeout_seconds: half_an_hour(),
            grace_seconds: two_minutes(),
            plugin_cache: None,
            pass_environment: Vec::new(),
            secrets: BTreeMap::new(),
        }
    }
}

fn half_an_hour() -> u64 {
    1800
}

fn two_minutes() -> u64 {
    120
}

//! What a host configures.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How the plugin works. Every field has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TerraformConfig {
    /// The folder that holds a folder for each stack.
    pub state_folder: PathBuf,
    /// The program; `terraform`, then `tofu` from `PATH` where it is not named.
    pub program: Option<PathBuf>,
    /// How long one call of it may take.
    pub timeout_seconds: u64,
    /// How long it may take to end in good order once the host cancels.
    pub grace_seconds: u64,
    /// A folder that keeps providers once they were downloaded.
    pub plugin_cache: Option<PathBuf>,
    /// Variables of the host's environment that the program gets: `HOME`, `AWS_PROFILE`, `HTTPS_PROXY`.
    pub pass_environment: Vec<String>,
    /// Secrets that the program gets, by variable of the environment: `{"TF_VAR_password": "database-password"}`.
    pub secrets: BTreeMap<String, String>,
}

impl TerraformConfig {
    /// With a folder for the stacks, and everything else at its default.
    pub fn new(state_folder: impl Into<PathBuf>) -> Self {
        Self { state_folder: state_folder.into(), ..Self::default() }
    }
}

impl Default for TerraformConfig {
    /// Stacks in the folder `stacks` where the host runs, half an hour for each call, two minutes to end it.
    fn default() -> Self {
        Self {
            state_folder: "stacks".into(),
            program: None,
            timeout_seconds: 1800,
            grace_seconds: 120,
            plugin_cache: None,
            pass_environment: Vec::new(),
            secrets: BTreeMap::new(),
        }
    }
}

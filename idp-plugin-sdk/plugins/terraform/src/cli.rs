//! The program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use idp_plugin_sdk::process::{Command, Output};
use idp_plugin_sdk::{Error, ErrorKind, ProviderContext, Redactor, Result, Secret};
use serde_json::Value;

use crate::TerraformConfig;
use crate::workdir::{CLI_CONFIG, PLAN, VARIABLES};

/// A run of the program that outlived a killed host ends by itself.
const LOCK: &str = "-lock-timeout=60s";

/// The program, for the length of one call.
pub(crate) struct Cli<'a> {
    cx: &'a ProviderContext,
    config: &'a TerraformConfig,
    secrets: Vec<(&'a str, Secret)>,
}

impl<'a> Cli<'a> {
    pub(crate) async fn new(config: &'a TerraformConfig, cx: &'a ProviderContext) -> Result<Self> {
        let mut secrets = Vec::new();
        for (variable, name) in &config.secrets {
            secrets.push((variable.as_str(), cx.secrets.get(name).await?));
        }
        Ok(Self { cx, config, secrets })
    }

    /// Masks the secrets that the program knows.
    pub(crate) fn redactor(&self) -> Redactor {
        Redactor::new(self.secrets.iter().map(|(_, secret)| secret.clone()))
    }

    /// Gets a working folder ready, and plans: `None` as target plans to destroy everything.
    pub(crate) async fn plan(&self, folder: &Path, destroy: bool) -> Result<Value> {
        self.succeed(folder, &["init"]).await?;
        let (out, variables) = (format!("-out={PLAN}"), format!("-var-file={VARIABLES}"));
        let args = ["plan", LOCK, &out, &variables, "-destroy"];
        self.succeed(folder, if destroy { &args } else { &args[..4] }).await?;
        let output = self.run(self.command(folder, "show").args(["-json", PLAN])).await?;
        serde_json::from_slice(&output.stdout)
            .map_err(|error| Error::new(ErrorKind::Corrupt, "the plan does not read as JSON").because(error))
    }

    /// Applies what was planned last in a working folder.
    pub(crate) async fn apply(&self, folder: &Path) -> Result<()> {
        let applied = self.run(self.command(folder, "apply").args(["-input=false", LOCK, PLAN])).await;
        // It holds the secrets that were planned with, in the clear.
        let _ = std::fs::remove_file(folder.join(PLAN));
        applied.map(drop)
    }

    async fn succeed(&self, folder: &Path, args: &[&str]) -> Result<()> {
        let [name, rest @ ..] = args else { return Ok(()) };
        self.run(self.command(folder, name).arg("-input=false").args(rest)).await.map(drop)
    }

    async fn run(&self, command: Command) -> Result<Output> {
        let output = command.run(&self.cx.cancel).await?;
        if output.is_success() { Ok(output) } else { Err(output.error(kind_of(&output.stderr))) }
    }

    fn command(&self, folder: &Path, name: &str) -> Command {
        let command = Command::new(self.program())
            .help("install Terraform 1.4 or newer, or OpenTofu, or name the program in the configuration")
            .args([name, "-no-color"])
            .folder(folder)
            .timeout(Duration::from_secs(self.config.timeout_seconds))
            .grace(Duration::from_secs(self.config.grace_seconds))
            .env("CHECKPOINT_DISABLE", "1")
            .env("HOME", folder)
            .env("TF_CLI_CONFIG_FILE", folder.join(CLI_CONFIG))
            .env("TF_INPUT", "0")
            .env("TF_IN_AUTOMATION", "1");
        let command = self.config.pass_environment.iter().fold(command, |it, name| it.pass_env(name));
        self.secrets.iter().fold(command, |it, (variable, secret)| it.secret_env(variable, secret))
    }

    fn program(&self) -> PathBuf {
        let named = self.config.program.clone();
        named
            .or_else(|| ["terraform", "tofu"].into_iter().find_map(in_path))
            .unwrap_or_else(|| "terraform".into())
    }
}

/// The last lines say how: mostly the code or the infrastructure is at fault.
fn kind_of(stderr: &str) -> ErrorKind {
    if stderr.contains("acquiring the state lock") { ErrorKind::Unavailable } else { ErrorKind::InvalidInput }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|it| it.join(name)).find(|it| it.is_file())
}

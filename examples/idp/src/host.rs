//! The engine as this program sets it up: configuration, plugins, catalog, log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use idp_catalog::{Catalog, DirectorySource, RegistrationProvider};
use idp_core::{
    Checkpoint, Error, ErrorKind, Expected, Log, MemoryLog, NewEvent, PluginInfo, Registry, Result, Revision,
    Secret, SecretStore, StreamName, plugin_fn,
};
use idp_plugin_environment::{EnvironmentConfig, EnvironmentPlugin};
use idp_plugin_git::{GitConfig, GitPlugin};
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};
use idp_plugin_terraform::{TerraformConfig, TerraformPlugin};
use idp_scaffolder::{Builtins, Scaffolder};
use serde::Deserialize;

/// Where the configuration and the state are.
#[derive(Debug, clap::Args)]
pub(crate) struct HostArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "IDP_CONFIG", default_value = "idp.yaml")]
    pub(crate) config: PathBuf,
    /// The file that holds the catalog and the journals of runs.
    #[arg(long, value_name = "FILE", env = "IDP_STATE")]
    pub(crate) state: Option<PathBuf>,
}

/// `idp.yaml`. Relative paths start from the folder it stands in.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Config {
    /// The folder of descriptors.
    catalog: Option<PathBuf>,
    /// Which of its files are descriptors.
    descriptors: Vec<String>,
    /// The file for catalog and journals.
    state: Option<PathBuf>,
    git: GitConfig,
    terraform: TerraformConfig,
    environment: EnvironmentConfig,
}

/// Whether a command changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The state file is read and not written.
    Read,
    /// The state file is kept up to date.
    Write,
}

/// The engine, ready.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) scaffolder: Scaffolder,
    /// The folder of descriptors.
    pub(crate) root: PathBuf,
}

impl Host {
    /// Reads the configuration, opens the state and brings the catalog up to date.
    pub(crate) async fn open(args: &HostArgs, access: Access) -> Result<Self> {
        let (config, folder) = read_config(&args.config)?;
        let state = args.state.clone().or_else(|| config.state.as_ref().map(|it| folder.join(it)));
        let log = open_log(&state.unwrap_or_else(default_state), access).await?;
        let catalog = Arc::new(Catalog::open(Arc::clone(&log)).await?);
        let root = folder.join(config.catalog.clone().unwrap_or_else(|| PathBuf::from(".")));
        ingest(&catalog, &root, &config.descriptors).await?;
        let registry = registry(config, &catalog)?;
        let scaffolder = Scaffolder::builder(registry)
            .log(log)
            .catalog(Arc::clone(&catalog) as _)
            .secrets(Arc::new(EnvironmentSecrets))
            .build();
        Ok(Self { catalog, scaffolder, root })
    }
}

/// Secrets that plugins ask for by name, from the environment: `git-token` is `IDP_SECRET_GIT_TOKEN`.
#[derive(Debug)]
struct EnvironmentSecrets;

#[async_trait]
impl SecretStore for EnvironmentSecrets {
    async fn get(&self, name: &str) -> Result<Secret> {
        let variable = format!("IDP_SECRET_{}", name.to_uppercase().replace(['-', '.'], "_"));
        std::env::var(&variable).map(Secret::new).map_err(|_| {
            Error::new(ErrorKind::NotFound, "no such secret").with("name", name).with("variable", variable)
        })
    }
}

fn registry(config: Config, catalog: &Arc<Catalog>) -> Result<Registry> {
    let mut registry = Registry::new();
    registry.install(&Builtins::default())?;
    registry.install(&GitPlugin::new(config.git))?;
    registry.install(&TerraformPlugin::new(config.terraform))?;
    registry.install(&EnvironmentPlugin::new(config.environment))?;
    let fetchers: Vec<_> = registry.fetchers().cloned().collect();
    let catalog = Arc::clone(catalog);
    let info = PluginInfo::new("catalog", env!("CARGO_PKG_VERSION"));
    registry.install(&plugin_fn(info, move |registry| {
        registry.provider(RegistrationProvider::new(Arc::clone(&catalog), fetchers.clone()))
    }))?;
    Ok(registry)
}

/// The configuration, and the folder that its relative paths start from. No file is an empty configuration.
fn read_config(path: &Path) -> Result<(Config, PathBuf)> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::path::absolute(folder).map_err(|error| failed("cannot find", folder, error))?;
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text.replace("{folder}", &folder.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Config::default(), folder)),
        Err(error) => return Err(failed("cannot read", path, error)),
    };
    let config = serde_yaml::from_str(&text).map_err(|error| {
        Error::invalid("the configuration is not usable").with("file", path.display()).because(error)
    })?;
    Ok((config, folder))
}

/// `$XDG_STATE_HOME/idp/idp.db`, or below `~/.local/state`.
fn default_state() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|it| it.join(".local/state")));
    state.unwrap_or_else(|| PathBuf::from(".")).join("idp").join("idp.db")
}

/// The log in a state file. One that is only read is copied into memory, where it may be brought up to date.
pub(crate) async fn open_log(path: &Path, access: Access) -> Result<Arc<dyn Log>> {
    match access {
        Access::Write => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| failed("cannot make", folder, error))?;
            }
            Ok(Arc::new(SqliteLog::open(SqliteConfig::new(path))?))
        }
        Access::Read if path.exists() => {
            let stored = SqliteLog::open(SqliteConfig::new(path).read_only())?;
            Ok(Arc::new(copy_catalog(&stored).await?))
        }
        Access::Read => Ok(Arc::new(MemoryLog::new())),
    }
}

/// The catalog's stream in memory: what reads it may bring it up to date without writing anywhere.
async fn copy_catalog(stored: &dyn Log) -> Result<MemoryLog> {
    let (stream, copy) = (StreamName::new("catalog")?, MemoryLog::new());
    if let Some(Checkpoint { .. }) = stored.checkpoint(&stream).await? {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the state was compacted: open it with a command that writes",
        ));
    }
    let mut after = Revision::START;
    loop {
        let events = stored.read(&stream, after, 1000).await?;
        let Some(last) = events.last() else { return Ok(copy) };
        after = last.revision;
        let events =
            events.into_iter().map(|it| NewEvent { time: it.time, kind: it.kind, payload: it.payload });
        copy.append(&stream, Expected::Any, events.collect()).await?;
    }
}

async fn ingest(catalog: &Catalog, root: &Path, descriptors: &[String]) -> Result<()> {
    let mut source = DirectorySource::new("directory", root)?;
    if !descriptors.is_empty() {
        source = source.matching(&descriptors.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    let report = catalog.ingest(&source).await?;
    for problem in &report.problems {
        tracing::warn!("{problem}");
    }
    report.failure.map_or(Ok(()), Err)
}

fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, what).with("path", path.display()).because(error)
}

//! The engine as this program sets it up: configuration, plugins, catalog, log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use idp_catalog::{Catalog, DirectorySource, IngestOptions, RegistrationProvider};
use idp_core::{Error, ErrorKind, PluginInfo, Registry, Result, Secret, SecretStore, plugin_fn};
use idp_plugin_environment::EnvironmentPlugin;
use idp_plugin_git::GitPlugin;
use idp_plugin_http::HttpPlugin;
use idp_plugin_terraform::TerraformPlugin;
use idp_scaffolder::{Builtins, Scaffolder};

use crate::config::Config;
use crate::inputs;
use crate::state::{Access, default_state, open_log};

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
        let config = Config::read(&args.config)?;
        let state = args.state.clone().or_else(|| config.state.as_ref().map(|it| config.path(it)));
        let log = open_log(&state.unwrap_or_else(default_state), access).await?;
        let catalog = Arc::new(Catalog::open_with(Arc::clone(&log), config.catalog_options()?).await?);
        let root = config.path(config.catalog.as_deref().unwrap_or(Path::new(".")));
        ingest(&catalog, &root, &config).await?;
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
pub(crate) struct EnvironmentSecrets;

#[async_trait]
impl SecretStore for EnvironmentSecrets {
    async fn get(&self, name: &str) -> Result<Secret> {
        let variable = format!("IDP_SECRET_{}", name.to_uppercase().replace(['-', '.'], "_"));
        std::env::var(&variable).map(Secret::new).map_err(|_| {
            Error::new(ErrorKind::NotFound, "no such secret").with("name", name).with("variable", variable)
        })
    }
}

/// The plugins that need no catalog.
pub(crate) fn install_plugins(registry: &mut Registry, config: Config) -> Result<()> {
    registry.install(&Builtins::default())?;
    registry.install(&HttpPlugin::new(config.http)?)?;
    registry.install(&GitPlugin::new(config.git))?;
    registry.install(&TerraformPlugin::new(config.terraform))?;
    registry.install(&EnvironmentPlugin::new(config.environment))
}

fn registry(config: Config, catalog: &Arc<Catalog>) -> Result<Registry> {
    let mut registry = Registry::new();
    install_plugins(&mut registry, config)?;
    let fetchers: Vec<_> = registry.fetchers().cloned().collect();
    let catalog = Arc::clone(catalog);
    let info = PluginInfo::new("catalog", env!("CARGO_PKG_VERSION"));
    registry.install(&plugin_fn(info, move |registry| {
        registry.provider(RegistrationProvider::new(Arc::clone(&catalog), fetchers.clone()))
    }))?;
    Ok(registry)
}

async fn ingest(catalog: &Catalog, root: &Path, config: &Config) -> Result<()> {
    let mut source = DirectorySource::new("directory", root)?;
    if !config.descriptors.is_empty() {
        source = source.matching(&config.descriptors.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    let follow = inputs::of_config(config)?;
    let options = IngestOptions::default().following(follow.following);
    let report = catalog.ingest_with(&source, &options).await?;
    for problem in &report.problems {
        tracing::warn!("{problem}");
    }
    report.failure.map_or(Ok(()), Err)
}

pub(crate) fn io_error(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, what).with("path", path.display()).because(error)
}

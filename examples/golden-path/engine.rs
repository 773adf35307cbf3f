//! The engine as this program embeds it: every system is a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_catalog::{Catalog, DirectorySource, Following, IngestOptions, RegistrationProvider};
use idp_core::{Log, PluginInfo, Registry, plugin_fn};
use idp_plugin_environment::{EnvironmentConfig, EnvironmentPlugin};
use idp_plugin_git::{GitConfig, GitPlugin};
use idp_plugin_sdk::resources::GitOpsPlace;
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};
use idp_plugin_terraform::{TerraformConfig, TerraformPlugin};
use idp_scaffolder::{Builtins, Scaffolder};

use crate::Result;

/// A catalog and a scaffolder over one durable log.
pub(crate) struct Engine {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) scaffolder: Scaffolder,
    /// Where the company's descriptors and templates are.
    pub(crate) company: PathBuf,
    /// Where everything goes that applying makes.
    pub(crate) out: PathBuf,
}

impl Engine {
    pub(crate) async fn open(out: &Path) -> Result<Self> {
        std::fs::create_dir_all(out)?;
        let out = out.canonicalize()?;
        let company = Path::new(env!("CARGO_MANIFEST_DIR")).join("company");

        let log: Arc<dyn Log> = Arc::new(SqliteLog::open(SqliteConfig::new(out.join("idp.db")))?);
        let catalog = Arc::new(Catalog::open(Arc::clone(&log)).await?);
        let files = DirectorySource::new("company", &company)?
            .matching(&["catalog/*.yaml", "templates/*/template.yaml"])?;
        let following = IngestOptions::default().following(Arc::new(Following::new([])));
        let report = catalog.ingest_with(&files, &following).await?;
        if let Some(failure) = report.failure {
            return Err(failure.into());
        }

        let registry = registry(&out, &catalog)?;
        let scaffolder = Scaffolder::builder(registry).log(log).catalog(Arc::clone(&catalog) as _).build();
        Ok(Self { catalog, scaffolder, company, out })
    }
}

fn registry(out: &Path, catalog: &Arc<Catalog>) -> Result<Registry> {
    let git = format!("file://{}/git", out.display());
    let mut registry = Registry::new();
    registry.install(&Builtins::default())?;
    registry.install(&GitPlugin::new(
        GitConfig::default().with_host("github.com", format!("{git}/{{owner}}/{{repo}}.git")),
    ))?;
    registry.install(&EnvironmentPlugin::new(environment(&git)))?;
    registry.install(&TerraformPlugin::new(TerraformConfig::new(out.join("stacks"))))?;
    let fetchers: Vec<_> = registry.fetchers().cloned().collect();
    let catalog = Arc::clone(catalog);
    registry.install(&plugin_fn(PluginInfo::new("catalog", env!("CARGO_PKG_VERSION")), move |registry| {
        registry.provider(RegistrationProvider::new(Arc::clone(&catalog), fetchers.clone()))
    }))?;
    Ok(registry)
}

/// The desired state of every environment is in one GitOps repository, a folder each.
fn environment(git: &str) -> EnvironmentConfig {
    EnvironmentConfig::default()
        .with_environment("*", GitOpsPlace::new(format!("{git}/platform/environments.git")))
}

/// Whether the infrastructure step can run here.
pub(crate) fn has_terraform() -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .any(|folder| ["terraform", "tofu"].iter().any(|it| folder.join(it).is_file()))
}

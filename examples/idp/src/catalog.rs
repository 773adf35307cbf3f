//! The catalog that the reading commands look at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_catalog::{Catalog, CatalogOptions, DirectorySource, Following, IngestOptions, Moment, Snapshot};
use idp_core::{Error, MemoryLog, Result};

use crate::config::Config;
use crate::output::print_error;
use crate::state::stored_log;

/// Where the entities are.
#[derive(Debug, clap::Args)]
pub(crate) struct CatalogArgs {
    /// A directory or file of descriptors, or a catalog's `.db` file.
    #[arg(long, value_name = "PATH", default_value = ".", env = "IDP_CATALOG")]
    pub(crate) catalog: PathBuf,
    /// The catalog as it was: a revision's number, or a time as in `2026-03-01T12:00:00Z`. Needs a `.db` file.
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<Moment>,
    #[command(flatten)]
    config: ConfigFile,
}

/// Where the configuration is, for commands that need the model of it.
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration file, which names the model's layers.
    #[arg(long, value_name = "FILE", env = "IDP_CONFIG", default_value = "idp.yaml")]
    config: PathBuf,
}

impl ConfigFile {
    /// How the catalog is opened.
    pub(crate) fn options(&self) -> Result<CatalogOptions> {
        Config::read(&self.config)?.catalog_options()
    }
}

/// A catalog's file, for commands that look at its history.
#[derive(Debug, clap::Args)]
pub(crate) struct CatalogFile {
    /// The catalog's `.db` file.
    #[arg(long, value_name = "FILE", env = "IDP_CATALOG")]
    pub(crate) catalog: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

impl CatalogFile {
    /// The catalog, to be read.
    pub(crate) async fn open(&self) -> Result<Catalog> {
        open(&self.catalog, self.config.options()?).await
    }
}

async fn open(path: &Path, options: CatalogOptions) -> Result<Catalog> {
    Catalog::open_with(Arc::new(stored_log(path)?), options).await
}

impl CatalogArgs {
    /// The catalog as it is now. Says on standard error what could not be read.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| Error::internal("cannot start the runtime").because(error))?;
        runtime.block_on(self.load())
    }

    async fn load(&self) -> Result<Arc<Snapshot>> {
        let stored = self.catalog.extension().is_some_and(|it| it == "db");
        match self.at {
            None if !stored => read(&self.catalog, self.config.options()?).await,
            Some(_) if !stored => {
                Err(Error::invalid("descriptors have no history: `--at` needs a catalog's `.db` file"))
            }
            at => {
                let catalog = open(&self.catalog, self.config.options()?).await?;
                match at {
                    Some(at) => catalog.as_of(at).await.map(Arc::new),
                    None => Ok(catalog.snapshot()),
                }
            }
        }
    }
}

/// The descriptors of a directory or file.
async fn read(path: &Path, options: CatalogOptions) -> Result<Arc<Snapshot>> {
    let catalog = Catalog::open_with(Arc::new(MemoryLog::new()), options).await?;
    let following = Following::new([]).locations(false);
    let options = IngestOptions::default().following(Arc::new(following));
    let report = catalog.ingest_with(&DirectorySource::new("directory", path)?, &options).await?;
    for problem in &report.problems {
        print_error(&problem.to_string());
    }
    match report.failure {
        Some(failure) => Err(failure),
        None => Ok(catalog.snapshot()),
    }
}

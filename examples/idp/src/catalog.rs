//! The catalog that the reading commands look at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_catalog::{Catalog, DirectorySource, Snapshot};
use idp_core::{Error, MemoryLog, Result};

use crate::output::print_error;
use crate::state::stored_log;

/// Where the entities are.
#[derive(Debug, clap::Args)]
pub(crate) struct CatalogArgs {
    /// A directory or file of descriptors, or a catalog's `.db` file.
    #[arg(long, value_name = "PATH", default_value = ".", env = "IDP_CATALOG")]
    pub(crate) catalog: PathBuf,
}

impl CatalogArgs {
    /// The catalog as it is now. Says on standard error what could not be read.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| Error::internal("cannot start the runtime").because(error))?;
        runtime.block_on(load(&self.catalog))
    }
}

async fn load(path: &Path) -> Result<Arc<Snapshot>> {
    if path.extension().is_some_and(|it| it == "db") {
        return Ok(Catalog::open(Arc::new(stored_log(path)?)).await?.snapshot());
    }
    let catalog = Catalog::open(Arc::new(MemoryLog::new())).await?;
    let report = catalog.ingest(&DirectorySource::new("directory", path)?).await?;
    for problem in &report.problems {
        print_error(&problem.to_string());
    }
    match report.failure {
        Some(failure) => Err(failure),
        None => Ok(catalog.snapshot()),
    }
}

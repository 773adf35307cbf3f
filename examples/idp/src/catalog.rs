//! The catalog that the reading commands look at.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use idp_catalog::{Catalog, DirectorySource, Snapshot};
use idp_core::{Error, ErrorKind, Log, MemoryLog, Result};
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};

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
        return Ok(Catalog::open(stored_log(path)?).await?.snapshot());
    }
    let catalog = Catalog::open(Arc::new(MemoryLog::new())).await?;
    let report = catalog.ingest(&DirectorySource::new("directory", path)?).await?;
    for problem in &report.problems {
        let _ = writeln!(anstream::stderr(), "{problem}");
    }
    match report.failure {
        Some(failure) => Err(failure),
        None => Ok(catalog.snapshot()),
    }
}

/// The log in a file. The one place that names a storage engine.
fn stored_log(path: &Path) -> Result<Arc<dyn Log>> {
    if !path.is_file() {
        return Err(
            Error::new(ErrorKind::NotFound, "there is no such catalog file").with("path", path.display())
        );
    }
    Ok(Arc::new(SqliteLog::open(SqliteConfig::new(path).read_only())?))
}

/// Whether output is for a person at a terminal who did not ask for plain text.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

/// Ends a command: its own status, or that of the error, with the error and what it points at on standard error.
pub(crate) fn finish(command: &str, outcome: Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        let mut err = anstream::stderr();
        for diagnostic in error.diagnostics() {
            let _ = writeln!(err, "{}", diagnostic.render(io::stderr().is_terminal()));
        }
        if error.diagnostics().is_empty() || error.kind() == idp_core::ErrorKind::Conflict {
            let _ = writeln!(err, "idp {command}: {}", error.chain());
        }
        crate::exit::of_error(&error)
    })
}

/// Turns a failure to write into an error. A closed pipe is a reader who has seen enough.
pub(crate) fn written(outcome: io::Result<()>) -> Result<ExitCode> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::internal("cannot write the output").because(error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

//! The file that holds catalog and journals: the one place that names a storage engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_core::{Log, MemoryLog, Result, StreamName};
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};

use crate::host::io_error;

/// Whether a command changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The state file is read and not written.
    Read,
    /// The state file is kept up to date.
    Write,
}

/// `$XDG_STATE_HOME/idp/idp.db`, or below `~/.local/state`.
pub(crate) fn default_state() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|it| it.join(".local/state")));
    state.unwrap_or_else(|| PathBuf::from(".")).join("idp").join("idp.db")
}

/// The log in a state file. One that is only read is copied into memory, where it may be brought up to date.
pub(crate) async fn open_log(path: &Path, access: Access) -> Result<Arc<dyn Log>> {
    match access {
        Access::Write => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| io_error("cannot make", folder, error))?;
            }
            Ok(Arc::new(SqliteLog::open(SqliteConfig::new(path))?))
        }
        Access::Read if path.exists() => Ok(Arc::new(copy_catalog(&stored_log(path)?).await?)),
        Access::Read => Ok(Arc::new(MemoryLog::new())),
    }
}

/// The catalog's stream in memory: what reads it may bring it up to date without writing anywhere.
async fn copy_catalog(stored: &dyn Log) -> Result<MemoryLog> {
    let copy = MemoryLog::new();
    copy.copy(stored, &StreamName::new("catalog")?).await?;
    Ok(copy)
}

/// The log in a file that has to be there, as it is.
pub(crate) fn stored_log(path: &Path) -> Result<SqliteLog> {
    SqliteLog::open(SqliteConfig::new(path).read_only())
}

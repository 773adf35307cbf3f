//! The log in a file, held to the contract.

use std::sync::Arc;

use idp_plugin_sdk::Log;
use idp_plugin_sdk::testkit::log::LogSubject;
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};

struct InFile {
    folder: tempfile::TempDir,
    log: Arc<SqliteLog>,
}

impl InFile {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let log = open(&folder);
        Self { folder, log }
    }
}

fn open(folder: &tempfile::TempDir) -> Arc<SqliteLog> {
    let config = SqliteConfig::new(folder.path().join("log.db"));
    Arc::new(SqliteLog::open(config).expect("the log opens"))
}

impl LogSubject for InFile {
    fn log(&self) -> Arc<dyn Log> {
        self.log.clone()
    }

    fn reopen(&self) -> Option<Arc<dyn Log>> {
        Some(open(&self.folder))
    }
}

idp_plugin_sdk::log_conformance!(InFile::new());

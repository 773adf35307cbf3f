//! What a host configures.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the log is, and how patient it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SqliteConfig {
    /// The file; made where there is none. Two more lie beside it while it is open.
    pub path: PathBuf,
    /// How long to wait for another process's append before saying that the log is unavailable. A bulk append takes some
    /// seconds for a million events.
    #[serde(default = "ten_seconds")]
    pub busy_timeout_millis: u64,
    /// How often to look for appends of other processes, while somebody waits for one.
    #[serde(default = "a_tenth_of_a_second")]
    pub poll_millis: u64,
    /// Whether to read only: the file has to be there, nothing is written to it or beside it, appends are refused.
    #[serde(default)]
    pub read_only: bool,
}

impl SqliteConfig {
    /// A log in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            busy_timeout_millis: ten_seconds(),
            poll_millis: a_tenth_of_a_second(),
            read_only: false,
        }
    }

    /// As it is now, without writing anything.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }
}

fn ten_seconds() -> u64 {
    10_000
}

fn a_tenth_of_a_second() -> u64 {
    100
}

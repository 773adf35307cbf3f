//! A durable [`Log`](idp_plugin_sdk::Log) in one SQLite file: the embedded default.
//!
//! ```
//! # let folder = tempfile::tempdir().unwrap();
//! use idp_plugin_sdk::{Expected, Log, NewEvent, Revision, StreamName, Timestamp};
//! use idp_plugin_sqlite::{SqliteConfig, SqliteLog};
//!
//! # async fn example(file: std::path::PathBuf) -> idp_plugin_sdk::Result<()> {
//! let log = SqliteLog::open(SqliteConfig::new(file))?;
//! let event = NewEvent::encode(Timestamp::from_millis(0), "started", &"hello")?;
//! let head = log.append(&StreamName::new("run/1")?, Expected::Exactly(Revision::START), vec![event]).await?;
//! assert_eq!(head, Revision(1));
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example(folder.path().join("idp.db"))).unwrap();
//! ```
//!
//! - An append returns once the events are on disk (`WAL`, `synchronous=FULL`).
//! - Many processes may open one file on a local disk: appends are serialised by SQLite, and a waiting
//!   [`changed`](idp_plugin_sdk::Log::changed) hears of another process's append within
//!   [`poll_millis`](SqliteConfig::poll_millis).
//! - All work is done by a thread of the log's own; no async runtime is needed or blocked.

mod config;
mod error;
mod image;
mod log;
mod schema;
mod store;
mod worker;

pub use config::SqliteConfig;
pub use log::SqliteLog;

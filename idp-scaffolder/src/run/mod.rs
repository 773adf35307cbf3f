//! Runs: applying a plan, going on after a crash, taking back, and reading what was done.

mod apply;
mod history;
mod options;
mod past;
mod stale;
mod undo;
mod watch;

pub use history::Run;
pub use options::RunOptions;
pub(crate) use past::{Intent, Past};
pub use watch::RunEvents;

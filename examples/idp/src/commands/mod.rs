//! One file per subcommand.

pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod compact;
pub(crate) mod diff;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod ingest;
pub(crate) mod new;
pub(crate) mod query;
pub(crate) mod render;
pub(crate) mod runs;
pub(crate) mod show;
pub(crate) mod template;
pub(crate) mod template_check;
pub(crate) mod watch;

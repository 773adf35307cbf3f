//! One file per subcommand.

pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod ingest;
pub(crate) mod query;
pub(crate) mod render;
pub(crate) mod runs;
pub(crate) mod show;
pub(crate) mod template;

//! One file per subcommand.

pub(crate) mod check;
pub(crate) mod graph;
pub(crate) mod query;
pub(crate) mod show;

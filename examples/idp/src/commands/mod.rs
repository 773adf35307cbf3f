//! The subcommands.
pub(crate) mod eval;

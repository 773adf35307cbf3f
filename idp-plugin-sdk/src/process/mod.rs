//! External programs, run so that a host can trust them.

mod command;
mod group;
mod running;

pub use command::{Command, Output};

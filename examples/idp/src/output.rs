//! Writing to standard output.

use std::io::Write;

use serde::Serialize;

/// How a command prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    #[default]
    Human,
    /// For a program.
    Json,
}

/// One line. A reader who has gone away is no problem of ours.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// One JSON value on one line.
pub(crate) fn print_json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => print_line(&text),
        Err(error) => print_error(&format!("cannot print: {error}")),
    }
}

/// One line on standard error.
pub(crate) fn print_error(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

//! Writing to standard output and error.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use idp_core::{Error, Result};
use serde::Serialize;

/// How a command prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    #[default]
    Text,
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

/// Whether output is for a person at a terminal who did not ask for plain text.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

/// Turns a failure to write into an error. A closed pipe is a reader who has seen enough.
pub(crate) fn written(outcome: io::Result<()>) -> Result<ExitCode> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::internal("cannot write the output").because(error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

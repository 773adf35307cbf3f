//! Exit statuses: 0 good, 1 findings, 2 usage and errors, 3 refused because the world has moved, 130 stopped
//! with Ctrl-C.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use idp_core::{Error, ErrorKind, Result};

use crate::output::print_error;

/// Something was found wrong.
pub(crate) fn findings() -> ExitCode {
    ExitCode::from(1)
}

/// Ends a command: its own status, or that of the error, with the error and what it points at on standard error.
pub(crate) fn finish(command: &str, outcome: Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        for diagnostic in error.diagnostics() {
            print_error(&diagnostic.render(io::stderr().is_terminal()));
        }
        if error.diagnostics().is_empty() || error.kind() == ErrorKind::Conflict {
            print_error(&format!("idp {command}: {}", error.chain()));
        }
        of_error(&error)
    })
}

/// The status of a command that ended with an error.
fn of_error(error: &Error) -> ExitCode {
    ExitCode::from(match error.kind() {
        ErrorKind::Conflict => 3,
        // As a shell says of a program that the signal of Ctrl-C has ended.
        ErrorKind::Cancelled => 130,
        _ => 2,
    })
}

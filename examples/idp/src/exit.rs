//! Exit statuses: 0 good, 1 findings, 2 usage and errors, 3 refused because the world has moved.

use std::process::ExitCode;

use idp_core::{Error, ErrorKind};

/// Something was found wrong.
pub(crate) fn findings() -> ExitCode {
    ExitCode::from(1)
}

/// The status of a command that ended with an error.
pub(crate) fn of_error(error: &Error) -> ExitCode {
    ExitCode::from(if error.kind() == ErrorKind::Conflict { 3 } else { 2 })
}

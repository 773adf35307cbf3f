//! What SQLite says, in the words of the contract.

use idp_plugin_sdk::{Error, ErrorKind};
use rusqlite::ErrorCode;

/// The error of a call that changed nothing.
pub(crate) fn storage(error: rusqlite::Error) -> Error {
    let (kind, message) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (ErrorKind::Unavailable, "the log is held by another process")
        }
        Some(ErrorCode::DatabaseCorrupt) => (ErrorKind::Corrupt, "the log's file is damaged"),
        Some(ErrorCode::NotADatabase) => (ErrorKind::InvalidInput, "the file is no SQLite database"),
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            (ErrorKind::PermissionDenied, "the log's file cannot be written")
        }
        Some(ErrorCode::CannotOpen) => (ErrorKind::NotFound, "the log's file cannot be opened"),
        Some(ErrorCode::DiskFull) => (ErrorKind::LimitExceeded, "the disk is full"),
        Some(ErrorCode::SystemIoFailure) => (ErrorKind::Unavailable, "the disk fails"),
        _ => (ErrorKind::Internal, "the log cannot be used"),
    };
    Error::new(kind, message).because(error)
}

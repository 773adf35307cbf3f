//! How evaluation stops early.

use std::collections::BTreeSet;

use super::error::ErrorCode;

/// Why an operation has no value.
#[derive(Debug)]
pub(crate) enum Fail {
    /// It went wrong.
    Error(ErrorCode, String),
    /// It needs values known only after apply.
    Unknown(BTreeSet<String>),
    /// Something it called already reported.
    Reported(minijinja::Error),
}

/// The result of an operation.
pub(crate) type Outcome<T> = Result<T, Fail>;

impl Fail {
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Error(ErrorCode::InvalidInput, message.into())
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::Error(ErrorCode::Limit, message.into())
    }
}

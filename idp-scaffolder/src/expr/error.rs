//! What can go wrong in a template.

use std::collections::BTreeSet;

use idp_core::Span;

/// What kind of thing went wrong: stable, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The template does not follow the grammar.
    Syntax,
    /// A name that would reach into the host language (`constructor`, `prototype`, `__proto__`).
    ReservedName,
    /// A filter that does not exist.
    UnknownFilter,
    /// A test that does not exist.
    UnknownTest,
    /// Something that is no function was called.
    NotCallable,
    /// A filter, test, function or operator refused its input.
    InvalidInput,
    /// A name without a value, where that is an error.
    Undefined,
    /// The template asks for more work, output, nesting or memory than allowed.
    Limit,
    /// The text depends on values known only after apply.
    UnknownValue,
}

impl ErrorCode {
    /// The code as it is written in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "template-syntax",
            Self::ReservedName => "template-reserved-name",
            Self::UnknownFilter => "template-unknown-filter",
            Self::UnknownTest => "template-unknown-test",
            Self::NotCallable => "template-not-callable",
            Self::InvalidInput => "template-invalid-input",
            Self::Undefined => "template-undefined",
            Self::Limit => "template-limit",
            Self::UnknownValue => "template-unknown-value",
        }
    }
}

/// A template that could not be read or rendered, with the place where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct TemplateError {
    code: ErrorCode,
    message: String,
    line: usize,
    column: usize,
    span: Span,
    unknown: BTreeSet<String>,
}

impl TemplateError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>, span: Span, source: &str) -> Self {
        let before = &source.as_bytes()[..span.start.min(source.len())];
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        Self {
            code,
            message: message.into(),
            line: before.iter().filter(|b| **b == b'\n').count() + 1,
            column: String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
            span,
            unknown: BTreeSet::new(),
        }
    }

    pub(crate) fn with_unknown(mut self, names: BTreeSet<String>) -> Self {
        self.unknown = names;
        self
    }

    /// What kind of thing went wrong.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What went wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The bytes of the template that the error is about.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The values known only after apply that the text depends on ([`ErrorCode::UnknownValue`]).
    pub fn unknown(&self) -> &BTreeSet<String> {
        &self.unknown
    }
}

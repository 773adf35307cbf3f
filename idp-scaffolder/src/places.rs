//! Where the parts of a template stand.

use std::fmt;

use idp_core::{SourceText, Span};

/// Where the parts of a template stand in its file. Who reads the file knows it.
pub trait Places: fmt::Debug + Send + Sync {
    /// The file.
    fn source(&self) -> &SourceText;

    /// Where the value at a JSON pointer stands, or the nearest one around it.
    fn value(&self, pointer: &str) -> Span;

    /// Where the key at a JSON pointer stands, or the nearest value around it.
    fn key(&self, pointer: &str) -> Span;
}

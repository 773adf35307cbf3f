//! What is wrong with a condition in text form.

use idp_core::{Diagnostic, Error, Result, SourceText, Span};

/// Longest text, in bytes.
const MAX_TEXT: usize = 256 << 10;

/// Refuses a text that is too long to be read.
pub(super) fn check_length(text: &str) -> Result<()> {
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    Err(Error::invalid(format!("a condition has at most {MAX_TEXT} bytes, this one has {}", text.len())))
}

/// An error that points into the text. An empty help says nothing.
pub(super) fn problem(text: &str, message: &str, span: Span, help: &str) -> Error {
    let diagnostic = Diagnostic::error("bad-filter", message).at(&SourceText::new("filter", text), span);
    Error::diagnosed(vec![if help.is_empty() { diagnostic } else { diagnostic.help(help) }])
}

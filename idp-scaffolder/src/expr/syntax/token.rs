//! The tokens of a template.

use idp_core::Span;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// Literal text, whitespace control already applied. Empty texts are kept out.
    Text(String),
    /// `{# … #}`.
    Comment,
    /// `${{` (or `{{` for cookiecutter templates).
    OutputStart,
    /// `}}`.
    OutputEnd,
    /// `{%`.
    TagStart,
    /// `%}`.
    TagEnd,
    /// A name or keyword.
    Name(String),
    /// A number.
    Number(f64),
    /// A string, escapes decoded.
    Str(String),
    /// `r/pattern/flags`.
    Regex {
        /// The text between the slashes.
        pattern: String,
        /// The letters after them.
        flags: String,
    },
    /// Punctuation and operators.
    Op(&'static str),
    /// What the lexer could not read; reported when the parser gets here.
    Bad(String),
    /// The end of the template.
    Eof,
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// The bytes of the source that it covers.
    pub(crate) span: Span,
}

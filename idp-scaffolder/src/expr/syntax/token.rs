//! The tokens of a template.

use std::borrow::Cow;

use idp_core::Span;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind<'s> {
    /// Literal text, whitespace control already applied. Empty texts are kept out.
    Text(&'s str),
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
    Name(&'s str),
    /// A number.
    Number(f64),
    /// A string, escapes decoded.
    Str(Cow<'s, str>),
    /// `r/pattern/flags`.
    Regex {
        /// The text between the slashes.
        pattern: &'s str,
        /// The letters after them.
        flags: &'s str,
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
pub(crate) struct Token<'s> {
    /// What it is.
    pub(crate) kind: TokenKind<'s>,
    /// The bytes of the source that it covers.
    pub(crate) span: Span,
}

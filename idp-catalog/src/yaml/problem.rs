//! What can be wrong with a document as YAML, in words that say what to do.

use idp_core::{Diagnostic, Severity, SourceText, Span};
use saphyr_parser::Tag;

/// A diagnostic that does not have its file yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    code: &'static str,
    severity: Severity,
    message: String,
    help: Option<String>,
    span: Span,
    /// Where the same thing stands already.
    first: Option<Span>,
}

impl Problem {
    fn new(code: &'static str, severity: Severity, message: impl Into<String>, span: Span) -> Self {
        Self { code, severity, message: message.into(), help: None, span, first: None }
    }

    fn error(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(code, Severity::Error, message, span)
    }

    fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(code, Severity::Warning, message, span)
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn too_large(what: &str, limit: usize, at: usize) -> Self {
        Self::error("yaml-too-large", format!("the {what} is larger than {limit} bytes"), Span::at(at))
            .help("split it, or raise the limit")
    }

    pub(super) fn too_many(limit: usize, at: usize) -> Self {
        Self::error(
            "yaml-too-many-documents",
            format!("more than {limit} documents in one file"),
            Span::at(at),
        )
        .help("split the file; the documents up to here were read")
    }

    pub(super) fn too_deep(limit: usize, span: Span) -> Self {
        Self::error("yaml-too-deep", format!("collections are nested more than {limit} levels deep"), span)
    }

    pub(super) fn recursive_alias(span: Span) -> Self {
        Self::error("yaml-recursive-alias", "the alias stands inside the value it names", span)
    }

    pub(super) fn alias_budget(span: Span) -> Self {
        Self::error("yaml-alias-budget", "aliases expand to more data than is allowed", span)
            .help("write the values out, or use fewer nested anchors")
    }

    pub(super) fn too_many_problems(limit: usize, span: Span) -> Self {
        Self::error(
            "yaml-too-many-problems",
            format!("more than {limit} problems; the rest was not read"),
            span,
        )
    }

    pub(super) fn duplicate_key(key: &str, span: Span, first: Span) -> Self {
        let message = format!("the key `{key}` occurs twice in one mapping");
        Self { first: Some(first), ..Self::error("yaml-duplicate-key", message, span) }
    }

    pub(super) fn collection_key(shown: &str, span: Span) -> Self {
        Self::warning("yaml-collection-key", format!("the collection `{shown}` is used as a key"), span)
            .help("if this is a template expression, put it in quotes")
    }

    pub(super) fn unknown_tag(tag: &Tag, span: Span) -> Self {
        Self::warning(
            "yaml-unknown-tag",
            format!("the tag `{tag}` is not known; the plain value is used"),
            span,
        )
    }

    pub(super) fn wrong_tag(text: &str, suffix: &str, span: Span) -> Self {
        let message = format!("`{text}` is not what its tag `!!{suffix}` says; it is taken for a string");
        Self::warning("yaml-wrong-tag", message, span)
    }

    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The diagnostic, pointing into its file.
    pub(super) fn into_diagnostic(self, source: &SourceText) -> Diagnostic {
        let diagnostic = Diagnostic::new(self.severity, self.code, self.message).at(source, self.span);
        let first = self.first.map(|first| source.position(first.start).0);
        match first
            .map(|line| format!("it occurs first in line {line}; remove or rename one of them"))
            .or(self.help)
        {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// Words of the parser, and what usually helps.
const HELP: &[(&str, &str)] = &[
    (
        "mapping values are not allowed",
        "a value that contains `: ` needs quotes, and a nested mapping its own line",
    ),
    ("did not find expected key", "check the indentation: keys of one mapping start in the same column"),
    ("did not find expected '-'", "check the indentation: items of one list start in the same column"),
    ("start with '%'", "put the value in quotes"),
    ("cannot start any token", "put the value in quotes"),
    ("tab", "indent with spaces"),
    ("unknown anchor", "define the anchor with `&name` before the alias that uses it"),
    ("simple key", "check the indentation and that each key is followed by `: `"),
    ("unexpected end of", "a quote or bracket that was opened is not closed"),
];

/// A parser's error in our words.
pub(super) fn explain(text: &str, info: &str, span: Span) -> Problem {
    let end = text.get(span.start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let problem = Problem::error("yaml-syntax", info, Span::new(span.start, span.start + end));
    match HELP.iter().find(|(words, _)| info.contains(words)) {
        Some((_, help)) => problem.help(*help),
        None => problem,
    }
}

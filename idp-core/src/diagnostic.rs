//! Problems that a person can act on.

use std::borrow::Cow;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Place, SourceText, Span};

/// How much a [`Diagnostic`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Accepted, and probably not what was meant.
    Warning,
    /// Not accepted.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A problem with a code, a severity, where it is, and what to do about it.
///
/// Serialises as `{"code","severity","message","file","line","column","help"}`; absent parts are left out.
///
/// ```
/// use idp_core::{Diagnostic, SourceText, Span};
/// let file = SourceText::new("catalog-info.yaml", "kind: Compnent\n");
/// let problem = Diagnostic::error("unknown-kind", "no kind `Compnent` is known")
///     .at(&file, Span::new(6, 14))
///     .help("did you mean `Component`?");
/// assert_eq!(problem.to_string(), "catalog-info.yaml:1:7: error[unknown-kind]: no kind `Compnent` is known");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// A stable, lower-case, dashed identifier: what a tool filters on and what the docs explain.
    pub code: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, lower-case, without a full stop.
    pub message: String,
    /// Where it is, if it is anywhere.
    pub place: Option<Place>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem of the given severity, without a place yet.
    pub fn new(severity: Severity, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), severity, message: message.into(), place: None, help: None }
    }

    /// A problem that stops its subject from being accepted.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A problem that does not stop anything.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Points the problem at a span of a text.
    #[must_use]
    pub fn at(mut self, source: &SourceText, span: Span) -> Self {
        self.place = Some(Place { source: source.clone(), span });
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// True for [`Severity::Error`].
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}:{}: ", place.source.name(), place.line(), place.column())?;
        }
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("severity", &self.severity)?;
        map.serialize_entry("message", &self.message)?;
        if let Some(place) = &self.place {
            map.serialize_entry("file", place.source.name())?;
            map.serialize_entry("line", &place.line())?;
            map.serialize_entry("column", &place.column())?;
        }
        if let Some(help) = &self.help {
            map.serialize_entry("help", help)?;
        }
        map.end()
    }
}

#[cfg(feature = "render")]
mod render {
    use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

    use super::{Diagnostic, Severity};

    impl Diagnostic {
        /// The problem as a terminal shows it: title, excerpt with the place underlined, help. ANSI colours only
        /// where `colour` is true.
        pub fn render(&self, colour: bool) -> String {
            let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
            let level = match self.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
                Severity::Info => Level::INFO,
            };
            let title = level.primary_title(&*self.message).id(&*self.code);
            let mut groups = vec![match &self.place {
                None => Group::with_title(title),
                Some(place) => {
                    let text = place.source.text();
                    // The renderer takes no span that cuts through a character.
                    let span =
                        text.floor_char_boundary(place.span.start)..text.floor_char_boundary(place.span.end);
                    title.element(
                        Snippet::source(text)
                            .path(place.source.name())
                            .line_start(place.source.first_line())
                            .annotation(AnnotationKind::Primary.span(span)),
                    )
                }
            }];
            if let Some(help) = &self.help {
                groups.push(Group::with_title(Level::HELP.secondary_title(&**help)));
            }
            renderer.render(&groups).to_string()
        }
    }
}

#[cfg(all(test, feature = "render"))]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn a_span_that_cuts_through_a_character_is_shown_whole() {
        let text = SourceText::new("t", "a “x”");
        for span in [Span::new(2, 3), Span::new(3, 4), Span::new(3, 99), Span::new(99, 100)] {
            let shown = Diagnostic::error("code", "message").at(&text, span).render(false);
            assert!(shown.contains("a “x”"), "{shown}");
        }
    }
}

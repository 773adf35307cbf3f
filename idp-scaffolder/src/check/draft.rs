//! What may be wrong, before it has been proved.

use std::sync::Arc;

use idp_core::{Severity, SourceText, Span};
use serde_json::Value;

use crate::TextOptions;

/// A suspicion: what would be said, where, and what would prove it.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) spot: Spot,
    pub(crate) proof: Proof,
    /// What the parameters have to be like for it to show.
    pub(crate) needs: Vec<Need>,
}

/// A place in the template or one of its files.
#[derive(Clone, Debug)]
pub(crate) enum Spot {
    /// The key at a JSON pointer of the template.
    Key(String),
    /// Bytes of the text at a JSON pointer of the template, or all of what stands there.
    Text(String, Option<Span>),
    /// Bytes of a file, or of its name.
    File(SourceText, Span),
}

impl Spot {
    /// The text at a pointer, whole.
    pub(crate) fn value(pointer: impl Into<String>) -> Self {
        Self::Text(pointer.into(), None)
    }

    /// Points at some bytes of what it points at.
    pub(crate) fn narrow(&mut self, inner: Span) {
        if let Self::Text(_, Some(span)) | Self::File(_, span) = self {
            *span = Span::new(span.start + inner.start, span.start + inner.end);
        }
    }

    /// The bytes that two point at, where they are of the same text.
    pub(crate) fn together(&self, other: &Self) -> Option<(Span, Span)> {
        match (self, other) {
            (Self::Text(one, span), Self::Text(another, other)) if one == another => {
                Some(((*span)?, (*other)?))
            }
            (Self::File(one, span), Self::File(another, other)) if one == another => Some((*span, *other)),
            _ => None,
        }
    }
}

/// What a run has to show.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// Nothing: it can be seen without running anything, and parameters play no part.
    Structure,
    /// The step fetches from this URL.
    Fetches { step: usize, url: String },
    /// That the form refuses these parameters, which its own schema has shown.
    Given(serde_json::Map<String, Value>),
    /// The step's input does not fit its action's schema at this JSON pointer.
    Input { step: usize, pointer: String },
    /// Nothing but that this text fails, which then says what is wrong.
    Attempted(Arc<Passage>),
    /// Something about a text when it is rendered.
    Rendered(Arc<Passage>, Sign, Span),
}

/// What shows in a rendered text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// The expression comes to nothing.
    Undefined,
    /// The expression makes the whole text fail.
    Fails,
    /// The expression holds as a condition.
    Holds,
    /// The expression does not hold as a condition.
    Refuses,
    /// The expression prints as `[object Object]`.
    PrintsObject,
    /// The whole text becomes a text, where its expression has another type.
    BecomesText,
}

/// A text with expressions and the variables that it is rendered with.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    pub(crate) text: String,
    pub(crate) view: View,
}

/// What the expressions of a text see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// A step's input, or what it repeats for: secrets, and the element of the repetition.
    Step(usize),
    /// A step's plain condition: neither.
    Condition(usize),
    /// The output of the run.
    Output,
    /// The name or content of a file that a step renders.
    File(usize, TextOptions),
}

/// What a parameter has to be like.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    /// The names that lead to it.
    pub(crate) path: Vec<String>,
    pub(crate) want: Want,
}

/// What is wanted of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Want {
    Absent,
    /// A value that holds as a condition.
    True,
    /// A value, or none, that does not hold as a condition.
    False,
    Value(Value),
    Other(Value),
}

impl Draft {
    pub(crate) fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        spot: Spot,
    ) -> Self {
        let message = message.into();
        Self { code, severity, message, help: None, spot, proof: Proof::Structure, needs: Vec::new() }
    }

    pub(crate) fn error(code: &'static str, message: impl Into<String>, spot: Spot) -> Self {
        Self::new(Severity::Error, code, message, spot)
    }

    pub(crate) fn warning(code: &'static str, message: impl Into<String>, spot: Spot) -> Self {
        Self::new(Severity::Warning, code, message, spot)
    }

    pub(crate) fn info(code: &'static str, message: impl Into<String>, spot: Spot) -> Self {
        Self::new(Severity::Info, code, message, spot)
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Asks whether one of these names was meant.
    pub(crate) fn suggest(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    pub(crate) fn proof(mut self, proof: Proof) -> Self {
        self.proof = proof;
        self
    }

    pub(crate) fn needs(mut self, needs: Vec<Need>) -> Self {
        self.needs = needs;
        self
    }
}

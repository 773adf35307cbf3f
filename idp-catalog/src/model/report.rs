//! The list of problems of one document, with the stage each belongs to.

use std::fmt;

use idp_core::{Diagnostic, Severity, SourceText, Span};
use serde::{Deserialize, Serialize};

use crate::yaml::YamlDocument;

/// The steps a document passes, in order. The first that refuses names the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Stage {
    /// It is YAML.
    Yaml,
    /// It has `apiVersion`, `kind` and `metadata.name`.
    Envelope,
    /// Its metadata keeps the rules that hold for every kind.
    Policy,
    /// Its kind and `apiVersion` are known.
    Kind,
    /// Its `spec` is what the kind asks for.
    Schema,
    /// Its references can be read.
    Relations,
    /// It keeps the rules that the model's layers and the profile add.
    Rules,
    /// What it takes from elsewhere could be fetched. Refused only here, an entity is pending.
    Content,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yaml => "yaml",
            Self::Envelope => "envelope",
            Self::Policy => "policy",
            Self::Kind => "kind",
            Self::Schema => "schema",
            Self::Relations => "relations",
            Self::Rules => "rules",
            Self::Content => "content",
        })
    }
}

/// Problems reported of one document. Whoever has more does not read them all, and each one costs a search.
const MAX_PROBLEMS: usize = 200;

/// Collects problems while a document is judged.
#[derive(Default)]
pub(super) struct Report<'a> {
    /// Where they stand, if anybody wants to know.
    document: Option<(&'a SourceText, &'a YamlDocument)>,
    stage: Option<Stage>,
    diagnostics: Vec<Diagnostic>,
    more: More,
}

/// Problems that are only counted.
#[derive(Debug, Default)]
pub(crate) struct More {
    count: usize,
    worst: Option<Severity>,
}

impl More {
    pub(crate) fn add(&mut self, severity: Severity) {
        self.count += 1;
        self.worst = self.worst.max(Some(severity));
    }

    /// A problem that stands for all of them.
    pub(crate) fn summary(&self) -> Option<Diagnostic> {
        let message = match self.count {
            1 => "one more problem is not shown".to_owned(),
            count => format!("{count} more problems are not shown"),
        };
        Some(Diagnostic::new(self.worst?, "more-problems", message).help("mend those that are shown first"))
    }
}

impl<'a> Report<'a> {
    pub(super) fn new(source: &'a SourceText, document: &'a YamlDocument) -> Self {
        let stage = document.is_broken().then_some(Stage::Yaml);
        let diagnostics = document.problems().to_vec();
        Self { document: Some((source, document)), stage, diagnostics, more: More::default() }
    }

    /// Whether nothing was reported.
    pub(super) fn is_blank(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether there is nothing more to find out: somebody only asks whether there is a problem, and there is one.
    pub(super) fn is_settled(&self) -> bool {
        self.document.is_none() && !self.is_blank()
    }

    /// Whether one more problem is no more than counted, which is done here: then nobody has to put it into words.
    pub(super) fn only_counts(&mut self, stage: Stage, severity: Severity) -> bool {
        let counts = self.is_settled() || self.diagnostics.len() >= MAX_PROBLEMS;
        if counts {
            self.note(stage, severity);
            self.more.add(severity);
        }
        counts
    }

    /// Adds a problem of the value at a pointer.
    pub(super) fn at(&mut self, stage: Stage, pointer: &str, diagnostic: Diagnostic) {
        self.push(stage, diagnostic, |document| document.locate(pointer));
    }

    /// Adds a problem of the key of the member at a pointer.
    pub(super) fn at_key(&mut self, stage: Stage, pointer: &str, diagnostic: Diagnostic) {
        self.push(stage, diagnostic, |document| document.locate_key(pointer));
    }

    /// The diagnostics in the order of the text, and one for those that are too many.
    pub(super) fn into_parts(mut self) -> (Option<Stage>, Vec<Diagnostic>) {
        self.diagnostics.sort_by_key(|it| it.place.as_ref().map(|place| place.span.start));
        if let Some(mut summary) = self.more.summary() {
            // Behind the last one, however often they are sorted.
            summary.place = self.diagnostics.last().and_then(|last| last.place.clone());
            self.diagnostics.push(summary);
        }
        (self.stage, self.diagnostics)
    }

    pub(super) fn has_errors(&self) -> bool {
        self.stage.is_some()
    }

    /// An error refuses the document at its stage; anything else is only said.
    fn push(&mut self, stage: Stage, diagnostic: Diagnostic, place: impl FnOnce(&YamlDocument) -> Span) {
        if self.only_counts(stage, diagnostic.severity) {
            return;
        }
        self.note(stage, diagnostic.severity);
        self.diagnostics.push(match self.document {
            Some((source, document)) => diagnostic.at(source, place(document)),
            None => diagnostic,
        });
    }

    fn note(&mut self, stage: Stage, severity: Severity) {
        if severity == Severity::Error {
            self.stage = Some(self.stage.map_or(stage, |first| first.min(stage)));
        }
    }
}

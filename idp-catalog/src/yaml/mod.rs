//! YAML with positions: every document of a file as JSON, and where each node of it stands.
//!
//! Reads what the npm package `yaml` reads with its defaults, because that is what descriptors are written
//! against: YAML 1.2's core schema (`yes` is a string, `017` is seventeen), duplicate keys are errors, `<<` is a
//! plain key. Each document stands alone: a broken one does not cost its neighbours.

mod anchors;
mod compose;
mod key;
mod marks;
mod offsets;
mod problem;
mod repair;
mod scalar;
mod split;

use std::sync::Arc;

use idp_core::{Diagnostic, SourceText, Span};
use serde_json::Value;

pub use marks::Marks;
use problem::Problem;

/// Bounds on what one file may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct YamlLimits {
    /// Bytes of a file.
    pub bytes: usize,
    /// Bytes of one document in it.
    pub document_bytes: usize,
    /// Documents in a file.
    pub documents: usize,
    /// Levels of nested collections.
    pub depth: usize,
    /// Errors in a document, after which the rest of it is not read; and warnings that are kept.
    pub problems: usize,
    /// Nodes that the aliases of a document may add.
    pub alias_nodes: usize,
    /// Bytes of text that the aliases of a document may add.
    pub alias_bytes: usize,
}

impl Default for YamlLimits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            document_bytes: 16 << 20,
            documents: 10_000,
            depth: 100,
            problems: 100,
            alias_nodes: 100_000,
            alias_bytes: 16 << 20,
        }
    }
}

/// One document of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlDocument {
    index: usize,
    span: Span,
    pub(crate) value: Option<Arc<Value>>,
    marks: Marks,
    problems: Vec<Diagnostic>,
}

impl YamlDocument {
    /// A document that was read already, without positions.
    #[must_use]
    pub fn from_value(value: Value) -> Self {
        let (span, marks) = (Span::default(), Marks::default());
        Self { index: 0, span, value: Some(Arc::new(value)), marks, problems: Vec::new() }
    }

    /// A document that could not be read, and why.
    pub(crate) fn broken(problem: Diagnostic) -> Self {
        let (span, marks) = (Span::default(), Marks::default());
        Self { index: 0, span, value: None, marks, problems: vec![problem] }
    }

    /// Puts another value in the place of the one at a JSON pointer. All of it stands where that one stood.
    pub(crate) fn replace(&mut self, pointer: &str, value: Value) {
        let Some(whole) = &mut self.value else { return };
        self.marks.flatten(whole, pointer);
        if let Some(place) = Arc::make_mut(whole).pointer_mut(pointer) {
            *place = value;
        }
    }

    /// Its number in the file, from 0, blank documents included.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its bytes in the file.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The data; `None` where it could not be read as YAML. A blank document is null.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.value.as_deref()
    }

    /// Where each node of the data stands.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Everything wrong with it as YAML. With an error among them the document is not to be used.
    #[must_use]
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.value().is_some_and(Value::is_null) && !self.is_broken()
    }

    /// Whether it is unusable as YAML.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.value.is_none() || self.problems.iter().any(Diagnostic::is_error)
    }

    /// A diagnostic's place for a JSON pointer: the node there, or the nearest one around it.
    #[must_use]
    pub fn locate(&self, pointer: &str) -> Span {
        match &self.value {
            Some(value) if pointer.is_empty() && value.is_object() => first_key(&self.marks),
            Some(value) => self.marks.nearest(value, pointer).span(),
            None => self.span,
        }
    }

    /// A diagnostic's place for the member at a JSON pointer: its key where it has one, else as [`Self::locate`].
    #[must_use]
    pub fn locate_key(&self, pointer: &str) -> Span {
        let marks = self.value.as_ref().map(|value| self.marks.nearest(value, pointer));
        marks.map_or(self.span, |marks| marks.key().unwrap_or_else(|| first_key(marks)))
    }
}

/// What stands for a whole document: its first key, since underlining all of it helps nobody.
fn first_key(marks: &Marks) -> Span {
    marks.children.first().and_then(Marks::key).unwrap_or(marks.span())
}

/// Reads every document of a file. Never fails: what is wrong is said by the documents.
#[must_use]
pub fn parse_yaml(source: &SourceText, limits: &YamlLimits) -> Vec<YamlDocument> {
    parts(source, limits).into_iter().map(|part| part.read(source, limits)).collect()
}

/// Where one document stands in its file, so that several can be read at once.
pub(crate) struct Part {
    index: usize,
    chunk: Result<split::Chunk, Problem>,
}

/// Cuts a file into its documents. What is over a limit is one part that says so.
pub(crate) fn parts(source: &SourceText, limits: &YamlLimits) -> Vec<Part> {
    let text = source.text();
    if text.len() > limits.bytes {
        return vec![Part { index: 0, chunk: Err(Problem::too_large("file", limits.bytes, 0)) }];
    }
    let mut parts = Vec::new();
    for (index, chunk) in split::split(text).into_iter().enumerate() {
        let start = chunk.range.start;
        if index == limits.documents {
            parts.push(Part { index, chunk: Err(Problem::too_many(limits.documents, start)) });
            break;
        }
        let chunk = if chunk.range.len() > limits.document_bytes {
            Err(Problem::too_large("document", limits.document_bytes, start))
        } else {
            Ok(chunk)
        };
        parts.push(Part { index, chunk });
    }
    parts
}

impl Part {
    pub(crate) fn read(&self, source: &SourceText, limits: &YamlLimits) -> YamlDocument {
        match &self.chunk {
            Ok(chunk) => document(source, self.index, chunk, limits),
            Err(problem) => refused(source, self.index, problem.clone()),
        }
    }
}

fn document(source: &SourceText, index: usize, chunk: &split::Chunk, limits: &YamlLimits) -> YamlDocument {
    let span = Span::from(chunk.range.clone());
    let composed = compose::compose(source.text(), chunk, limits);
    let broken = composed.problems.iter().any(Problem::is_error);
    let (value, marks) = match composed.node {
        Some(node) => (Some(Arc::new(node.value)), node.marks),
        None if broken => (None, Marks::leaf(span)),
        None => (Some(Arc::default()), Marks::leaf(span)),
    };
    let problems = composed.problems.into_iter().map(|problem| problem.into_diagnostic(source)).collect();
    YamlDocument { index, span, value, marks, problems }
}

fn refused(source: &SourceText, index: usize, problem: Problem) -> YamlDocument {
    let span = Span::new(0, source.text().len());
    let problems = vec![problem.into_diagnostic(source)];
    YamlDocument { index, span, value: None, marks: Marks::leaf(span), problems }
}

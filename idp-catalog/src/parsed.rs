//! A source's documents, parsed.

use std::ops::Range;
use std::sync::Arc;

use idp_core::{Content, Diagnostic, Document, SourceText, Span};
use serde_json::Value;

use crate::yaml::{Part, parts};
use crate::{YamlDocument, YamlLimits, parse_yaml};

/// A text and the documents in it.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) text: SourceText,
    pub(crate) documents: Vec<YamlDocument>,
}

/// Parses a document of a source: into one text or, where it holds an entity a line, into as many.
pub(crate) fn parse(document: Document, limits: &YamlLimits) -> Vec<Parsed> {
    if let Content::Text(text) = document.content {
        let text = SourceText::new(document.location, text);
        let documents = parse_yaml(&text, limits);
        return vec![Parsed { text, documents }];
    }
    let units = units(document, limits);
    units
        .iter()
        .map(|unit| unit.read(limits))
        .map(|(text, it)| Parsed { text, documents: vec![it] })
        .collect()
}

/// A document that is still to be read, so that several can be read at once.
pub(crate) enum Unit {
    /// Of a text.
    Part(SourceText, Part),
    /// A line of many, which are not copied to be shared.
    Line { location: Arc<str>, lines: Arc<String>, line: Range<usize>, number: usize },
    /// Read already.
    Entity(Arc<str>, Value),
}

/// Cuts a document of a source into what can be read alone.
pub(crate) fn units(document: Document, limits: &YamlLimits) -> Vec<Unit> {
    let Document { location, content } = document;
    match content {
        Content::Text(text) => {
            let text = SourceText::new(location, text);
            parts(&text, limits).into_iter().map(|part| Unit::Part(text.clone(), part)).collect()
        }
        Content::Entity(value) => vec![Unit::Entity(location.into(), value)],
        Content::Lines { text, first } => lines(&location.into(), &Arc::new(text), first),
    }
}

fn lines(location: &Arc<str>, lines: &Arc<String>, first: usize) -> Vec<Unit> {
    let mut start = 0;
    let ranges = lines.split_inclusive('\n').map(|line| {
        start += line.len();
        start - line.len()..start
    });
    let written = ranges.zip(first..).filter(|(line, _)| !lines[line.clone()].trim().is_empty());
    let unit = |(line, number)| Unit::Line {
        location: Arc::clone(location),
        lines: Arc::clone(lines),
        line,
        number,
    };
    written.map(unit).collect()
}

impl Unit {
    /// The text of a line that is not too large to be read.
    pub(crate) fn line(&self, limits: &YamlLimits) -> Option<&str> {
        let Self::Line { lines, line, .. } = self else { return None };
        Some(text_of(&lines[line.clone()])).filter(|line| line.len() <= limits.bytes)
    }

    /// Reads the document.
    pub(crate) fn read(&self, limits: &YamlLimits) -> (SourceText, YamlDocument) {
        match self {
            Self::Part(text, part) => (text.clone(), part.read(text, limits)),
            Self::Entity(location, value) => {
                (SourceText::new(&**location, ""), YamlDocument::from_value(value.clone()))
            }
            Self::Line { location, lines, line, number } => {
                read_line(location, text_of(&lines[line.clone()]), *number, limits)
            }
        }
    }
}

/// A line without its break.
fn text_of(line: &str) -> &str {
    line.trim_end_matches(['\n', '\r'])
}

fn read_line(location: &str, line: &str, number: usize, limits: &YamlLimits) -> (SourceText, YamlDocument) {
    let text = SourceText::part(location, line, number);
    let document = match serde_json::from_str::<Value>(line) {
        // Without positions: problems are told at the line, which is all that a program that wrote it asks for.
        Ok(value) if line.len() <= limits.bytes => YamlDocument::from_value(value),
        Ok(_) => broken(&text, 0, &format!("it is larger than {} bytes", limits.bytes)),
        Err(error) => {
            let told = error.to_string();
            let why = told.split(" at line ").next().unwrap_or_default();
            broken(&text, error.column().saturating_sub(1), why)
        }
    };
    (text, document)
}

fn broken(text: &SourceText, column: usize, why: &str) -> YamlDocument {
    let problem = Diagnostic::error("json-syntax", format!("the line is not JSON: {why}"));
    YamlDocument::broken(problem.at(text, Span::at(column)))
}

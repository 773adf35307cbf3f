//! A source's documents, parsed.

use idp_core::{Content, Diagnostic, Document, SourceText, Span};
use serde_json::Value;

use crate::{YamlDocument, YamlLimits, parse_yaml};

/// A text and the documents in it.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) text: SourceText,
    pub(crate) documents: Vec<YamlDocument>,
}

/// Parses a document of a source: into one text or, where it holds an entity a line, into as many.
pub(crate) fn parse(document: Document, limits: &YamlLimits) -> Vec<Parsed> {
    let Document { location, content } = document;
    match content {
        Content::Text(text) => {
            let text = SourceText::new(location, text);
            let documents = parse_yaml(&text, limits);
            vec![Parsed { text, documents }]
        }
        Content::Entity(value) => {
            vec![Parsed {
                text: SourceText::new(location, ""),
                documents: vec![YamlDocument::from_value(value)],
            }]
        }
        Content::Lines { text, first } => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            lines.map(|(index, line)| parse_line(&location, line, first + index, limits)).collect()
        }
    }
}

fn parse_line(location: &str, line: &str, number: usize, limits: &YamlLimits) -> Parsed {
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
    Parsed { text, documents: vec![document] }
}

fn broken(text: &SourceText, column: usize, why: &str) -> YamlDocument {
    let problem = Diagnostic::error("json-syntax", format!("the line is not JSON: {why}"));
    YamlDocument::broken(problem.at(text, Span::at(column)))
}

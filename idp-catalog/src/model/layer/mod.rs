//! Layers: the model as data.
//!
//! A layer is a YAML or JSON file that declares kinds, annotations, labels and rules, adds to what other layers declare,
//! and takes away from it. Reading one checks it on its own; [`compose`] puts several together.

mod compose;
mod data;
mod merge;
mod schema;

pub(super) use compose::{Composed, compose};
use data::LayerData;
pub(super) use data::RuleData;
use idp_core::{Diagnostic, SourceText};
use schema::SchemaReader;
use serde_json::Value;

use super::kind::Spec;
use super::pointer::Pointer;
use super::report::{Report, Stage};
use super::rule::Rule;
use super::shape::Shape;
use super::verdict;
use crate::yaml::{YamlDocument, YamlLimits, parse_yaml};

/// A layer that is fine on its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    source: SourceText,
    document: YamlDocument,
    data: LayerData,
}

impl Layer {
    /// Reads a layer from its file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(source: &SourceText) -> Result<Self, Vec<Diagnostic>> {
        let mut documents = parse_yaml(source, &YamlLimits::default());
        if documents.len() != 1 {
            let message = format!("a layer is one document, this file has {}", documents.len());
            return Err(vec![Diagnostic::error("bad-layer", message).at(source, idp_core::Span::at(0))]);
        }
        let document = documents.remove(0);
        let mut report = Report::new(source, &document);
        let value = document.value.as_deref().filter(|_| !document.is_broken());
        let data = value.and_then(|value| check(value, &mut report));
        let (_, diagnostics) = report.into_parts();
        match data {
            Some(data) if !diagnostics.iter().any(Diagnostic::is_error) => {
                Ok(Self { source: source.clone(), document, data })
            }
            _ => Err(diagnostics),
        }
    }

    /// A layer of the library's own, which a test has read before: only its data is taken.
    pub(super) fn own(name: &str, text: &str) -> Option<Self> {
        let source = SourceText::new(name, text);
        let document = parse_yaml(&source, &YamlLimits::default()).into_iter().next()?;
        let data = serde::Deserialize::deserialize(document.value()?).ok()?;
        Some(Self { source, document, data })
    }

    /// A diagnostic about something at a pointer of this layer.
    fn at(&self, pointer: &str, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.at(&self.source, self.document.locate(pointer))
    }

    /// `FILE:LINE:COLUMN` of something at a pointer of this layer.
    fn place(&self, pointer: &str) -> String {
        let (line, column) = self.source.position(self.document.locate(pointer).start);
        format!("{}:{line}:{column}", self.source.name())
    }
}

/// Checks everything that can be checked of one layer; its data, where that can be read.
fn check(value: &Value, report: &mut Report<'_>) -> Option<LayerData> {
    verdict::check(Stage::Schema, &form(), &value.into(), "", report);
    let mut problems = Vec::new();
    let mut reader = SchemaReader { problems: &mut problems };
    walk(value, &Pointer::new(""), &mut reader);
    let data = LayerData::deserialize_from(value, report);
    for (index, rule) in data.iter().flat_map(|data| &data.rules).enumerate() {
        for (part, problem) in Rule::new(rule).err().into_iter().flatten() {
            problems.push((format!("/rules/{index}/{part}"), problem));
        }
    }
    for (pointer, problem) in problems {
        report.at(Stage::Schema, &pointer, problem);
    }
    data
}

impl LayerData {
    /// Reads what has the form of a layer. A failure is reported only where nothing else was.
    fn deserialize_from(value: &Value, report: &mut Report<'_>) -> Option<Self> {
        match serde::Deserialize::deserialize(value) {
            Ok(data) => Some(data),
            Err(error) => {
                if !report.has_errors() {
                    report.at(Stage::Schema, "", Diagnostic::error("bad-layer", error.to_string()));
                }
                None
            }
        }
    }
}

/// Reads every schema below a value for what is wrong with it.
fn walk(value: &Value, at: &Pointer<'_>, reader: &mut SchemaReader<'_>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                at.with_key(key, |at| match key.as_str() {
                    "spec" | "value" => drop(reader.read(value, at)),
                    _ => walk(value, at, reader),
                });
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.with_index(index, |at| walk(item, at, reader));
            }
        }
        _ => {}
    }
}

/// The shape of a schema that was checked before.
fn shape(schema: &Value) -> Shape {
    SchemaReader { problems: &mut Vec::new() }.read(schema, &Pointer::new(""))
}

/// What a layer looks like.
fn form() -> Shape {
    let source = SourceText::new("layer.yaml", include_str!("../layers/layer.yaml"));
    let documents = parse_yaml(&source, &YamlLimits::default());
    documents.first().and_then(YamlDocument::value).map_or(Shape::Any, shape)
}

impl Spec {
    fn from_data(data: &data::SpecData) -> Self {
        let shape = data.spec.as_ref().map(shape);
        Self::new(shape, data.relations.iter().map(super::kind::RelationField::from))
    }
}

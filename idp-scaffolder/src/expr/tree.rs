//! JSON whose strings are templates: a step's input, a run's output.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::engine::Engine;
use super::error::TemplateError;
use super::scope::Scope;
use super::settings::Mode;
use super::template::{Evaluated, Evaluation};
use super::value::{unknown_json, unknown_names};

/// A JSON value with its strings rendered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RenderedTree {
    /// The value. None where the root itself came to nothing. Values known only after apply are the objects
    /// `{"$unknown": "steps.publish.output.url"}`.
    pub value: Option<Json>,
    /// The values known only after apply that it depends on.
    pub unknown: BTreeSet<String>,
    /// Strings that could not be rendered and were kept as they were, with their place as a JSON pointer.
    pub problems: Vec<(String, TemplateError)>,
}

/// Whether a step runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The answer. None where it depends on values known only after apply.
    pub holds: Option<bool>,
    /// Those values.
    pub unknown: BTreeSet<String>,
    /// Whether `always()` or `failure()` was called, without which a step does not run after a failure.
    pub status_called: bool,
    /// What went wrong. The text of the condition is its value then, which holds.
    pub error: Option<TemplateError>,
}

impl Engine {
    /// Renders every string of a JSON value. Keys stay as they are; a string that comes to nothing takes its key away,
    /// or leaves null in a list. In every mode a string that fails keeps its text and is listed as a problem.
    pub fn render_tree(&self, json: &Json, scope: &Scope) -> RenderedTree {
        let mut tree = RenderedTree::default();
        tree.value = self.node(json, scope, &mut String::new(), &mut tree);
        tree
    }

    fn node(
        &self,
        json: &Json,
        scope: &Scope,
        pointer: &mut String,
        tree: &mut RenderedTree,
    ) -> Option<Json> {
        match json {
            Json::String(source) => self.string(source, scope, pointer, tree),
            Json::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let rendered = self.child(&index.to_string(), item, scope, pointer, tree);
                    out.push(rendered.unwrap_or(Json::Null));
                }
                Some(Json::Array(out))
            }
            Json::Object(entries) => {
                let mut out = Map::new();
                for (key, value) in entries {
                    if let Some(rendered) = self.child(key, value, scope, pointer, tree) {
                        out.insert(key.clone(), rendered);
                    }
                }
                Some(Json::Object(out))
            }
            other => Some(other.clone()),
        }
    }

    fn child(
        &self,
        key: &str,
        json: &Json,
        scope: &Scope,
        pointer: &mut String,
        tree: &mut RenderedTree,
    ) -> Option<Json> {
        let parent = pointer.len();
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        let rendered = self.node(json, scope, pointer, tree);
        pointer.truncate(parent);
        rendered
    }

    fn string(&self, source: &str, scope: &Scope, pointer: &str, tree: &mut RenderedTree) -> Option<Json> {
        let Evaluation { value, error, .. } = match self.render_value(source, scope) {
            Ok(evaluation) => evaluation,
            Err(error) => {
                tree.problems.push((pointer.to_owned(), error));
                return Some(source.into());
            }
        };
        tree.problems.extend(error.map(|error| (pointer.to_owned(), error)));
        match value {
            Evaluated::Value(json) => {
                note_unknown(&json, &mut tree.unknown);
                Some(json)
            }
            Evaluated::Undefined => None,
            Evaluated::NotJson(_) => Some(Json::Null),
            Evaluated::Unknown(names) => {
                let marker = unknown_json(&names);
                tree.unknown.extend(names);
                Some(marker)
            }
        }
    }

    /// Evaluates a step's `if`. Booleans count as they are; a text is rendered, and a list holds when it is not empty,
    /// anything else when JavaScript takes it for true; other literals hold.
    ///
    /// # Errors
    /// In [`Mode::Strict`], whatever goes wrong.
    pub fn condition(&self, condition: &Json, scope: &Scope) -> Result<Condition, TemplateError> {
        let plain = |holds| {
            Ok(Condition { holds: Some(holds), unknown: BTreeSet::new(), status_called: false, error: None })
        };
        let source = match condition {
            Json::Bool(value) => return plain(*value),
            Json::String(source) => source,
            _ => return plain(true),
        };
        let Evaluation { value, error, status_called } = self.render_value(source, scope)?;
        let mut unknown = BTreeSet::new();
        let holds = match value {
            Evaluated::Value(json) if idp_core::unknown_origin(&json).is_some() => {
                note_unknown(&json, &mut unknown);
                None
            }
            Evaluated::Value(json) => Some(self.truthy(&json)),
            Evaluated::Undefined => Some(false),
            Evaluated::NotJson(number) => Some(!number.is_nan()),
            Evaluated::Unknown(names) => {
                unknown = names;
                None
            }
        };
        Ok(Condition { holds, unknown, status_called, error })
    }

    /// Whether a rendered condition holds.
    pub fn truthy(&self, json: &Json) -> bool {
        match json {
            Json::Null => false,
            Json::Bool(value) => *value,
            Json::Number(number) => number.as_f64() != Some(0.0),
            Json::String(text) => !text.is_empty(),
            Json::Array(items) => !items.is_empty(),
            Json::Object(entries) => self.mode() != Mode::Strict || !entries.is_empty(),
        }
    }
}

/// Collects the names of the unknown values within a value.
fn note_unknown(json: &Json, names: &mut BTreeSet<String>) {
    names.extend(idp_core::unknown_origins(json).into_iter().flat_map(unknown_names));
}

//! How deep a document may be nested.

use idp_core::Diagnostic;
use serde_json::Value;

use super::pointer::Pointer;
use super::report::{Report, Stage};
use crate::json::Json;

/// Levels of nested collections in an entity. JSON readers give up at 128, and what the catalog writes around an entity
/// adds a few: what is deeper could be written to the log and never be read back.
const MAX_DEPTH: usize = 100;

/// Refuses a document that is nested too deep, wherever its parts come from. Says whether others may walk it.
pub(super) fn check(value: &Value, report: &mut Report<'_>) -> bool {
    let Some(pointer) = deeper(value, MAX_DEPTH, &Pointer::new("")) else { return true };
    let message = format!("the document is nested more than {MAX_DEPTH} levels deep");
    let problem = Diagnostic::error("nested-too-deep", message);
    report.at(Stage::Yaml, &pointer, problem.help("flatten it, or keep the deep part as text"));
    false
}

/// Whether a document is not nested too deep, of one that no reader would have let in that others cannot walk.
pub(super) fn is_shallow(document: &Json<'_>) -> bool {
    !is_deeper(document, MAX_DEPTH)
}

fn is_deeper(value: &Json<'_>, levels: usize) -> bool {
    match value {
        Json::Object(_) | Json::List(_) if levels == 0 => true,
        Json::Object(members) => members.iter().any(|(_, value)| is_deeper(value, levels - 1)),
        Json::List(items) => items.iter().any(|item| is_deeper(item, levels - 1)),
        _ => false,
    }
}

/// The first collection that stands below so many levels of others.
fn deeper(value: &Value, levels: usize, at: &Pointer<'_>) -> Option<String> {
    match value {
        _ if levels == 0 => is_collection(value).then(|| at.to_string()),
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| is_collection(value))
            .find_map(|(key, value)| at.with_key(key, |at| deeper(value, levels - 1, at))),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter(|(_, item)| is_collection(item))
            .find_map(|(index, item)| at.with_index(index, |at| deeper(item, levels - 1, at))),
        _ => None,
    }
}

fn is_collection(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

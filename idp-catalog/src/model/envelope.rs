//! The envelope: what makes a document an entity at all.

use idp_core::Diagnostic;
use serde_json::{Map, Value};

use super::report::{Report, Stage};
use super::shape::describe_value;

/// Checks the envelope; the document's root, where it is an object.
pub(super) fn check<'v>(value: &'v Value, report: &mut Report<'_>) -> Option<&'v Map<String, Value>> {
    let Some(root) = value.as_object() else {
        let found = describe_value(value);
        let problem =
            Diagnostic::error("not-an-entity", format!("a document must be an object, this is {found}"));
        report.at(Stage::Envelope, "", problem.help("start with `apiVersion:`, `kind:` and `metadata:`"));
        return None;
    };
    text(root.get("apiVersion"), "/apiVersion", report);
    text(root.get("kind"), "/kind", report);
    match root.get("metadata") {
        Some(Value::Object(metadata)) => text(metadata.get("name"), "/metadata/name", report),
        Some(other) => wrong("/metadata", "an object", other, report),
        None => missing("/metadata", report),
    }
    Some(root)
}

fn text(value: Option<&Value>, pointer: &str, report: &mut Report<'_>) {
    match value {
        Some(Value::String(text)) if !text.is_empty() => {}
        Some(other) => wrong(pointer, "a non-empty string", other, report),
        None => missing(pointer, report),
    }
}

fn missing(pointer: &str, report: &mut Report<'_>) {
    let field = pointer[1..].replace('/', ".");
    let problem = Diagnostic::error("missing-field", format!("the field `{field}` is missing"));
    report.at_key(Stage::Envelope, pointer, problem.help("every entity needs it"));
}

fn wrong(pointer: &str, expected: &str, found: &Value, report: &mut Report<'_>) {
    let (field, found) = (pointer[1..].replace('/', "."), describe_value(found));
    let problem = Diagnostic::error("wrong-type", format!("`{field}` must be {expected}, this is {found}"));
    report.at(Stage::Envelope, pointer, problem);
}

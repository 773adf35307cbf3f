//! The envelope: what makes a document an entity at all.

use idp_core::{Diagnostic, EntityRef};

use super::report::{Report, Stage};
use super::shape::describe;
use crate::json::{Json, Member, member};

/// Who a document says it is, where its envelope says so: as [`idp_core::Entity::from_value`] reads it.
pub(super) fn identity(document: &Json<'_>) -> Option<EntityRef> {
    given(document, "apiVersion")?;
    let metadata = document.get("metadata")?;
    let namespace = given(metadata, "namespace").unwrap_or("default");
    EntityRef::new(given(document, "kind")?, namespace, given(metadata, "name")?).ok()
}

fn given<'v>(holder: &'v Json<'_>, key: &str) -> Option<&'v str> {
    holder.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// Checks the envelope; the document's root, where it is an object.
pub(super) fn check<'v, 't>(document: &'v Json<'t>, report: &mut Report<'_>) -> Option<&'v [Member<'t>]> {
    let Some(root) = document.as_object() else {
        let found = describe(document);
        let problem =
            Diagnostic::error("not-an-entity", format!("a document must be an object, this is {found}"));
        report.at(Stage::Envelope, "", problem.help("start with `apiVersion:`, `kind:` and `metadata:`"));
        return None;
    };
    text(member(root, "apiVersion"), "/apiVersion", report);
    text(member(root, "kind"), "/kind", report);
    match member(root, "metadata") {
        Some(Json::Object(metadata)) => text(member(metadata, "name"), "/metadata/name", report),
        Some(other) => wrong("/metadata", "an object", other, report),
        None => missing("/metadata", report),
    }
    Some(root)
}

fn text(value: Option<&Json<'_>>, pointer: &str, report: &mut Report<'_>) {
    match value {
        Some(Json::Text(text)) if !text.is_empty() => {}
        Some(other) => wrong(pointer, "a non-empty string", other, report),
        None => missing(pointer, report),
    }
}

fn missing(pointer: &str, report: &mut Report<'_>) {
    let field = pointer[1..].replace('/', ".");
    let problem = Diagnostic::error("missing-field", format!("the field `{field}` is missing"));
    report.at_key(Stage::Envelope, pointer, problem.help("every entity needs it"));
}

fn wrong(pointer: &str, expected: &str, found: &Json<'_>, report: &mut Report<'_>) {
    let (field, found) = (pointer[1..].replace('/', "."), describe(found));
    let problem = Diagnostic::error("wrong-type", format!("`{field}` must be {expected}, this is {found}"));
    report.at(Stage::Envelope, pointer, problem);
}

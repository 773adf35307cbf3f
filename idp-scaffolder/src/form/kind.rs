//! From a field's schema to the kind of its question.

use serde_json::Value;

use super::{Choice, EntityOptions, QuestionKind, RepoUrlOptions};
use crate::parameters::{MAX_DEPTH, Schema};

/// What a field asks for.
#[derive(Debug)]
pub(super) enum Asks {
    /// One answer.
    Answer(QuestionKind),
    /// Nothing to choose: this is the value.
    Constant(Value),
    /// Its fields, one after the other.
    Fields,
    /// Its elements, which have fields, are secrets, or are such lists themselves, one after the other.
    Elements,
    /// Nothing.
    Nothing,
}

/// What a field asks for.
pub(super) fn asks(schema: Schema<'_>) -> Asks {
    asks_at(schema, 0)
}

fn asks_at(schema: Schema<'_>, depth: usize) -> Asks {
    if let Some(kind) = by_extension(schema) {
        return Asks::Answer(kind);
    }
    if let Some(value) = schema.get("const") {
        return Asks::Constant(value.clone());
    }
    if let Some(choices) = choices(schema) {
        return Asks::Answer(QuestionKind::Choice(choices));
    }
    match type_of(schema) {
        Some("object") if has_fields(schema) => Asks::Fields,
        Some("null") => Asks::Nothing,
        Some("array") => of_list(schema, depth),
        kind => Asks::Answer(scalar(kind, schema)),
    }
}

fn scalar(kind: Option<&str>, schema: Schema<'_>) -> QuestionKind {
    match kind {
        Some("string") => {
            let widget = widget(schema);
            QuestionKind::Text { multiline: widget == Some("textarea"), hidden: widget == Some("password") }
        }
        Some("integer") => QuestionKind::Number { integer: true },
        Some("number") => QuestionKind::Number { integer: false },
        Some("boolean") => QuestionKind::Boolean,
        _ => QuestionKind::Value,
    }
}

fn of_list(schema: Schema<'_>, depth: usize) -> Asks {
    // A list may say of its elements that they are such lists.
    let items = schema.get("items").filter(|_| depth < MAX_DEPTH);
    let Some(items) = items else { return Asks::Answer(QuestionKind::Value) };
    match asks_at(schema.inner(items), depth + 1) {
        Asks::Fields | Asks::Elements => Asks::Elements,
        Asks::Answer(QuestionKind::Choice(choices)) => Asks::Answer(QuestionKind::Choices(choices)),
        Asks::Answer(QuestionKind::Entity(options)) => Asks::Answer(QuestionKind::Entities(options)),
        // Each of them is a question of its own, for a secret is never an answer that is shown.
        Asks::Answer(QuestionKind::Secret) => Asks::Elements,
        Asks::Answer(kind) if kind != QuestionKind::Value => Asks::Answer(QuestionKind::List(Box::new(kind))),
        _ => Asks::Answer(QuestionKind::Value),
    }
}

/// What Backstage's own form extensions ask for.
fn by_extension(schema: Schema<'_>) -> Option<QuestionKind> {
    let extension = schema.get("ui:field")?.as_str()?;
    let entities = || EntityOptions::of(extension, schema.get("ui:options"));
    Some(match extension {
        "EntityPicker" | "OwnerPicker" | "OwnedEntityPicker" | "MyGroupsPicker" => {
            QuestionKind::Entity(entities())
        }
        "MultiEntityPicker" => QuestionKind::Entities(entities()),
        "EntityTagsPicker" => QuestionKind::Tags(entities()),
        "RepoUrlPicker" => QuestionKind::RepoUrl(RepoUrlOptions::of(schema.get("ui:options"))),
        "Secret" => QuestionKind::Secret,
        _ => return None,
    })
}

/// The values of an enumeration: of `enum`, with names beside it, or of alternatives with a constant each.
fn choices(schema: Schema<'_>) -> Option<Vec<Choice>> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let names = ["ui:enumNames", "enumNames"].iter().find_map(|key| schema.get(key));
        let names = names.or_else(|| schema.get("ui:options")?.get("enumNames"));
        let name = |index: usize| names?.get(index);
        return Some(values.iter().enumerate().map(|(at, value)| Choice::new(value, name(at))).collect());
    }
    let alternatives = ["oneOf", "anyOf"].iter().map(|key| schema.list(key)).find(|it| !it.is_empty())?;
    let constant = |alternative| {
        let schema = schema.inner(alternative);
        let single = |values: &Value| values.as_array().filter(|it| it.len() == 1)?.first().cloned();
        let value = schema.get("const").cloned().or_else(|| single(schema.get("enum")?))?;
        Some(Choice::new(&value, schema.get("title")))
    };
    alternatives.iter().map(constant).collect()
}

/// The first kind of value that a schema names, nothing aside; what it implies where it names none.
fn type_of<'s>(schema: Schema<'s>) -> Option<&'s str> {
    match schema.get("type") {
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|it| *it != "null")
        }
        Some(kind) => kind.as_str(),
        None if has_fields(schema) => Some("object"),
        None if schema.get("items").is_some() => Some("array"),
        None if ["pattern", "minLength", "maxLength", "format"]
            .iter()
            .any(|key| schema.get(key).is_some()) =>
        {
            Some("string")
        }
        None => None,
    }
}

/// Whether a schema names fields, itself or in a branch.
fn has_fields(schema: Schema<'_>) -> bool {
    let branches = ["allOf", "anyOf", "oneOf"].iter().flat_map(|key| schema.list(key));
    let conditional = ["then", "else"].iter().filter_map(|key| schema.get(key));
    schema.get("properties").is_some()
        || branches.chain(conditional).any(|branch| schema.inner(branch).get("properties").is_some())
}

/// How a field is to be shown.
pub(super) fn widget<'s>(schema: Schema<'s>) -> Option<&'s str> {
    schema.get("ui:widget").or_else(|| schema.get("ui:options")?.get("widget"))?.as_str()
}

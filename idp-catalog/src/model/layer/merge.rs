//! Additions to kinds that other layers declare.

use std::collections::BTreeMap;

use idp_core::Diagnostic;
use serde_json::{Map, Value, json};

use super::Layer;
use super::compose::conflict;
use super::data::{KindData, RelationData, SpecData, UpdateData};

/// What was added to which kind, by whom.
#[derive(Default)]
pub(super) struct Merge<'l> {
    added: BTreeMap<(String, String), Addition<'l>>,
}

struct Addition<'l> {
    what: Part,
    layer: &'l Layer,
    pointer: String,
}

/// One thing that an update says.
#[derive(PartialEq)]
enum Part {
    Field(Value),
    Relation(RelationData),
    Type(SpecData),
}

impl<'l> Merge<'l> {
    /// Notes an update, and where it says something else than another one.
    pub(super) fn check(&mut self, layer: &'l Layer, update: &UpdateData, pointer: &str) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for (name, inside, what) in parts(update) {
            let pointer = format!("{pointer}/{inside}");
            let key = (update.kind.clone(), name.clone());
            match self.added.get(&key) {
                Some(first) if first.what != what => {
                    let what = format!("{name} of `{}`", update.kind);
                    problems.push(conflict(layer, &pointer, &what, first.layer, &first.pointer));
                }
                Some(_) => {}
                None => {
                    self.added.insert(key, Addition { what, layer, pointer });
                }
            }
        }
        problems
    }

    /// Adds an update to a kind: fields and relations replace those of the same name.
    pub(super) fn apply(&self, update: &UpdateData, kind: &mut KindData) {
        for version in &update.api_versions {
            if !kind.api_versions.contains(version) {
                kind.api_versions.push(version.clone());
            }
        }
        for relation in &update.spec.relations {
            kind.spec.relations.retain(|it| it.field != relation.field);
            kind.spec.relations.push(relation.clone());
        }
        if let Some(schema) = &update.spec.spec {
            merge_schema(kind.spec.spec.get_or_insert_with(|| json!({})), schema);
        }
        kind.types.extend(update.types.iter().map(|(name, data)| (name.clone(), data.clone())));
    }
}

/// What an update says, one by one: how it is called, where it stands, what it is.
fn parts(update: &UpdateData) -> Vec<(String, String, Part)> {
    let schema = update.spec.spec.as_ref().and_then(|schema| schema.get("properties"));
    let fields = schema.and_then(Value::as_object).into_iter().flatten();
    let fields = fields.map(|(name, schema)| {
        (format!("the field `{name}`"), format!("spec/properties/{name}"), Part::Field(schema.clone()))
    });
    let relations = update.spec.relations.iter().enumerate().map(|(index, it)| {
        (
            format!("the relation field `{}`", it.field),
            format!("relations/{index}"),
            Part::Relation(it.clone()),
        )
    });
    let types = update.types.iter().map(|(name, data)| {
        (format!("the type `{name}`"), format!("types/{name}"), Part::Type(data.clone()))
    });
    fields.chain(relations).chain(types).collect()
}

/// Adds properties and required names; every other keyword replaces what was there.
fn merge_schema(into: &mut Value, schema: &Value) {
    let (Value::Object(into), Value::Object(schema)) = (into, schema) else { return };
    for (key, value) in schema {
        match (into.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => {
                known.extend(more.clone());
            }
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => {
                let more: Vec<Value> = more.iter().filter(|it| !known.contains(it)).cloned().collect();
                known.extend(more);
            }
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Takes a field away from a kind and its types: the schema's, and the relation. Says whether there was one.
pub(super) fn remove_field(kind: &mut KindData, field: &str) -> bool {
    let mut found = take_from(&mut kind.spec, field);
    for data in kind.types.values_mut() {
        found |= take_from(data, field);
    }
    found
}

fn take_from(data: &mut SpecData, field: &str) -> bool {
    let before = data.relations.len();
    data.relations.retain(|it| it.field != field);
    let mut found = data.relations.len() < before;
    if let Some(Value::Object(schema)) = &mut data.spec {
        found |= take_from_schema(schema, field);
    }
    found
}

fn take_from_schema(schema: &mut Map<String, Value>, field: &str) -> bool {
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|it| it != field);
    }
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    properties.is_some_and(|properties| properties.shift_remove(field).is_some())
}

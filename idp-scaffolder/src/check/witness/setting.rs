//! Parameters that a form accepts and that are as they are needed.

use serde_json::{Map, Value};

use super::super::draft::{Need, Want};
use super::super::types::{resolve, truthy};
use super::fields::{Field, find as find_field};
use super::sample::{other, sample};
use crate::parameters::{conditional_branch, dependency_branches};
use crate::{Template, check_parameters};

/// How often what a form still asks for is filled in: each answer can bring new questions.
const ROUNDS: usize = 4;

/// How deep objects are filled in.
const DEPTH: usize = 12;

/// Parameters that a form accepts.
#[derive(Debug)]
pub(crate) struct Setting {
    /// What is given.
    pub(crate) given: Map<String, Value>,
    /// What becomes of it, with the form's defaults.
    pub(crate) parameters: Map<String, Value>,
}

/// Finds parameters that are as they are needed, as few as possible.
pub(crate) fn find(template: &Template, needs: &[Need]) -> Option<Setting> {
    let pages = &template.spec().parameters.0;
    let mut given = Value::Object(Map::new());
    for need in needs {
        give(pages, need, &mut given);
    }
    for _ in 0..ROUNDS {
        pages.iter().for_each(|page| complete(page, page, &mut given, 0));
    }
    for need in needs.iter().filter(|need| need.want == Want::Absent) {
        take(&mut given, &need.path);
    }
    let Value::Object(given) = given else { return None };
    let parameters = check_parameters(template, &given).ok()?;
    let whole = Value::Object(parameters.clone());
    let met = needs.iter().all(|need| is_met(need, &whole));
    met.then_some(Setting { given, parameters })
}

fn is_met(need: &Need, parameters: &Value) -> bool {
    let found = need.path.iter().try_fold(parameters, |value, name| value.get(name));
    match &need.want {
        Want::Absent => found.is_none(),
        Want::True => found.is_some_and(truthy),
        Want::False => !found.is_some_and(truthy),
        Want::Value(value) => found == Some(value),
        Want::Other(value) => found != Some(value),
    }
}

/// Puts what is needed where it is needed, and whatever makes its field appear.
fn give(pages: &[Value], need: &Need, given: &mut Value) {
    let field = find_field(pages, &need.path);
    for (path, value) in field.iter().flat_map(|field| &field.before) {
        put(given, path, value.clone());
    }
    let schema = field.as_ref().map(Field::schema);
    match &need.want {
        Want::Absent => {}
        Want::Value(value) => put(given, &need.path, value.clone()),
        Want::Other(value) => {
            if let Some(answer) = schema.and_then(|(schema, root)| other(schema, root, value)) {
                put(given, &need.path, answer);
            }
        }
        Want::True => {
            let there = need.path.iter().try_fold(&*given, |value, name| value.get(name));
            if let (Some((schema, root)), false) = (schema, there.is_some_and(truthy)) {
                put(given, &need.path, sample(schema, root, true));
            }
        }
        Want::False => {
            if schema.is_some_and(|(schema, _)| schema.get("type") == Some(&Value::from("boolean"))) {
                put(given, &need.path, false.into());
            }
        }
    }
}

fn put(given: &mut Value, path: &[String], answer: Value) {
    let Some((name, rest)) = path.split_first() else {
        *given = answer;
        return;
    };
    if !given.is_object() {
        *given = Value::Object(Map::new());
    }
    if let Some(map) = given.as_object_mut() {
        put(map.entry(name.clone()).or_insert(Value::Null), rest, answer);
    }
}

fn take(given: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    let holder = parents.iter().try_fold(given, |value, name| value.get_mut(name));
    if let Some(map) = holder.and_then(Value::as_object_mut) {
        map.remove(last);
    }
}

/// Fills in what a schema requires and nothing gives.
fn complete(schema: &Value, root: &Value, given: &mut Value, depth: usize) {
    let Some(schema) = resolve(schema, root).filter(|_| depth < DEPTH) else { return };
    let properties = schema.get("properties").and_then(Value::as_object);
    let required =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(map) = given.as_object_mut() {
        for name in required {
            let Some(field) = properties.and_then(|it| it.get(name)) else { continue };
            if !map.contains_key(name) && field.get("default").is_none() {
                map.insert(name.to_owned(), sample(field, root, false));
            }
        }
        for (name, field) in properties.into_iter().flatten() {
            if let Some(inner) = map.get_mut(name) {
                complete(field, root, inner, depth + 1);
            }
        }
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        complete(part, root, given, depth + 1);
    }
    if let Some(branch) = conditional_branch(schema, given) {
        complete(branch, root, given, depth + 1);
    }
    for branch in dependency_branches(schema, given) {
        complete(&branch, root, given, depth + 1);
    }
}

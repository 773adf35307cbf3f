//! Where secrets stand among parameters.

use std::collections::{BTreeMap, HashSet};

use idp_core::Secret;
use serde_json::{Map, Value};

use super::branches::{MAX_DEPTH, Walker, escape, last, list, names, resolve};
use super::schema::Schema;
use crate::Template;

/// Takes what was given for secrets out of parameters, which are kept and shown, and leaves stars. Answers with the
/// secrets by their names.
pub(crate) fn take_secrets(template: &Template, given: &mut Map<String, Value>) -> BTreeMap<String, Secret> {
    let mut whole = Value::Object(std::mem::take(given));
    let mut found = Vec::new();
    for (pointer, schema) in secret_fields(template, &whole) {
        if let Some(value) = whole.pointer_mut(&pointer)
            && let Some(secret) = secret(value)
        {
            *value = stars(schema);
            found.push((pointer, secret));
        }
    }
    let is_list = |pointer: &str| whole.pointer(pointer).is_some_and(Value::is_array);
    let secrets =
        found.into_iter().map(|(pointer, secret)| (secret_name(&pointer, is_list), secret)).collect();
    if let Value::Object(map) = whole {
        *given = map;
    }
    secrets
}

/// Where only stars stand for a secret: it was given another time.
pub(crate) fn starred(template: &Template, given: &Map<String, Value>) -> Vec<String> {
    let whole = Value::Object(given.clone());
    let is_there = |pointer: &String| whole.pointer(pointer).and_then(Value::as_str).is_some_and(is_starred);
    secret_fields(template, &whole).into_iter().map(|(pointer, _)| pointer).filter(is_there).collect()
}

/// What the secret of a field is called: as the field or, where it is in an element of a list, by the whole way to it
/// (`servers.0.token`), for every element has one. A name that could be such a way has its dots behind a backslash.
pub(crate) fn secret_name(pointer: &str, is_list: impl Fn(&str) -> bool) -> String {
    let within_list = pointer.match_indices('/').skip(1).any(|(at, _)| is_list(&pointer[..at]));
    let name = last(pointer);
    match within_list {
        true => secret_way(pointer),
        false if name.contains('\\') || name.split('.').skip(1).any(is_index) => escape_dots(&name),
        false => name,
    }
}

/// What the secrets of elements are called that are in a list: the whole way to them.
pub(crate) fn secret_way(pointer: &str) -> String {
    names(pointer).map(|name| escape_dots(&name)).collect::<Vec<_>>().join(".")
}

fn escape_dots(name: &str) -> String {
    name.replace('\\', r"\\").replace('.', r"\.")
}

fn is_index(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// What was given for a secret: whatever it is, nobody may see it.
fn secret(value: &Value) -> Option<Secret> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() || is_starred(text) => None,
        Value::String(text) => Some(Secret::new(text.as_str())),
        other => Some(Secret::new(other.to_string())),
    }
}

/// What stands in the parameters where a secret was given: as many stars as the field's schema wants at least, and three.
pub(crate) fn stars(schema: Schema<'_>) -> Value {
    let least = schema.get("minLength").and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok());
    "*".repeat(least.unwrap_or_default().clamp(3, 200)).into()
}

/// Whether a text stands where a secret was given.
fn is_starred(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'*')
}

/// Where values stand that belong to fields which ask for secrets, each with the schema of its field. What the other
/// values say does not matter: a secret in a branch that is not taken is a secret as well.
fn secret_fields<'s>(template: &'s Template, values: &Value) -> Vec<(String, Schema<'s>)> {
    let mut found = Vec::new();
    for page in &template.spec().parameters.0 {
        let walker = Walker::new(page, template.validators());
        let mut search = Search { walker, seen: HashSet::new(), found: Vec::new() };
        search.visit(page, values, String::new(), 0);
        found.append(&mut search.found);
    }
    found
}

/// Goes through one page.
struct Search<'s> {
    walker: Walker<'s>,
    /// Schemas, and the values they were held against: alternatives lead to the same ones again and again.
    seen: HashSet<(*const Value, String)>,
    found: Vec<(String, Schema<'s>)>,
}

impl<'s> Search<'s> {
    fn visit(&mut self, schema: &'s Value, value: &Value, pointer: String, depth: usize) {
        let new = self.seen.insert((schema, pointer.clone()));
        if !new || depth >= MAX_DEPTH || !self.walker.spend() {
            return;
        }
        if schema.get("ui:field").is_some_and(|it| it == "Secret") {
            self.found.push((pointer, Schema::new(schema, self.walker.root)));
            return;
        }
        for (name, inner, value) in below(schema, value) {
            self.visit(inner, value, format!("{pointer}/{}", escape(&name)), depth + 1);
        }
        let target = resolve(schema, self.walker.root).filter(|it| !std::ptr::eq(*it, schema));
        for part in parts(schema).chain(target) {
            self.visit(part, value, pointer.clone(), depth + 1);
        }
    }
}

/// What is in a value: its names, and the schemas they have.
fn below<'s, 'v>(schema: &'s Value, value: &'v Value) -> Vec<(String, &'s Value, &'v Value)> {
    match value {
        Value::Object(map) => {
            let of = |name: &String| {
                let own = schema.get("properties").and_then(|it| it.get(name));
                own.or_else(|| schema.get("additionalProperties"))
            };
            map.iter().filter_map(|(name, value)| Some((name.clone(), of(name)?, value))).collect()
        }
        Value::Array(items) => {
            let of = |index: usize| match schema.get("items")? {
                Value::Array(each) => each.get(index).or_else(|| schema.get("additionalItems")),
                every => Some(every),
            };
            let each = items.iter().enumerate();
            each.filter_map(|(at, value)| Some((at.to_string(), of(at)?, value))).collect()
        }
        _ => Vec::new(),
    }
}

/// The parts of a schema that may hold for the same value.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|key| list(schema, key));
    let branches = ["then", "else"].into_iter().filter_map(|key| schema.get(key));
    let rules = schema.get("dependencies").and_then(Value::as_object).into_iter();
    lists.chain(branches).chain(rules.flat_map(|it| it.values()))
}

//! Fields that are hardly meant: called nearly like one that is known, or spelled twice in different cases.

use std::collections::{HashMap, HashSet};

use idp_core::{Diagnostic, Severity, similar};
use serde_json::{Map, Value};

use super::profile::MISSPELT_FIELD;
use super::report::{Report, Stage};
use super::shape::{Field, Pointer, Shape};

/// Objects with more keys than this are looked at through a set.
const FEW: usize = 16;

/// Warns of keys that differ only in case: a search ignores case, so that one of them hides the other.
pub(super) fn check_case(value: &Value, at: &mut Pointer, report: &mut Report<'_>) {
    match value {
        Value::Object(map) => {
            if has_collision(map) {
                report_collisions(map, at, report);
            }
            for (key, value) in map.iter().filter(|(_, value)| is_collection(value)) {
                at.with_key(key, |at| check_case(value, at, report));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| is_collection(item)) {
                at.with_index(index, |at| check_case(item, at, report));
            }
        }
        _ => {}
    }
}

pub(super) fn is_collection(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn has_collision(map: &Map<String, Value>) -> bool {
    if map.len() > FEW {
        let mut seen = HashSet::with_capacity(map.len());
        return !map.keys().all(|key| seen.insert(key.to_lowercase()));
    }
    map.keys().enumerate().any(|(index, key)| map.keys().take(index).any(|other| same(key, other)))
}

fn same(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        a.eq_ignore_ascii_case(b)
    } else {
        a.to_lowercase() == b.to_lowercase()
    }
}

fn report_collisions(map: &Map<String, Value>, at: &mut Pointer, report: &mut Report<'_>) {
    let mut seen: HashMap<String, &String> = HashMap::with_capacity(map.len());
    for key in map.keys() {
        let first = *seen.entry(key.to_lowercase()).or_insert(key);
        if first == key {
            continue;
        }
        let message = format!("`{key}` and `{first}` differ only in case");
        let problem = Diagnostic::warning("case-collision", message)
            .help("searches ignore case and see both under one name; remove or rename one of them");
        let pointer = at.with_key(key, |at| at.to_string());
        report.at_key(Stage::Policy, &pointer, problem);
    }
}

/// Reports unknown fields that are called nearly like a known one.
pub(super) fn check_fields(
    shape: &Shape,
    value: &Value,
    severity: Severity,
    at: &mut Pointer,
    report: &mut Report<'_>,
) {
    match (shape, value) {
        (Shape::Object { fields, rest }, Value::Object(map)) => {
            for (key, value) in map {
                match fields.iter().find(|field| field.name == *key) {
                    Some(field) => {
                        at.with_key(key, |at| check_fields(&field.shape, value, severity, at, report));
                    }
                    None if **rest == Shape::Any => misspelt(fields, map, key, severity, at, report),
                    None => {}
                }
            }
        }
        (Shape::List(item) | Shape::Sized { item, .. }, Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                at.with_index(index, |at| check_fields(item, value, severity, at, report));
            }
        }
        (Shape::Either(shapes), _) => {
            if let Some(shape) = Shape::nearest(shapes, value) {
                check_fields(shape, value, severity, at, report);
            }
        }
        _ => {}
    }
}

fn misspelt(
    fields: &[Field],
    map: &Map<String, Value>,
    key: &str,
    severity: Severity,
    at: &mut Pointer,
    report: &mut Report<'_>,
) {
    // A field that is there is not what another one was meant to be.
    let candidates = fields.iter().map(|field| &field.name).filter(|name| !map.contains_key(*name));
    let Some(near) = similar(key, candidates) else { return };
    let message = format!("there is no field `{key}`");
    let problem = Diagnostic::new(severity, MISSPELT_FIELD, message).help(format!("did you mean `{near}`?"));
    let pointer = at.with_key(key, |at| at.to_string());
    report.at_key(Stage::Rules, &pointer, problem);
}

//! Fields that are hardly meant: called nearly like one that is known, or spelled twice in different cases.

use std::collections::{HashMap, HashSet};

use idp_core::{Diagnostic, Severity, similar};

use super::pointer::Pointer;
use super::profile::MISSPELT_FIELD;
use super::report::{Report, Stage};
use super::shape::Shape;
use crate::json::{Json, Member, member};

/// Objects with more keys than this are looked at through a set.
const FEW: usize = 16;

/// How keys begin that the reader of JSON takes for something else: what is written with them is not what is read.
const RESERVED: &str = "$serde_json::private::";

/// Refuses keys that cannot be kept, and warns of those that differ only in case: a search ignores case, so that one of
/// them hides the other.
pub(super) fn check_keys(value: &Json<'_>, at: &Pointer<'_>, report: &mut Report<'_>) {
    if report.is_settled() {
        return;
    }
    match value {
        Json::Object(map) => {
            if has_collision(map) {
                report_collisions(map, at, report);
            }
            for (key, value) in map {
                if key.starts_with(RESERVED) {
                    refuse_reserved(key, at, report);
                }
                if value.is_collection() {
                    at.with_key(key, |at| check_keys(value, at, report));
                }
            }
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| item.is_collection()) {
                at.with_index(index, |at| check_keys(item, at, report));
            }
        }
        _ => {}
    }
}

fn refuse_reserved(key: &str, at: &Pointer<'_>, report: &mut Report<'_>) {
    if report.only_counts(Stage::Yaml, Severity::Error) {
        return;
    }
    let problem = Diagnostic::error("reserved-key", format!("a key may not begin with `{RESERVED}`"));
    let pointer = at.with_key(key, |at| at.to_string());
    report.at_key(Stage::Yaml, &pointer, problem.help("rename it"));
}

fn has_collision(map: &[Member<'_>]) -> bool {
    if map.len() > FEW {
        let mut seen = HashSet::with_capacity(map.len());
        return !map.iter().all(|(key, _)| seen.insert(key.to_lowercase()));
    }
    let are_ascii = map.iter().all(|(key, _)| key.is_ascii());
    let same = |a: &str, b: &str| {
        if are_ascii { a.eq_ignore_ascii_case(b) } else { a.to_lowercase() == b.to_lowercase() }
    };
    map.iter().enumerate().any(|(index, (key, _))| map[..index].iter().any(|(other, _)| same(key, other)))
}

fn report_collisions(map: &[Member<'_>], at: &Pointer<'_>, report: &mut Report<'_>) {
    let mut seen: HashMap<String, &str> = HashMap::with_capacity(map.len());
    for (key, _) in map {
        let lower = key.to_lowercase();
        let Some(first) = seen.get(&lower) else {
            seen.insert(lower, key);
            continue;
        };
        if report.only_counts(Stage::Policy, Severity::Warning) {
            continue;
        }
        let problem = if first == key {
            // In a tree of values no key is there twice: this is for who looks at a text.
            Diagnostic::warning("duplicate-key", format!("`{key}` is written twice"))
                .help("the last one counts")
        } else {
            Diagnostic::warning("case-collision", format!("`{key}` and `{first}` differ only in case"))
                .help("searches ignore case and see both under one name; remove or rename one of them")
        };
        let pointer = at.with_key(key, |at| at.to_string());
        report.at_key(Stage::Policy, &pointer, problem);
    }
}

/// Reports unknown fields that are called nearly like a known one.
pub(super) fn check_fields(
    shape: &Shape,
    value: &Json<'_>,
    severity: Severity,
    at: &Pointer<'_>,
    report: &mut Report<'_>,
) {
    match (shape, value) {
        (Shape::Object { fields, rest }, Json::Object(map)) => {
            // A field that is there is not what another one was meant to be.
            let absent = fields.iter().map(|field| &field.name).filter(|name| member(map, name).is_none());
            let absent: Vec<&String> = absent.collect();
            for (key, value) in map {
                match fields.iter().find(|field| field.name == *key) {
                    Some(field) => {
                        at.with_key(key, |at| check_fields(&field.shape, value, severity, at, report));
                    }
                    None if **rest == Shape::Any => misspelt(&absent, key, severity, at, report),
                    None => {}
                }
            }
        }
        (Shape::List(item) | Shape::Sized { item, .. }, Json::List(items)) => {
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

fn misspelt(absent: &[&String], key: &str, severity: Severity, at: &Pointer<'_>, report: &mut Report<'_>) {
    let Some(near) = similar(key, absent.iter().copied()) else { return };
    let message = format!("there is no field `{key}`");
    let problem = Diagnostic::new(severity, MISSPELT_FIELD, message).help(format!("did you mean `{near}`?"));
    let pointer = at.with_key(key, |at| at.to_string());
    report.at_key(Stage::Rules, &pointer, problem);
}

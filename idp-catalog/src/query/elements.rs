//! The elements of a list, each as a searcher sees it.

use idp_core::Relation;
use serde_json::Value;

use super::evaluate::Subject;
use super::rows::{Row, is_skipped, relation_rows, rows_of_item};

/// The key under which the relations of an entity are a list.
pub(super) const RELATIONS: &str = "relations";

/// One element of a list: its rows have whole keys, which begin with the list's.
pub(super) struct Element<'v> {
    rows: Vec<Row<'v>>,
    /// The path of the list, as it is spelled, and the element; none for a relation, which has no lists inside.
    inside: Option<(String, &'v Value)>,
}

impl Subject for Element<'_> {
    fn rows(&self) -> &[Row<'_>] {
        &self.rows
    }

    fn elements(&self, key: &str) -> Vec<Element<'_>> {
        let mut found = Vec::new();
        if let Some((path, value)) = &self.inside
            && let Some(rest) = key.strip_prefix(&*path.to_lowercase())
            && let Some(rest) = rest.strip_prefix('.')
        {
            descend(value, path, rest, &mut |path, list| collect(list, path, &mut found));
        }
        found
    }
}

/// The elements of every list at a key of an entity. Lists in lists count as one.
pub(super) fn elements<'v>(entity: &'v Value, relations: &'v [Relation], key: &str) -> Vec<Element<'v>> {
    if key == RELATIONS {
        return relations.iter().map(|it| Element { rows: relation_rows(it), inside: None }).collect();
    }
    let mut found = Vec::new();
    descend(entity, "", key, &mut |path, list| collect(list, path, &mut found));
    found
}

/// The texts at a key of an entity, whatever their length.
pub(super) fn texts<'v>(entity: &'v Value, key: &str) -> Vec<&'v str> {
    let mut found = Vec::new();
    descend(entity, "", key, &mut |_, value| match value {
        Value::Array(items) => found.extend(items.iter().filter_map(Value::as_str)),
        value => found.extend(value.as_str()),
    });
    found
}

/// Visits every value at a key, which is in lower case and may lead through keys that contain dots, and through
/// lists. `path` is how the way so far is spelled.
fn descend<'v>(value: &'v Value, path: &str, key: &str, visit: &mut dyn FnMut(&str, &'v Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| descend(item, path, key, visit)),
        Value::Object(map) => {
            for (name, value) in map {
                let lower = name.to_lowercase();
                let Some(rest) = key.strip_prefix(&*lower) else { continue };
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if is_skipped(&path) {
                    continue;
                }
                if rest.is_empty() {
                    visit(&path, value);
                }
                if let Some(rest) = rest.strip_prefix('.') {
                    descend(value, &path, rest, visit);
                }
            }
        }
        _ => {}
    }
}

fn collect<'v>(value: &'v Value, path: &str, found: &mut Vec<Element<'v>>) {
    let Value::Array(items) = value else { return };
    for item in items {
        if item.is_array() {
            collect(item, path, found);
        } else {
            found.push(Element { rows: rows_of_item(path, item), inside: Some((path.to_owned(), item)) });
        }
    }
}

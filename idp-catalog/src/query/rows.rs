//! An entity as a searcher sees it: flat keys with values.
//!
//! `spec.type` = `service`, `metadata.tags` = `java`, `metadata.tags.java` = `true`, `relations.ownedBy` =
//! `group:default/team-a`. Keys and values compare in lower case; what was written is kept for display.

use std::sync::Arc;

use idp_core::{Entity, Relation};
use serde_json::Value;

use crate::js;

/// Longest key and value, in UTF-16 units. A longer value exists but equals nothing.
const MAX_TEXT: usize = 200;

/// One value of one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    /// The dotted path, lower-case.
    pub(crate) key: Arc<str>,
    /// The value, lower-case; `None` where there is one that cannot be compared (null, or too long).
    pub(crate) value: Option<Arc<str>>,
    /// The value as it was written.
    pub(crate) original: Option<Arc<str>>,
}

/// The rows of an entity with its relations, sorted by key and value, each pair once.
pub(crate) fn rows(entity: &Entity, relations: &[Relation]) -> Vec<Row> {
    let mut rows = Vec::with_capacity(24 + relations.len());
    if let Value::Object(root) = entity.as_value() {
        for (key, value) in root {
            visit(key, value, &mut rows);
        }
    }
    push("metadata.name", Some(entity.name()), &mut rows);
    push("metadata.namespace", Some(entity.namespace()), &mut rows);
    let uid = entity.at("metadata.uid").and_then(Value::as_str);
    push("metadata.uid", uid, &mut rows);
    for relation in relations {
        push(&format!("relations.{}", relation.r#type), Some(relation.target_ref.as_str()), &mut rows);
    }
    sorted(rows)
}

/// The rows of one item of the list at a path: those of the entity that come from it.
pub(super) fn rows_of_item(path: &str, item: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    visit_item(path, item, &mut rows);
    sorted(rows)
}

/// The rows of a relation as an item of the list `relations`.
pub(super) fn relation_rows(relation: &Relation) -> Vec<Row> {
    let mut rows = Vec::new();
    push("relations.type", Some(&relation.r#type), &mut rows);
    push("relations.targetRef", Some(relation.target_ref.as_str()), &mut rows);
    sorted(rows)
}

/// By key and value only, and stable: of several spellings the first one stays.
fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
    rows.dedup_by(|next, first| next.key == first.key && next.value == first.value);
    rows
}

/// Subtrees that are either appended on their own or not for searching.
pub(super) fn is_skipped(path: &str) -> bool {
    matches!(
        path,
        "attachments"
            | "relations"
            | "status"
            | "metadata.name"
            | "metadata.namespace"
            | "metadata.uid"
            | "metadata.etag"
    )
}

fn visit(path: &str, value: &Value, rows: &mut Vec<Row>) {
    if is_skipped(path) {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                visit(&format!("{path}.{key}"), value, rows);
            }
        }
        Value::Array(items) => {
            for item in items {
                visit_item(path, item, rows);
            }
        }
        Value::Null => push(path, None, rows),
        scalar => push(path, Some(&js::scalar_text(scalar)), rows),
    }
}

fn visit_item(path: &str, item: &Value, rows: &mut Vec<Row>) {
    visit(path, item, rows);
    if let Value::String(text) = item {
        push(&format!("{path}.{text}"), Some("true"), rows);
    }
}

fn push(path: &str, value: Option<&str>, rows: &mut Vec<Row>) {
    let key = path.to_lowercase();
    if !is_short(&key) {
        return;
    }
    let lower: Option<Arc<str>> =
        value.map(str::to_lowercase).filter(|lower| is_short(lower)).map(Into::into);
    let original = lower
        .as_ref()
        .zip(value)
        .map(|(lower, written)| if **lower == *written { Arc::clone(lower) } else { written.into() });
    rows.push(Row { key: key.into(), value: lower, original });
}

fn is_short(text: &str) -> bool {
    // Bytes are never fewer than UTF-16 units.
    text.len() <= MAX_TEXT || text.encode_utf16().count() <= MAX_TEXT
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pairs(spec: Value) -> Vec<String> {
        let entity = Entity::from_value(json!({
            "apiVersion": "v1", "kind": "K", "metadata": {"name": "N"}, "spec": spec,
        }));
        let rows = rows(&entity.unwrap(), &[]);
        rows.iter()
            .filter(|row| row.key.starts_with("spec"))
            .map(|row| format!("{}={}", row.key, row.value.as_deref().unwrap_or("NULL")))
            .collect()
    }

    #[test]
    fn lists_are_flattened() {
        let list = json!({"list": ["a", {"b": 1, "c": ["q"]}, null, 5, true, "a", ["n"]]});
        assert_eq!(
            pairs(list),
            [
                "spec.list=NULL",
                "spec.list=5",
                "spec.list=a",
                "spec.list=n",
                "spec.list=true",
                "spec.list.a=true",
                "spec.list.b=1",
                "spec.list.c=q",
                "spec.list.c.q=true",
                "spec.list.n=true",
            ]
        );
    }

    #[test]
    fn long_values_exist_and_equal_nothing() {
        assert_eq!(pairs(json!({"x": "y".repeat(201)})), ["spec.x=NULL"]);
        assert_eq!(pairs(json!({"x": "y".repeat(200)})).len(), 1);
        assert!(pairs(json!({"x".repeat(200): 1})).is_empty());
    }

    #[test]
    fn numbers_are_printed_as_javascript_does() {
        assert_eq!(pairs(json!({"n": 1.0, "m": 1e21})), ["spec.m=1e+21", "spec.n=1"]);
    }

    #[test]
    fn a_missing_namespace_is_the_default_one() {
        let entity =
            Entity::from_value(json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "N"}})).unwrap();
        let rows = rows(&entity, &[]);
        let namespace = rows.iter().find(|row| &*row.key == "metadata.namespace").unwrap();
        assert_eq!(namespace.value.as_deref(), Some("default"));
    }
}

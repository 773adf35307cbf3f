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
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A value.
    Field,
    /// A text in a list.
    Item,
    /// That there is such a text in a list, whose key is so many bytes of the row's.
    Implied {
        /// The length of the list's key.
        list: u16,
    },
}

/// The rows of an entity with its relations, sorted by key and value, each pair once.
pub(crate) fn rows(entity: &Entity, relations: &[Relation]) -> Vec<Row> {
    let mut rows = Vec::with_capacity(24 + relations.len());
    if let Value::Object(root) = entity.as_value() {
        for (key, value) in root {
            visit(key, value, &mut rows);
        }
    }
    push("metadata.name", Some(entity.name()), Origin::Field, &mut rows);
    push("metadata.namespace", Some(entity.namespace()), Origin::Field, &mut rows);
    let uid = entity.at("metadata.uid").and_then(Value::as_str);
    push("metadata.uid", uid, Origin::Field, &mut rows);
    for relation in relations {
        let key = format!("relations.{}", relation.r#type);
        push(&key, Some(relation.target_ref.as_str()), Origin::Field, &mut rows);
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
    push("relations.type", Some(&relation.r#type), Origin::Field, &mut rows);
    push("relations.targetRef", Some(relation.target_ref.as_str()), Origin::Field, &mut rows);
    sorted(rows)
}

/// By key and value only, and stable: of several spellings the first one stays.
fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
    rows.dedup_by(|next, first| {
        let same = next.key == first.key && next.value == first.value;
        if same && next.origin == Origin::Item {
            first.origin = Origin::Item;
        }
        same
    });
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
        Value::Null => push(path, None, Origin::Field, rows),
        scalar => push(path, Some(&js::scalar_text(scalar)), Origin::Field, rows),
    }
}

fn visit_item(path: &str, item: &Value, rows: &mut Vec<Row>) {
    let Value::String(text) = item else { return visit(path, item, rows) };
    if is_skipped(path) {
        return;
    }
    push(path, Some(text), Origin::Item, rows);
    // A key that is too long to note its length is too long for a row.
    let list = u16::try_from(path.to_lowercase().len()).unwrap_or(u16::MAX);
    push(&format!("{path}.{text}"), Some("true"), Origin::Implied { list }, rows);
}

fn push(path: &str, value: Option<&str>, origin: Origin, rows: &mut Vec<Row>) {
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
    rows.push(Row { key: key.into(), value: lower, original, origin });
}

/// Whether a key or a value is not too long for a row.
pub(crate) fn is_short(text: &str) -> bool {
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

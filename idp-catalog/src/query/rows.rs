//! An entity as a searcher sees it: flat keys with values.
//!
//! `spec.type` = `service`, `metadata.tags` = `java`, `metadata.tags.java` = `true`, `relations.ownedBy` =
//! `group:default/team-a`. Keys and values compare in lower case; what was written is kept for display.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use idp_core::{Entity, Relation};
use serde_json::Value;
use serde_json_borrow::Value as Json;

use crate::js;

/// Longest key and value, in UTF-16 units. A longer value exists but equals nothing.
const MAX_TEXT: usize = 200;

/// One value of one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row<'v> {
    /// The dotted path, lower-case.
    pub(crate) key: Arc<str>,
    /// The value, lower-case; `None` where there is one that cannot be compared (null, or too long).
    pub(crate) value: Option<Cow<'v, str>>,
    /// The value as it was written.
    pub(crate) original: Option<Cow<'v, str>>,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

impl Row<'_> {
    /// The row, without what it was read from.
    pub(crate) fn into_owned(self) -> Row<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Row { key: self.key, value: owned(self.value), original: owned(self.original), origin: self.origin }
    }
}

/// Keys by the paths as they were written: those of many entities are the same.
#[derive(Debug, Default)]
pub(crate) struct RowKeys(HashMap<String, Arc<str>, RandomState>);

impl RowKeys {
    fn of(&mut self, path: &str) -> Arc<str> {
        if let Some(key) = self.0.get(path) {
            return Arc::clone(key);
        }
        let key: Arc<str> = path.to_lowercase().into();
        self.0.insert(path.to_owned(), Arc::clone(&key));
        key
    }
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
pub(crate) fn rows<'v>(entity: &'v Entity, relations: &'v [Relation]) -> Vec<Row<'v>> {
    let mut keys = RowKeys::default();
    let mut visit = Visit::new(&mut keys);
    visit.document(entity.as_value().into());
    for relation in relations {
        let key = format!("relations.{}", relation.r#type);
        visit.put(&key, Some(Cow::Borrowed(relation.target_ref.as_str())));
    }
    sorted(visit.rows)
}

/// The rows of an entity without its relations, of its document; for many entities.
pub(crate) fn rows_of<'v>(keys: &mut RowKeys, document: Json<'v>) -> Vec<Row<'v>> {
    let mut visit = Visit::new(keys);
    visit.document(document);
    sorted(visit.rows)
}

/// The rows of one item of the list at a path: those of the entity that come from it.
pub(super) fn rows_of_item<'v>(path: &str, item: &'v Value) -> Vec<Row<'v>> {
    let mut keys = RowKeys::default();
    let mut visit = Visit { path: path.to_owned(), ..Visit::new(&mut keys) };
    visit.item(item.into());
    sorted(visit.rows)
}

/// The rows of a relation as an item of the list `relations`.
pub(super) fn relation_rows(relation: &Relation) -> Vec<Row<'_>> {
    let mut keys = RowKeys::default();
    let mut visit = Visit::new(&mut keys);
    visit.put("relations.type", Some(Cow::Borrowed(&relation.r#type)));
    visit.put("relations.targetRef", Some(Cow::Borrowed(relation.target_ref.as_str())));
    sorted(visit.rows)
}

/// By key and value only, and stable: of several spellings the first one stays.
fn sorted(mut rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
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

/// A way through an entity.
struct Visit<'k, 'v> {
    keys: &'k mut RowKeys,
    /// Where it is, as it is written.
    path: String,
    rows: Vec<Row<'v>>,
}

impl<'k, 'v> Visit<'k, 'v> {
    fn new(keys: &'k mut RowKeys) -> Self {
        Self { keys, path: String::new(), rows: Vec::with_capacity(32) }
    }

    fn document(&mut self, document: Json<'v>) {
        let metadata = document.as_object().and_then(|root| root.get("metadata")).and_then(Json::as_object);
        let text = |key| match metadata?.get(key)? {
            Json::Str(text) => Some(text.clone()),
            _ => None,
        };
        let [name, namespace, uid] = ["name", "namespace", "uid"].map(text);
        if let Json::Object(root) = document {
            root.into_vec().into_iter().for_each(|(key, value)| self.member(&key, value));
        }
        self.put("metadata.name", Some(name.unwrap_or_default()));
        self.put("metadata.namespace", Some(namespace.unwrap_or(Cow::Borrowed("default"))));
        self.put("metadata.uid", uid);
    }

    fn member(&mut self, key: &str, value: Json<'v>) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        self.value(value);
        self.path.truncate(length);
    }

    fn value(&mut self, value: Json<'v>) {
        if is_skipped(&self.path) {
            return;
        }
        let text = match value {
            Json::Object(map) => {
                return map.into_vec().into_iter().for_each(|(key, value)| self.member(&key, value));
            }
            Json::Array(items) => return items.into_iter().for_each(|item| self.item(item)),
            Json::Null => None,
            Json::Bool(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
            Json::Number(number) => Some(Cow::Owned(js::number_text(&number.into()))),
            Json::Str(text) => Some(text),
        };
        self.push(text, Origin::Field);
    }

    fn item(&mut self, item: Json<'v>) {
        let Json::Str(text) = item else { return self.value(item) };
        if is_skipped(&self.path) {
            return;
        }
        // A key that is too long to note its length is too long for a row.
        let list = u16::try_from(self.keys.of(&self.path).len()).unwrap_or(u16::MAX);
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(&text);
        // There are as many such keys as there are texts: it does not pay to know them.
        let key: Arc<str> = lower_of(&Cow::Borrowed(&*self.path)).into();
        self.path.truncate(length);
        self.push(Some(text), Origin::Item);
        let value = Some(Cow::Borrowed("true"));
        if is_short(&key) {
            let origin = Origin::Implied { list };
            self.rows.push(Row { key, value: value.clone(), original: value, origin });
        }
    }

    fn put(&mut self, path: &str, value: Option<Cow<'v, str>>) {
        let key = self.keys.of(path);
        self.add(key, value, Origin::Field);
    }

    fn push(&mut self, value: Option<Cow<'v, str>>, origin: Origin) {
        let key = self.keys.of(&self.path);
        self.add(key, value, origin);
    }

    fn add(&mut self, key: Arc<str>, value: Option<Cow<'v, str>>, origin: Origin) {
        if !is_short(&key) {
            return;
        }
        let lower = value.as_ref().map(|value| lower_of(value)).filter(|lower| is_short(lower));
        let original = value.filter(|_| lower.is_some());
        self.rows.push(Row { key, value: lower, original, origin });
    }
}

/// A text in lower case; the same where it is already.
fn lower_of<'v>(text: &Cow<'v, str>) -> Cow<'v, str> {
    let is_lower = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_lower { text.clone() } else { Cow::Owned(text.to_lowercase()) }
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
        let entity = entity.unwrap();
        let rows = rows(&entity, &[]);
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

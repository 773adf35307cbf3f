//! An entity as a searcher sees it: flat keys with values.
//!
//! `spec.type` = `service`, `metadata.tags` = `java`, `metadata.tags.java` = `true`, `relations.ownedBy` =
//! `group:default/team-a`. Keys and values compare in lower case; what was written is kept for display.

use std::borrow::Cow;
use std::sync::Arc;

use idp_core::{Entity, Relation};
use serde_json::Value;

use crate::index::lower;
use crate::js;
use crate::json::Json;

/// Longest key and value, in UTF-16 units. A longer value exists but equals nothing.
const MAX_TEXT: usize = 200;
/// More bytes than this are too long: no UTF-16 unit has more than three, and lower case does not have fewer units.
const TOO_MANY_BYTES: usize = 3 * MAX_TEXT;

/// One value of one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row<'v> {
    /// The dotted path, lower-case.
    pub(crate) key: Arc<str>,
    /// The value, lower-case; `None` where there is one that cannot be compared (null, or too long).
    pub(crate) value: Option<Cow<'v, str>>,
    /// The value as it was written.
    pub(crate) original: Option<Cow<'v, str>>,
}

impl Row<'_> {
    /// The row, without what it was read from.
    pub(crate) fn into_owned(self) -> Row<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Row { key: self.key, value: owned(self.value), original: owned(self.original) }
    }
}

/// What is made of the values that a walk through a document meets, under the paths as they are written.
pub(crate) trait Sink<'v> {
    /// A value; `None` is null.
    fn value(&mut self, path: &str, value: Option<Cow<'v, str>>);

    /// A text in the list at a path. It implies a value `true` at the path that has the text behind it.
    fn item(&mut self, path: &str, text: Cow<'v, str>);
}

/// Shows every value of a document.
pub(crate) fn walk<'v>(document: Json<'v>, sink: &mut impl Sink<'v>) {
    Visit { sink, path: String::new() }.document(document);
}

/// The rows of an entity with its relations, sorted by key and value, each pair once.
pub(crate) fn rows<'v>(entity: &'v Entity, relations: &'v [Relation]) -> Vec<Row<'v>> {
    let mut rows = Rows::default();
    walk(entity.as_value().into(), &mut rows);
    for relation in relations {
        let key = format!("relations.{}", relation.r#type);
        rows.value(&key, Some(Cow::Borrowed(relation.target_ref.as_str())));
    }
    rows.sorted()
}

/// The rows of one item of the list at a path: those of the entity that come from it.
pub(super) fn rows_of_item<'v>(path: &str, item: &'v Value) -> Vec<Row<'v>> {
    let mut rows = Rows::default();
    Visit { sink: &mut rows, path: path.to_owned() }.item(item.into());
    rows.sorted()
}

/// The rows of a relation as an item of the list `relations`.
pub(super) fn relation_rows(relation: &Relation) -> Vec<Row<'_>> {
    let mut rows = Rows::default();
    rows.value("relations.type", Some(Cow::Borrowed(&relation.r#type)));
    rows.value("relations.targetRef", Some(Cow::Borrowed(relation.target_ref.as_str())));
    rows.sorted()
}

#[derive(Default)]
struct Rows<'v>(Vec<Row<'v>>);

impl<'v> Rows<'v> {
    /// By key and value only, and stable: of several spellings the first one stays.
    fn sorted(mut self) -> Vec<Row<'v>> {
        self.0.sort_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
        self.0.dedup_by(|next, first| next.key == first.key && next.value == first.value);
        self.0
    }
}

impl<'v> Sink<'v> for Rows<'v> {
    fn value(&mut self, path: &str, value: Option<Cow<'v, str>>) {
        let key = lower(path);
        if is_short(&key) {
            let lower = value.as_ref().map(|value| lower_of(value)).filter(|lower| is_short(lower));
            let original = value.filter(|_| lower.is_some());
            self.0.push(Row { key: key.into(), value: lower, original });
        }
    }

    fn item(&mut self, path: &str, text: Cow<'v, str>) {
        let implied = format!("{path}.{text}");
        self.value(path, Some(text));
        self.value(&implied, Some(Cow::Borrowed("true")));
    }
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

/// A way through a document.
struct Visit<'s, S> {
    sink: &'s mut S,
    /// Where it is, as it is written.
    path: String,
}

impl<'v, S: Sink<'v>> Visit<'_, S> {
    fn document(&mut self, document: Json<'v>) {
        let metadata = document.get("metadata");
        let text = |key| metadata?.get(key)?.as_text().cloned();
        let [name, namespace, uid] = ["name", "namespace", "uid"].map(text);
        if let Json::Object(root) = document {
            root.into_iter().for_each(|(key, value)| self.member(&key, value));
        }
        self.sink.value("metadata.name", Some(name.unwrap_or_default()));
        self.sink.value("metadata.namespace", Some(namespace.unwrap_or(Cow::Borrowed("default"))));
        self.sink.value("metadata.uid", uid);
    }

    fn member(&mut self, key: &str, value: Json<'v>) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        // Everything below would be too long too, and there may be very much of it.
        if self.path.len() <= TOO_MANY_BYTES {
            self.value(value);
        }
        self.path.truncate(length);
    }

    fn value(&mut self, value: Json<'v>) {
        if is_skipped(&self.path) {
            return;
        }
        let text = match value {
            Json::Object(map) => {
                return map.into_iter().for_each(|(key, value)| self.member(&key, value));
            }
            Json::List(items) => return items.into_iter().for_each(|item| self.item(item)),
            Json::Null => None,
            Json::Bool(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
            Json::Number(number) => Some(Cow::Owned(js::number_text(&number))),
            Json::Text(text) => Some(text),
        };
        self.sink.value(&self.path, text);
    }

    fn item(&mut self, item: Json<'v>) {
        match item {
            Json::Text(text) if !is_skipped(&self.path) => self.sink.item(&self.path, text),
            item => self.value(item),
        }
    }
}

/// A text in lower case; the same where it is already.
fn lower_of<'v>(text: &Cow<'v, str>) -> Cow<'v, str> {
    match text {
        Cow::Borrowed(text) => lower(text),
        Cow::Owned(text) => Cow::Owned(lower(text).into_owned()),
    }
}

/// Whether a key or a value is not too long for a row.
pub(crate) fn is_short(text: &str) -> bool {
    // Bytes are never fewer than UTF-16 units.
    text.len() <= MAX_TEXT || text.len() <= TOO_MANY_BYTES && text.encode_utf16().count() <= MAX_TEXT
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

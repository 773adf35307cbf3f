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
use crate::json::{Json, Member};

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

/// What is made of the values that a walk through a document meets.
pub(crate) trait Sink<'v> {
    /// A place in the document.
    type At: Copy;

    /// The place of what the walk begins with.
    fn start(&self) -> Self::At;

    /// The place of a member of what is at a place; `None` where all below it is too long to be a key, and there may be
    /// very much of it.
    fn member(&mut self, at: Self::At, key: &str) -> Option<Self::At>;

    /// Whether what is at a place is not for searching: see [`is_skipped`].
    fn is_skipped(&self, at: Self::At) -> bool;

    /// A value; `None` is null.
    fn value(&mut self, at: Self::At, value: Option<Cow<'v, str>>);

    /// A text in the list at a place. It implies a value `true` at the place that has the text behind it.
    fn item(&mut self, at: Self::At, text: Cow<'v, str>);
}

/// Shows every value of a document.
pub(crate) fn walk<'v, S: Sink<'v>>(document: Json<'v>, sink: &mut S) {
    let metadata = document.get("metadata");
    let text = |key| metadata?.get(key)?.as_text().cloned();
    let [name, namespace, uid] = ["name", "namespace", "uid"].map(text);
    let start = sink.start();
    if let Json::Object(root) = document {
        members(root, start, sink);
    }
    let known = [
        ("name", Some(name.unwrap_or_default())),
        ("namespace", Some(namespace.unwrap_or(Cow::Borrowed("default")))),
        ("uid", uid),
    ];
    for (key, text) in known {
        let at = sink.member(start, "metadata").and_then(|at| sink.member(at, key));
        at.into_iter().for_each(|at| sink.value(at, text.clone()));
    }
}

fn members<'v, S: Sink<'v>>(members: Vec<Member<'v>>, at: S::At, sink: &mut S) {
    for (key, value) in members {
        if let Some(at) = sink.member(at, &key) {
            self::value(value, at, sink);
        }
    }
}

fn value<'v, S: Sink<'v>>(value: Json<'v>, at: S::At, sink: &mut S) {
    if sink.is_skipped(at) {
        return;
    }
    let text = match value {
        Json::Object(map) => return members(map, at, sink),
        Json::List(items) => return items.into_iter().for_each(|it| item(it, at, sink)),
        Json::Null => None,
        Json::Bool(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
        Json::Number(number) => Some(Cow::Owned(js::number_text(&number))),
        Json::Text(text) => Some(text),
    };
    sink.value(at, text);
}

fn item<'v, S: Sink<'v>>(item: Json<'v>, at: S::At, sink: &mut S) {
    match item {
        Json::Text(text) if !sink.is_skipped(at) => sink.item(at, text),
        item => value(item, at, sink),
    }
}

/// The path of a member; `None` where everything below it would be too long too.
pub(crate) fn joined(path: &str, key: &str) -> Option<String> {
    let joined = if path.is_empty() { key.to_owned() } else { [path, ".", key].concat() };
    Some(joined).filter(|it| it.len() <= TOO_MANY_BYTES)
}

/// The rows of an entity with its relations, sorted by key and value, each pair once.
pub(crate) fn rows<'v>(entity: &'v Entity, relations: &'v [Relation]) -> Vec<Row<'v>> {
    let mut rows = Rows::default();
    walk(entity.as_value().into(), &mut rows);
    for relation in relations {
        rows.add(
            &format!("relations.{}", relation.r#type),
            Some(Cow::Borrowed(relation.target_ref.as_str())),
        );
    }
    rows.sorted()
}

/// The rows of one item of the list at a path: those of the entity that come from it.
pub(super) fn rows_of_item<'v>(path: &str, item: &'v Value) -> Vec<Row<'v>> {
    let mut rows = Rows { path: path.to_owned(), ..Rows::default() };
    let at = rows.start();
    self::item(item.into(), at, &mut rows);
    rows.sorted()
}

/// The rows of a relation as an item of the list `relations`.
pub(super) fn relation_rows(relation: &Relation) -> Vec<Row<'_>> {
    let mut rows = Rows::default();
    rows.add("relations.type", Some(Cow::Borrowed(&relation.r#type)));
    rows.add("relations.targetRef", Some(Cow::Borrowed(relation.target_ref.as_str())));
    rows.sorted()
}

#[derive(Default)]
struct Rows<'v> {
    rows: Vec<Row<'v>>,
    /// The way to where the walk is, as it is written.
    path: String,
}

impl<'v> Rows<'v> {
    /// By key and value only, and stable: of several spellings the first one stays.
    fn sorted(mut self) -> Vec<Row<'v>> {
        self.rows.sort_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
        self.rows.dedup_by(|next, first| next.key == first.key && next.value == first.value);
        self.rows
    }

    fn add(&mut self, path: &str, value: Option<Cow<'v, str>>) {
        self.rows.extend(row(path, value));
    }
}

/// The row of a value; `None` where the key is too long.
fn row<'v>(path: &str, value: Option<Cow<'v, str>>) -> Option<Row<'v>> {
    let key = lower(path);
    is_short(&key).then(|| {
        let lower = value.as_ref().map(|value| lower_of(value)).filter(|lower| is_short(lower));
        let original = value.filter(|_| lower.is_some());
        Row { key: key.into(), value: lower, original }
    })
}

impl<'v> Sink<'v> for Rows<'v> {
    /// How much of the path leads there: what is walked through later only makes it longer.
    type At = usize;

    fn start(&self) -> usize {
        self.path.len()
    }

    fn member(&mut self, at: usize, key: &str) -> Option<usize> {
        self.path = joined(&self.path[..at], key)?;
        Some(self.path.len())
    }

    fn is_skipped(&self, at: usize) -> bool {
        is_skipped(&self.path[..at])
    }

    fn value(&mut self, at: usize, value: Option<Cow<'v, str>>) {
        self.rows.extend(row(&self.path[..at], value));
    }

    fn item(&mut self, at: usize, text: Cow<'v, str>) {
        let implied = format!("{}.{text}", &self.path[..at]);
        self.value(at, Some(text));
        self.add(&implied, Some(Cow::Borrowed("true")));
    }
}

/// Subtrees that are either appended on their own or not for searching.
pub(crate) fn is_skipped(path: &str) -> bool {
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

/// Whether a text is not too long for a row in lower case.
pub(crate) fn is_short_in_lower_case(text: &str) -> bool {
    // No letter has more than three units in lower case, and an ASCII one has one.
    text.len() <= MAX_TEXT / 3 || text.len() <= MAX_TEXT && text.is_ascii() || is_short(&lower(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_short_in_lower_case_where_its_lower_case_is(text in "[aAİ\u{1F600}]{60,220}|[İẞ]{20,110}") {
            prop_assert_eq!(is_short_in_lower_case(&text), is_short(&text.to_lowercase()));
        }
    }

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

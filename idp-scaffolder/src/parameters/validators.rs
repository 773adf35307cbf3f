//! Schemas read once, and asked often.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::branches::escape;
use super::expansion::refers;
use super::rule::{BadSchema, Root, Rule, compile};

/// How many parts of schemas are kept, all that each refers to included: some tens of megabytes.
const MOST_KEPT: usize = 50_000;

/// The schemas of one template, each read when it is first asked for.
///
/// A schema is known by where it is in memory, and so is what its references start from: a template and its clones share
/// one document, which is never changed.
#[derive(Default)]
pub(crate) struct Validators(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    rules: HashMap<(usize, usize), Read>,
    /// How many parts they have in all.
    parts: usize,
    roots: HashMap<usize, Arc<Result<Document, BadSchema>>>,
}

type Read = Result<Arc<Rule>, BadSchema>;

/// What references start from, and where its parts stand in it.
struct Document {
    root: Root,
    pointers: HashMap<usize, String>,
}

impl Validators {
    /// A schema of the template, ready to be asked. `root` is what `$ref`s in it start from.
    pub(crate) fn of(&self, schema: &Value, root: &Value) -> Read {
        let key = (address(schema), address(root));
        if let Some(known) = self.kept().rules.get(&key) {
            return known.clone();
        }
        // Others need not wait while it is read.
        let read = self.read(schema, root).map(Arc::new);
        self.kept().keep(key, read.clone());
        read
    }

    fn read(&self, schema: &Value, root: &Value) -> Result<Rule, BadSchema> {
        if std::ptr::eq(schema, root) || !refers(schema) {
            return compile(schema);
        }
        match &*self.document(root) {
            Err(bad) => Err(bad.clone()),
            Ok(document) => match document.pointers.get(&address(schema)) {
                Some(pointer) => document.root.compile(schema, root, pointer),
                None => compile(&with_definitions(schema, root)),
            },
        }
    }

    fn document(&self, root: &Value) -> Arc<Result<Document, BadSchema>> {
        if let Some(known) = self.kept().roots.get(&address(root)) {
            return Arc::clone(known);
        }
        let document = Arc::new(Document::of(root));
        self.kept().roots.insert(address(root), Arc::clone(&document));
        document
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a schema admits a value. A schema that is none admits nothing.
    pub(crate) fn admit(&self, schema: &Value, root: &Value, value: &Value) -> bool {
        self.of(schema, root).is_ok_and(|it| it.is_valid(value))
    }
}

impl Kept {
    /// Keeps a schema, and forgets the others where there is no room.
    fn keep(&mut self, key: (usize, usize), read: Read) {
        let parts = read.as_ref().map_or(1, |rule| rule.parts());
        if self.parts + parts > MOST_KEPT {
            self.rules.clear();
            self.parts = 0;
        }
        self.parts += parts;
        self.rules.insert(key, read);
    }
}

impl Document {
    fn of(root: &Value) -> Result<Self, BadSchema> {
        let mut pointers = HashMap::new();
        note(root, &mut String::new(), &mut pointers);
        Ok(Self { root: Root::of(root)?, pointers })
    }
}

impl fmt::Debug for Validators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Validators")
    }
}

fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema).addr()
}

/// Notes where the objects in a value stand.
fn note(value: &Value, pointer: &mut String, pointers: &mut HashMap<usize, String>) {
    let mut inner = |key: &str, value: &Value| {
        let end = pointer.len();
        pointer.push('/');
        pointer.push_str(key);
        note(value, pointer, pointers);
        pointer.truncate(end);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| inner(&escape(key), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| inner(&at.to_string(), value));
        }
        _ => return,
    }
    pointers.insert(address(value), pointer.clone());
}

/// A part of a schema with what its `$ref`s need.
pub(crate) fn with_definitions<'s>(schema: &'s Value, root: &Value) -> Cow<'s, Value> {
    let mut schema = Cow::Borrowed(schema);
    if !refers(&schema) {
        return schema;
    }
    for key in ["definitions", "$defs"] {
        if let Some(definitions) = root.get(key).filter(|_| schema.get(key).is_none())
            && let Some(map) = schema.to_mut().as_object_mut()
        {
            map.insert(key.to_owned(), definitions.clone());
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn schemas_that_refer_to_much_are_not_all_kept() {
        let parts: Map<_, _> = (0..MOST_KEPT / 3).map(|at| (format!("p{at}"), json!({}))).collect();
        let each: Vec<_> = (0..10)
            .map(|at| json!({"required": ["x"], "title": at, "allOf": [{"$ref": "#/definitions/d"}]}))
            .collect();
        let root = json!({"anyOf": each, "definitions": {"d": {"properties": parts}}});
        let validators = Validators::default();
        for schema in root["anyOf"].as_array().unwrap() {
            assert!(validators.admit(schema, &root, &json!({"x": 1})));
            assert!(!validators.admit(schema, &root, &json!({})));
        }
        assert!(validators.kept().parts <= MOST_KEPT);
        assert!((1..10).contains(&validators.kept().rules.len()));
    }

    #[test]
    fn references_of_a_part_start_from_the_root() {
        let root = json!({
            "properties": {"a": {"type": "string"}},
            "allOf": [
                {"if": {"properties": {"b": {"$ref": "#/properties/a"}}, "required": ["b"]}},
                {"if": {"properties": {"inner": {"$ref": "#"}}, "required": ["inner"]}},
                {"if": {"$ref": "#/definitions/a~1b"}},
            ],
            "definitions": {"a/b": {"required": ["d", "d"]}},
            "dependencies": {"a b": {"if": {"$ref": "#/definitions/a~1b"}}},
        });
        let validators = Validators::default();
        for (at, value, admitted) in [
            (0, json!({"b": "x"}), true),
            (0, json!({"b": 1}), false),
            (1, json!({"inner": {"a": "x"}}), true),
            (1, json!({"inner": {"a": 1}}), false),
            (2, json!({"d": 1}), true),
            (2, json!({}), false),
        ] {
            let part = &root["allOf"][at]["if"];
            assert_eq!(validators.admit(part, &root, &value), admitted, "{part} {value}");
        }
        assert!(validators.admit(&root["dependencies"]["a b"]["if"], &root, &json!({"d": 1})));
    }
}

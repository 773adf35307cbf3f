//! From JSON schemas to types.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::{Kinds, Members, Type};
use crate::parameters::resolve;

/// How deep a schema is followed.
const DEPTH: usize = 16;

/// How many parts of a schema are looked at: one that refers to itself has endlessly many.
const PARTS: usize = 20_000;

/// The type of what a schema admits. `root` is what `$ref`s in it start from.
pub(crate) fn of_schema(schema: &Value, root: &Value) -> Type {
    Reader::new(root, false).read(schema, 0)
}

/// The type of an action's output: what its schema names is all there is.
pub(crate) fn of_output(schema: &Value) -> Type {
    match Reader::new(schema, true).read(schema, 0) {
        it if it.members.as_ref().is_some_and(|members| !members.known.is_empty()) => it,
        _ => Type::any(),
    }
}

/// The type of the parameters: the fields of every page. What no page has is not there, because nobody is asked for it.
pub(crate) fn of_parameters(pages: &[Value]) -> Type {
    let mut members = Members::default();
    for page in pages {
        let page = Reader::new(page, true).read(page, 0);
        match page.members {
            Some(more) => members.merge(std::sync::Arc::unwrap_or_clone(more)),
            None => members.open = true,
        }
    }
    Type::object(members)
}

struct Reader<'s> {
    root: &'s Value,
    /// An object that names its fields has no others.
    closed: bool,
    /// How many more parts are looked at.
    left: Cell<usize>,
}

impl<'s> Reader<'s> {
    fn new(root: &'s Value, closed: bool) -> Self {
        Self { root, closed, left: Cell::new(PARTS) }
    }

    /// Takes one part off what may be looked at.
    fn spend(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn read(&self, schema: &Value, depth: usize) -> Type {
        let known = resolve(schema, self.root).and_then(Value::as_object);
        let (Some(map), true) = (known, depth < DEPTH && self.spend()) else { return Type::any() };
        if let Some(value) = map.get("const") {
            return Type::literal(value);
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            return enumeration(values);
        }
        // Of an object that names its fields, alternatives describe more of the same.
        let alternatives = if map.contains_key("properties") { None } else { self.alternatives(map, depth) };
        let kinds = kinds(map);
        match alternatives {
            // A list of titled constants is an enumeration, with or without a type beside it.
            Some(alternatives) if kinds.is_none() || alternatives.values.is_some() => return alternatives,
            _ => {}
        }
        let kinds = kinds.unwrap_or_else(|| implied(map));
        let mut it = Type::of(kinds);
        if kinds.meets(Kinds::OBJECT) {
            it.members = self.members(map, depth).map(Into::into);
        }
        if kinds.meets(Kinds::ARRAY) {
            let items = map.get("items").filter(|items| items.is_object());
            it.items = items.map(|items| self.read(items, depth + 1).into());
            it.filled = map.get("minItems").and_then(Value::as_u64).is_some_and(|least| least > 0);
        }
        if kinds == Kinds::BOOL {
            it.values = Some(vec![Value::Bool(true), Value::Bool(false)]);
        }
        it
    }

    fn alternatives(&self, map: &Map<String, Value>, depth: usize) -> Option<Type> {
        let list = ["oneOf", "anyOf"].iter().find_map(|key| map.get(*key))?.as_array()?;
        list.iter().map(|it| self.read(it, depth + 1)).reduce(Type::union)
    }

    /// The fields of an object, those of every branch included; `None` where nothing is said of them.
    fn members(&self, map: &Map<String, Value>, depth: usize) -> Option<Members> {
        let mut members = Members { open: !self.closed, ..Members::default() };
        let named = self.add_fields(map, &mut members, depth, true);
        let custom = map.contains_key("ui:field");
        let more = map.get("additionalProperties").is_some_and(|it| *it != Value::Bool(false));
        if !named || custom || more || map.contains_key("patternProperties") {
            // A field of the host's own, or a free map, may have anything.
            members.open = true;
        }
        if map.get("additionalProperties") == Some(&Value::Bool(false)) {
            members.open = false;
        }
        (!members.known.is_empty() || !members.open).then_some(members)
    }

    /// Adds the fields that a schema names. True where it names any at all.
    fn add_fields(
        &self,
        map: &Map<String, Value>,
        members: &mut Members,
        depth: usize,
        certain: bool,
    ) -> bool {
        if depth > DEPTH || !self.spend() {
            return true;
        }
        let properties = map.get("properties").and_then(Value::as_object);
        let mut known = Members::default();
        for (name, field) in properties.into_iter().flatten() {
            let it = self.read(field, depth + 1);
            let always = is_required(map, name) || field.get("default").is_some() || is_computed(field);
            let present = certain && always;
            known.known.insert(name.clone(), if present { it.present() } else { it.optional() });
        }
        // A field that is only required here is described elsewhere.
        for name in required(map).filter(|_| certain) {
            if let Some(it) = members.known.get_mut(name) {
                *it = it.clone().present();
            }
        }
        merge(members, known);
        let mut named = properties.is_some();
        for (branch, certain) in branches(map, certain) {
            if let Some(branch) = resolve(branch, self.root).and_then(Value::as_object) {
                named |= self.add_fields(branch, members, depth + 1, certain);
            }
        }
        named
    }
}

/// A field that two parts of a schema describe is present where either requires it.
fn merge(members: &mut Members, more: Members) {
    for (name, theirs) in more.known {
        let merged = match members.known.remove(&name) {
            None => theirs,
            Some(mine) => {
                let always = !mine.kinds.meets(Kinds::UNDEFINED) || !theirs.kinds.meets(Kinds::UNDEFINED);
                let it = mine.union(theirs);
                if always { it.present() } else { it }
            }
        };
        members.known.insert(name, merged);
    }
}

/// The schemas inside a schema that describe the same object, and whether they always apply.
fn branches(map: &Map<String, Value>, certain: bool) -> Vec<(&Value, bool)> {
    let mut found = Vec::new();
    let list = |key: &str| map.get(key).and_then(Value::as_array).into_iter().flatten();
    found.extend(list("allOf").map(|it| (it, certain)));
    found.extend(list("oneOf").chain(list("anyOf")).map(|it| (it, false)));
    found.extend(["then", "else", "if"].iter().filter_map(|key| map.get(*key)).map(|it| (it, false)));
    for rule in map.get("dependencies").and_then(Value::as_object).into_iter().flat_map(Map::values) {
        found.push((rule, false));
    }
    for rule in map.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(Map::values) {
        found.push((rule, false));
    }
    found
}

/// Fields of forms that leave their value to a person.
const PICKERS: [&str; 12] = [
    "EntityNamePicker",
    "EntityPicker",
    "EntityTagsPicker",
    "MultiEntityPicker",
    "MyGroupsPicker",
    "OwnedEntityPicker",
    "OwnerPicker",
    "RepoBranchPicker",
    "RepoOwnerPicker",
    "RepoUrlPicker",
    "Secret",
    "StringField",
];

/// Whether a form's field is one of the host's own: it may fill itself in.
pub(crate) fn is_computed(field: &Value) -> bool {
    field.get("ui:field").and_then(Value::as_str).is_some_and(|name| !PICKERS.contains(&name))
}

fn required(map: &Map<String, Value>) -> impl Iterator<Item = &str> {
    map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn is_required(map: &Map<String, Value>, name: &str) -> bool {
    required(map).any(|it| it == name)
}

fn enumeration(values: &[Value]) -> Type {
    let mut it = Type::one_of(values);
    if values.len() > super::MOST_VALUES {
        it.values = None;
    }
    it
}

fn kinds(map: &Map<String, Value>) -> Option<Kinds> {
    match map.get("type")? {
        Value::String(name) => Some(Kinds::of_schema(name).unwrap_or(Kinds::ANY)),
        Value::Array(names) => Some(names.iter().fold(Kinds::NONE, |kinds, name| {
            kinds.or(name.as_str().and_then(Kinds::of_schema).unwrap_or(Kinds::ANY))
        })),
        _ => None,
    }
}

/// What a schema without `type` is about.
fn implied(map: &Map<String, Value>) -> Kinds {
    if map.contains_key("properties") { Kinds::OBJECT } else { Kinds::ANY }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameter(page: Value, name: &str) -> Option<Type> {
        of_parameters(&[page]).member(name)
    }

    #[test]
    fn fields_of_branches_may_be_absent() {
        let page = json!({
            "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer", "default": 1}},
            "dependencies": {"a": {"oneOf": [
                {"properties": {"a": {"const": "x"}, "c": {"type": "boolean"}}, "required": ["c"]},
            ]}},
            "allOf": [{"if": {"properties": {"a": {"const": "y"}}}, "then": {"properties": {"d": {"type": "array"}}}}],
        });
        assert_eq!(parameter(page.clone(), "a").unwrap().kinds, Kinds::STRING);
        assert_eq!(parameter(page.clone(), "b").unwrap().kinds, Kinds::NUMBER);
        assert_eq!(parameter(page.clone(), "c").unwrap().kinds, Kinds::BOOL.or(Kinds::UNDEFINED));
        assert_eq!(parameter(page.clone(), "d").unwrap().kinds, Kinds::ARRAY.or(Kinds::UNDEFINED));
        assert_eq!(parameter(page, "e"), None);
    }

    #[test]
    fn alternatives_take_no_fields_away() {
        for (key, r#type) in [("oneOf", json!("object")), ("anyOf", json!("object")), ("oneOf", json!(null))]
        {
            let mut page = json!({
                "required": ["a"], "properties": {"a": {"type": "string"}},
                key: [{"required": ["a"]}, {"properties": {"b": {"type": "integer"}}}],
            });
            if !r#type.is_null() {
                page["type"] = r#type;
            }
            assert_eq!(parameter(page.clone(), "a").unwrap().kinds, Kinds::STRING, "{page}");
            assert_eq!(parameter(page, "b").unwrap().kinds, Kinds::NUMBER.or(Kinds::UNDEFINED));
        }
    }

    #[test]
    fn what_a_schema_leaves_open_is_unknown() {
        for schema in [json!({}), json!(true), json!({"$ref": "elsewhere.json"}), json!({"type": "thing"})] {
            assert_eq!(of_schema(&schema, &schema), Type::any(), "{schema}");
        }
        let page =
            json!({"properties": {"free": {"type": "object", "additionalProperties": {"type": "string"}}}});
        assert_eq!(parameter(page, "free").unwrap().member("x"), Some(Type::any()));
    }
}

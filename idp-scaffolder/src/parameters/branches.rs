//! The parts of a schema that hold for a value.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value};

use super::schema::{Schema, reference};
use super::validators::Validators;

/// How deep schemas are followed, and how many parts of them: one that refers to itself has endlessly many.
pub(crate) const MAX_DEPTH: usize = 32;
const PARTS: usize = 20_000;

/// A part of a schema, and how its JSON pointer goes on from there.
#[derive(Clone, Debug)]
pub(crate) struct Branch<'s> {
    pub(crate) pointer: String,
    pub(crate) schema: Schema<'s>,
}

/// Goes through one page.
#[derive(Debug)]
pub(crate) struct Walker<'s> {
    /// What `$ref`s start from.
    pub(crate) root: &'s Value,
    pub(crate) validators: &'s Validators,
    /// How many more parts are looked at.
    left: Cell<usize>,
    /// The fields, by where their schemas are, whose objects are coming into being.
    pub(super) new: RefCell<Vec<*const Value>>,
}

impl<'s> Walker<'s> {
    pub(crate) fn new(root: &'s Value, validators: &'s Validators) -> Self {
        Self { root, validators, left: Cell::new(PARTS), new: RefCell::default() }
    }

    /// Takes one part off what may be looked at.
    pub(crate) fn spend(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// The parts that hold for a value beside what the schema says itself. Where nothing in the value speaks for one of
    /// several alternatives, `choose` says which it is.
    pub(crate) fn branches(
        &self,
        schema: Schema<'s>,
        value: &Value,
        choose: &dyn Fn(&str) -> Option<usize>,
    ) -> Vec<Branch<'s>> {
        let mut found = Vec::new();
        for (index, part) in schema.list("allOf").iter().enumerate() {
            found.push(Branch { pointer: format!("/allOf/{index}"), schema: schema.inner(part) });
        }
        found.extend(self.conditional(schema, value));
        found.extend(self.dependent(schema, value));
        for key in ["oneOf", "anyOf"] {
            let alternatives = schema.list(key);
            let pointer = format!("/{key}");
            let chosen = self.discriminated(alternatives, value).or_else(|| choose(&pointer));
            if let Some((index, chosen)) = chosen.and_then(|index| Some((index, alternatives.get(index)?))) {
                found.push(Branch { pointer: format!("{pointer}/{index}"), schema: schema.inner(chosen) });
            }
        }
        found
    }

    /// The branch of `if` that a value takes; none where the value is too much to tell.
    pub(crate) fn conditional(&self, schema: Schema<'s>, value: &Value) -> Option<Branch<'s>> {
        let condition = self.validators.of(schema.get("if")?, self.root).ok()?;
        if !condition.bears(value) {
            return None;
        }
        let key = if condition.is_valid(value) { "then" } else { "else" };
        Some(Branch { pointer: format!("/{key}"), schema: schema.inner(schema.get(key)?) })
    }

    /// What `dependencies` ask of a value beside what is there.
    pub(crate) fn dependent(&self, schema: Schema<'s>, value: &Value) -> Vec<Branch<'s>> {
        let (Some(dependencies), Some(map)) =
            (schema.get("dependencies").and_then(Value::as_object), value.as_object())
        else {
            return Vec::new();
        };
        let active = dependencies.iter().filter(|(name, rule)| map.contains_key(*name) && rule.is_object());
        active.flat_map(|(name, rule)| self.dependency(name, schema.inner(rule), map)).collect()
    }

    /// The parts of a dependency on a field: the rule, and of its alternatives the one that the field chooses.
    fn dependency(&self, name: &str, rule: Schema<'s>, map: &Map<String, Value>) -> Vec<Branch<'s>> {
        let pointer = format!("/dependencies/{}", escape(name));
        let alternatives = rule.list("oneOf");
        let chosen = alternatives.iter().position(|it| self.is_chosen(rule.inner(it), name, map));
        let chosen = chosen.map(|index| Branch {
            pointer: format!("{pointer}/oneOf/{index}"),
            schema: rule.inner(&alternatives[index]),
        });
        let more = rule.own.as_object().is_some_and(|it| it.keys().any(|key| key != "oneOf"));
        let whole = more.then_some(Branch { pointer, schema: rule });
        whole.into_iter().chain(chosen).collect()
    }

    /// Whether a branch of `oneOf` is the one that the discriminating field chooses.
    fn is_chosen(&self, branch: Schema<'s>, field: &str, map: &Map<String, Value>) -> bool {
        let Some(rule) = branch.get("properties").and_then(|it| it.get(field)) else { return false };
        map.get(field).is_some_and(|value| self.validators.admit(rule, self.root, value))
    }

    /// Of alternatives the first whose constants are in the value.
    pub(crate) fn discriminated(&self, alternatives: &'s [Value], value: &Value) -> Option<usize> {
        let map = value.as_object()?;
        alternatives.iter().position(|alternative| {
            let fields = Schema::new(alternative, self.root).properties();
            let mut given =
                fields.filter(|(name, rule)| rule.is_constant() && map.contains_key(*name)).peekable();
            given.peek().is_some()
                && given.all(|(name, rule)| self.validators.admit(rule.own, self.root, &map[name]))
        })
    }
}

/// What a schema's `$ref` stands for: itself where it has none, nothing where it leads elsewhere.
pub(crate) fn resolve<'s>(schema: &'s Value, root: &'s Value) -> Option<&'s Value> {
    match schema.get("$ref") {
        None => Some(schema),
        Some(_) => root.pointer(reference(schema)?),
    }
}

/// The schemas of a list.
pub(crate) fn list<'s>(schema: &'s Value, key: &str) -> &'s [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A name as a part of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The names that a JSON pointer leads through.
pub(crate) fn names(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"))
}

/// The last of them.
pub(crate) fn last(pointer: &str) -> String {
    names(pointer).last().unwrap_or_default()
}

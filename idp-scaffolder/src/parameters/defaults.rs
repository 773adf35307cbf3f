//! Defaults, filled in.

use serde_json::{Map, Value};

use super::branches::{MAX_DEPTH, Walker};
use super::schema::Schema;
use super::validators::Validators;

/// How often the pages are gone through: a default can bring fields that have defaults.
const ROUNDS: usize = 4;

/// Fills in the defaults of every page.
pub(crate) fn fill_defaults(pages: &[Value], validators: &Validators, value: &mut Value) {
    for _ in 0..ROUNDS {
        let before = value.clone();
        let on = pages.iter().map(|page| Schema::new(page, page)).filter(|page| !page.is_off());
        for page in on {
            Walker::new(page.root, validators).fill(page, value, 0);
        }
        if *value == before {
            return;
        }
    }
}

impl<'s> Walker<'s> {
    /// Fills in `default`s where the value has nothing: through `$ref`, `properties`, `items`, `allOf`, and of `if`,
    /// `dependencies` and `oneOf` the branch that holds.
    fn fill(&self, schema: Schema<'s>, value: &mut Value, depth: usize) {
        if depth > MAX_DEPTH || !self.spend() {
            return;
        }
        if let Some(map) = value.as_object_mut() {
            for (name, property) in schema.properties() {
                self.fill_field(name, property, map, depth);
            }
        }
        if let (Some(items @ Value::Object(_)), Some(list)) = (schema.get("items"), value.as_array_mut()) {
            list.iter_mut().for_each(|it| self.fill(schema.inner(items), it, depth + 1));
        }
        for branch in self.branches(schema, value, &|_| None) {
            self.fill(branch.schema, value, depth + 1);
        }
    }

    fn fill_field(&self, name: &str, property: Schema<'s>, map: &mut Map<String, Value>, depth: usize) {
        if property.is_off() {
            return;
        }
        match (map.get_mut(name), property.get("default")) {
            (Some(value), Some(default)) => complete(value, default),
            (Some(_), None) => {}
            (None, Some(default)) => {
                map.insert(name.to_owned(), default.clone());
            }
            (None, None) => return self.fill_new(name, property, map, depth),
        }
        if let Some(inner) = map.get_mut(name) {
            self.fill(property, inner, depth + 1);
        }
    }

    /// An object whose fields have defaults comes into being with them, and only with them.
    fn fill_new(&self, name: &str, property: Schema<'s>, map: &mut Map<String, Value>, depth: usize) {
        let known = std::ptr::from_ref(property.own);
        // One inside of itself would come into being without an end.
        if property.get("properties").is_none() || self.new.borrow().contains(&known) {
            return;
        }
        self.new.borrow_mut().push(known);
        let mut inner = Value::Object(Map::new());
        self.fill(property, &mut inner, depth + 1);
        self.new.borrow_mut().pop();
        if inner.as_object().is_some_and(|it| !it.is_empty()) {
            map.insert(name.to_owned(), inner);
        }
    }
}

/// Adds to an object what its default has and it has not.
fn complete(value: &mut Value, default: &Value) {
    if let (Value::Object(map), Value::Object(default)) = (value, default) {
        for (name, default) in default {
            match map.get_mut(name) {
                Some(value) => complete(value, default),
                None => {
                    map.insert(name.clone(), default.clone());
                }
            }
        }
    }
}

//! Defaults, filled in.

use serde_json::{Map, Value};

use super::branches::{MAX_DEPTH, Walker, is_off, resolve};
use super::validators::Validators;

/// How often the pages are gone through: a default can bring fields that have defaults.
const ROUNDS: usize = 4;

/// Fills in the defaults of every page.
pub(crate) fn fill_defaults(pages: &[Value], validators: &Validators, value: &mut Value) {
    for _ in 0..ROUNDS {
        let before = value.clone();
        for page in pages.iter().filter(|page| !is_off(page)) {
            Walker::new(page, validators).fill(page, value, 0);
        }
        if *value == before {
            return;
        }
    }
}

impl<'s> Walker<'s> {
    /// Fills in `default`s where the value has nothing: through `$ref`, `properties`, `items`, `allOf`, and of `if`,
    /// `dependencies` and `oneOf` the branch that holds.
    fn fill(&self, schema: &'s Value, value: &mut Value, depth: usize) {
        let Some(schema) = resolve(schema, self.root).filter(|_| depth <= MAX_DEPTH && self.spend()) else {
            return;
        };
        if let (Some(properties), Some(map)) =
            (schema.get("properties").and_then(Value::as_object), value.as_object_mut())
        {
            for (name, property) in properties {
                self.fill_field(name, property, map, depth);
            }
        }
        if let (Some(items @ Value::Object(_)), Some(list)) = (schema.get("items"), value.as_array_mut()) {
            list.iter_mut().for_each(|it| self.fill(items, it, depth + 1));
        }
        for branch in self.branches(schema, value, &|_| None) {
            self.fill(branch.schema, value, depth + 1);
        }
    }

    fn fill_field(&self, name: &str, property: &'s Value, map: &mut Map<String, Value>, depth: usize) {
        let Some(property) = resolve(property, self.root).filter(|it| !is_off(it)) else { return };
        if !map.contains_key(name) {
            if let Some(default) = property.get("default") {
                map.insert(name.to_owned(), default.clone());
            } else if property.get("properties").is_some() {
                // An object whose fields have defaults comes into being with them, and only with them.
                let mut inner = Value::Object(Map::new());
                self.fill(property, &mut inner, depth + 1);
                if inner.as_object().is_some_and(|it| !it.is_empty()) {
                    map.insert(name.to_owned(), inner);
                }
                return;
            }
        }
        if let Some(inner) = map.get_mut(name) {
            self.fill(property, inner, depth + 1);
        }
    }
}

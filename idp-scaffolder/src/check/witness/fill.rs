//! Answers to what a form still asks for.

use serde_json::{Map, Value};

use super::sample::sample;
use crate::check::types::is_computed;
use crate::parameters::{Schema, Validators, Walker, admits, fill_defaults, find, resolve};

/// How often a form is gone through: each answer can bring new questions.
const ROUNDS: usize = 4;

/// How deep objects are filled in.
const DEPTH: usize = 12;

/// How many parts of the schemas are looked at: one that refers to itself has endlessly many.
const PARTS: usize = 5000;

/// Fills in a form.
pub(super) struct Filler<'s> {
    pub(super) pages: &'s [Value],
    pub(super) validators: &'s Validators,
    /// Everything that is asked, not only what has to be answered.
    pub(super) all: bool,
    /// Which of enumerated values is taken.
    pub(super) choice: usize,
}

impl Filler<'_> {
    /// Adds answers to those that are given.
    pub(super) fn fill(&self, given: &mut Value) {
        let own = given.clone();
        let mut left = PARTS;
        for _ in 0..ROUNDS {
            // Defaults are answers too, and can bring questions.
            fill_defaults(self.pages, self.validators, given);
            self.pages.iter().for_each(|page| self.object(page, page, given, &[], &mut left));
        }
        if let Some(map) = given.as_object_mut() {
            map.retain(|name, value| own.get(name).is_some() || !self.is_default(name, value));
        }
    }

    /// Whether the form answers a question like this by itself.
    fn is_default(&self, name: &str, value: &Value) -> bool {
        let field = find(self.pages, &[name.to_owned()]);
        field.is_some_and(|it| {
            it.schema().0.get("default") == Some(value) && has_usable_default(it.schema().0)
        })
    }

    fn object(&self, schema: &Value, root: &Value, given: &mut Value, path: &[String], left: &mut usize) {
        let Some(schema) = resolve(schema, root).filter(|_| path.len() < DEPTH && *left > 0) else { return };
        *left -= 1;
        let properties = schema.get("properties").and_then(Value::as_object);
        if let Some(map) = given.as_object_mut() {
            self.required(schema, root, map, path);
            for (name, field) in properties.into_iter().flatten() {
                self.field(name, field, root, map);
                if let Some(inner) = map.get_mut(name).filter(|_| field.get("properties").is_some()) {
                    let mut path = path.to_vec();
                    path.push(name.clone());
                    self.object(field, root, inner, &path, left);
                }
            }
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.object(part, root, given, path, left);
        }
        let alternatives = ["oneOf", "anyOf"].iter().filter_map(|key| schema.get(*key)?.as_array());
        for alternatives in alternatives {
            if let Some(one) = alternatives.get(self.choice % alternatives.len().max(1)) {
                self.object(one, root, given, path, left);
            }
        }
        let (walker, whole) = (Walker::new(root, self.validators), Schema::new(schema, root));
        if let Some(branch) = walker.conditional(whole, given) {
            self.object(branch.schema.own, root, given, path, left);
        }
        for branch in walker.dependent(whole, given) {
            self.object(branch.schema.own, root, given, path, left);
        }
    }

    /// Answers what has to be answered. A branch can require a field that stands beside it.
    fn required(&self, schema: &Value, root: &Value, map: &mut Map<String, Value>, path: &[String]) {
        let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in names.filter_map(Value::as_str) {
            let own = schema.get("properties").and_then(|it| it.get(name)).map(|field| (field, root));
            let mut whole = path.to_vec();
            whole.push(name.to_owned());
            let field = own.or_else(|| find(self.pages, &whole).map(|it| it.schema()));
            if let Some((field, root)) = field.filter(|_| !map.contains_key(name))
                && !has_usable_default(field)
            {
                map.insert(name.to_owned(), sample(field, root, false, self.choice));
            }
        }
    }

    /// Answers a question that may be left open, where all are answered, or a field of the host's answers it itself.
    fn field(&self, name: &str, field: &Value, root: &Value, map: &mut Map<String, Value>) {
        // A default that the form itself does not accept is no answer.
        let refused =
            map.get(name).is_some_and(|it| field.get("default") == Some(it)) && !has_usable_default(field);
        let asked = self.all || is_computed(field);
        if refused || (asked && !map.contains_key(name) && !has_usable_default(field)) {
            map.insert(name.to_owned(), sample(field, root, self.all, self.choice));
        }
    }
}

fn has_usable_default(field: &Value) -> bool {
    field.get("default").is_some_and(|default| admits(field, default))
}

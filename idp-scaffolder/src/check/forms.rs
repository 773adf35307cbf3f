//! The forms: what their schemas admit.

use std::collections::BTreeSet;

use idp_core::similar;
use serde_json::{Map, Value};

use super::draft::{Draft, Proof, Spot};
use super::types::{Kinds, Type, of_parameters};
use crate::Template;
use crate::parameters::{admits, escape, repetition, violations, with_definitions};

/// How deep schemas are followed.
const DEPTH: usize = 16;

/// Looks at every page.
pub(crate) fn check(template: &Template, drafts: &mut Vec<Draft>) {
    let pages = &template.spec().parameters.0;
    let all = of_parameters(pages);
    for (index, page) in pages.iter().enumerate() {
        let pointer = template.page_pointer(index);
        match template.validators().of(page, page) {
            Ok(_) => {
                let mut form = Form { drafts, all: &all, root: page };
                form.object(page, &pointer, &[], true);
            }
            Err(problem) => {
                let spot = Spot::value(format!("{pointer}{}", problem.place));
                let message = format!("the schema is wrong here: {}", problem.reason);
                drafts.push(Draft::error("schema-invalid", message, spot));
            }
        }
    }
}

struct Form<'f> {
    drafts: &'f mut Vec<Draft>,
    /// The fields of every page together.
    all: &'f Type,
    root: &'f Value,
}

impl Form<'_> {
    /// Looks at a schema of an object: its fields, and what it requires.
    fn object(&mut self, schema: &Value, pointer: &str, path: &[String], own: bool) {
        let Some(map) = schema.as_object().filter(|_| path.len() < DEPTH) else { return };
        self.required(map, pointer, path);
        for (name, field) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let inner = format!("{pointer}/properties/{}", escape(name));
            let mut path = path.to_vec();
            path.push(name.clone());
            self.field(name, field, &inner, &path, own);
        }
        self.branches(map, pointer, path);
    }

    fn branches(&mut self, map: &Map<String, Value>, pointer: &str, path: &[String]) {
        for key in ["then", "else"] {
            if let Some(branch) = map.get(key) {
                self.object(branch, &format!("{pointer}/{key}"), path, false);
            }
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            let list = map.get(key).and_then(Value::as_array);
            for (index, branch) in list.into_iter().flatten().enumerate() {
                self.object(branch, &format!("{pointer}/{key}/{index}"), path, false);
            }
        }
        for (name, rule) in map.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
            self.object(rule, &format!("{pointer}/dependencies/{}", escape(name)), path, false);
        }
    }

    fn required(&mut self, map: &Map<String, Value>, pointer: &str, path: &[String]) {
        if let Some(index) = map.get("required").and_then(repetition) {
            let message =
                "this field is required twice: the server takes it, and Backstage's own form shows an error";
            let spot = Spot::value(format!("{pointer}/required/{index}"));
            self.drafts.push(Draft::warning("required-twice", message, spot));
        }
        let names = map.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut all = self.all.clone();
        for name in path {
            let Some(member) = all.member(name) else { return };
            all = member;
        }
        for (index, name) in names.enumerate() {
            let Some(name) = name.as_str().filter(|name| all.member(name).is_none()) else { continue };
            let message =
                format!("`{name}` is required, and no field is called so: the form cannot be filled in");
            let near = all.members.as_ref().and_then(|it| similar(name, it.known.keys()).map(str::to_owned));
            let spot = Spot::value(format!("{pointer}/required/{index}"));
            self.drafts.push(Draft::error("required-unknown", message, spot).suggest(near.as_deref()));
        }
    }

    fn field(&mut self, name: &str, field: &Value, pointer: &str, path: &[String], own: bool) {
        let Some(map) = field.as_object() else { return };
        self.emptiness(name, map, pointer);
        self.default(name, field, pointer, path, own);
        self.names(map, pointer);
        if let Some(items) = map.get("items").and_then(Value::as_object) {
            self.emptiness(name, items, &format!("{pointer}/items"));
        }
        if map.contains_key("properties") {
            self.object(field, pointer, path, own);
        }
    }

    /// A field that no value fits.
    fn emptiness(&mut self, name: &str, map: &Map<String, Value>, pointer: &str) {
        let reason = empty_enumeration(map).or_else(|| {
            BOUNDS.iter().find_map(|(least, most)| {
                let (low, high) = (map.get(*least)?.as_f64()?, map.get(*most)?.as_f64()?);
                (low > high).then(|| (*least, format!("`{least}` is above `{most}`")))
            })
        });
        if let Some((key, reason)) = reason {
            let message = format!("no value fits `{name}`: {reason}");
            self.drafts.push(Draft::error("schema-empty", message, Spot::value(format!("{pointer}/{key}"))));
        }
    }

    fn default(&mut self, name: &str, field: &Value, pointer: &str, path: &[String], own: bool) {
        let Some(default) = field.get("default") else { return };
        let spot = Spot::value(format!("{pointer}/default"));
        if default.as_str().is_some_and(|text| text.contains("${{")) {
            let message =
                format!("the default of `{name}` is taken as it is written: forms are not rendered");
            return self.drafts.push(Draft::warning("default-expression", message, spot));
        }
        if admits(field, default) {
            return;
        }
        let schema = with_definitions(field, self.root);
        let Some(problem) = violations(&schema, default, "parameter").into_iter().next() else { return };
        let reason = problem.message.split_once(": ").map_or(&*problem.message, |(_, reason)| reason);
        let message = format!("the default of `{name}` is not accepted: {reason}");
        let mut draft = Draft::error("default-invalid", message, spot);
        if own {
            let given = path
                .iter()
                .rev()
                .fold(default.clone(), |value, name| Value::Object(Map::from_iter([(name.clone(), value)])));
            draft = draft.proof(Proof::Given(given.as_object().cloned().unwrap_or_default()));
        }
        self.drafts.push(draft);
    }

    fn names(&mut self, map: &Map<String, Value>, pointer: &str) {
        let length = |key: &str| Some(map.get(key)?.as_array()?.len());
        if let (Some(values), Some(names)) = (length("enum"), length("enumNames"))
            && values != names
        {
            let message = format!("{names} names stand for {values} values");
            self.drafts.push(Draft::warning(
                "enum-names",
                message,
                Spot::value(format!("{pointer}/enumNames")),
            ));
        }
    }
}

/// Keywords of which the first must not be above the second.
const BOUNDS: [(&str, &str); 4] = [
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
];

fn empty_enumeration(map: &Map<String, Value>) -> Option<(&'static str, String)> {
    let values = map.get("enum")?.as_array()?;
    if values.is_empty() {
        return Some(("enum", "its `enum` is empty".to_owned()));
    }
    let wanted = Kinds::of_schema(map.get("type")?.as_str()?)?;
    let none = !values.iter().any(|value| Kinds::of(value).meets(wanted));
    none.then(|| ("enum", format!("its `enum` has no value that is {wanted}")))
}

/// Fields that nothing reads.
pub(crate) fn unused(template: &Template, used: &BTreeSet<Vec<String>>, drafts: &mut Vec<Draft>) {
    if used.contains(&Vec::new()) {
        return;
    }
    let pages = &template.spec().parameters.0;
    let read: BTreeSet<&str> = used
        .iter()
        .filter_map(|path| path.first())
        .map(String::as_str)
        .chain(pages.iter().flat_map(steering))
        .collect();
    for (index, page) in pages.iter().enumerate() {
        for (name, field) in page.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if read.contains(name.as_str()) || is_for_show(field) {
                continue;
            }
            let spot = Spot::Key(format!("{}/properties/{}", template.page_pointer(index), escape(name)));
            let message = format!("nothing reads the parameter `{name}`");
            drafts.push(Draft::info("unused-parameter", message, spot));
        }
    }
}

/// Fields that decide which other fields there are.
fn steering(page: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect_steering(page, &mut found, 0);
    found
}

fn collect_steering<'v>(schema: &'v Value, found: &mut Vec<&'v str>, depth: usize) {
    let Some(map) = schema.as_object().filter(|_| depth < DEPTH) else { return };
    found.extend(
        map.get("dependencies")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str),
    );
    if let Some(fields) = map.get("if").and_then(|it| it.get("properties")).and_then(Value::as_object) {
        found.extend(fields.keys().map(String::as_str));
    }
    for inner in map.values() {
        match inner {
            Value::Array(items) => items.iter().for_each(|it| collect_steering(it, found, depth + 1)),
            inner => collect_steering(inner, found, depth + 1),
        }
    }
}

/// A field that only the form itself looks at.
fn is_for_show(field: &Value) -> bool {
    let credentials = field.get("ui:options").is_some_and(|it| it.get("requestUserCredentials").is_some());
    credentials
        || field.get("type") == Some(&Value::from("null"))
        || field.get("ui:field") == Some(&Value::from("Secret"))
}

//! A value that a schema admits.

use std::cell::Cell;

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value, json};

use crate::parameters::{admits, compile, resolve};

/// How deep schemas are followed, and how many parts of them.
const DEPTH: usize = 10;
const PARTS: usize = 2000;

/// Texts that forms often want, the plainest first.
const TEXTS: [&str; 20] = [
    "example",
    "group:default/example",
    "github.com?owner=example&repo=example",
    "https://example.com/example",
    "Example",
    "my-example",
    "example-dev",
    "a",
    "abc",
    "a1b2",
    "A",
    "EX",
    "1",
    "1234",
    "1.0.0",
    "10.0.0.0/16",
    "2025-01-01",
    "user@example.com",
    "com.example.app",
    "/example",
];

/// A value that a schema admits; one that counts as true where `truthy` asks for it. It is a guess: who uses it asks
/// the schema.
/// `choice` says which of enumerated values is taken.
pub(super) fn sample(schema: &Value, root: &Value, truthy: bool, choice: usize) -> Value {
    Sampler { root, choice, left: Cell::new(PARTS) }.value(schema, truthy, 0)
}

/// Several values that a schema admits, the plainest first.
pub(super) fn candidates(schema: &Value, root: &Value) -> Vec<Value> {
    let Some(schema) = resolve(schema, root) else { return Vec::new() };
    let alternatives = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array());
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.clone();
    }
    if let Some(alternatives) = alternatives.filter(|_| schema.get("const").is_none()) {
        return alternatives.iter().flat_map(|it| candidates(it, root)).collect();
    }
    let mut found = vec![sample(schema, root, true, 0), sample(schema, root, false, 0)];
    if schema.get("type") == Some(&Value::from("string")) {
        let texts = TEXTS.iter().map(|text| Value::from(*text));
        found.extend(
            compile(schema).into_iter().flat_map(|it| texts.clone().filter(move |text| it.is_valid(text))),
        );
    }
    found
}

struct Sampler<'s> {
    root: &'s Value,
    choice: usize,
    /// How many more parts are looked at.
    left: Cell<usize>,
}

impl Sampler<'_> {
    fn value(&self, schema: &Value, truthy: bool, depth: usize) -> Value {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        let Some(schema) = resolve(schema, self.root).filter(|_| depth < DEPTH && left > 0) else {
            return "example".into();
        };
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let fits = |value: &&Value| !truthy || super::truthy(value);
            let chosen = values.iter().cycle().skip(self.choice).take(values.len()).find(fits);
            return chosen.or(values.first()).cloned().unwrap_or_default();
        }
        if let Some(default) = usable_default(schema).filter(|it| !truthy || super::truthy(it)) {
            return default.clone();
        }
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array());
        match (kind(schema), alternatives) {
            (None, Some(all)) if !all.is_empty() => {
                self.value(&all[self.choice % all.len()], truthy, depth + 1)
            }
            (Some("boolean"), _) => truthy.into(),
            (Some("integer" | "number"), _) => number(schema, truthy),
            (Some("array"), _) => self.list(schema, truthy, depth),
            (Some("object"), _) => self.object(schema, truthy, depth),
            (None, _) if schema.get("properties").is_some() => self.object(schema, truthy, depth),
            (Some("null"), _) => Value::Null,
            _ => text(schema),
        }
    }

    fn list(&self, schema: &Value, truthy: bool, depth: usize) -> Value {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0).min(20);
        let count = least.max(u64::from(truthy));
        let any = Value::Bool(true);
        let items = schema.get("items").unwrap_or(&any);
        if let Some(values) = items.get("enum").and_then(Value::as_array) {
            let count = usize::try_from(count).unwrap_or(1);
            return values.iter().take(count).cloned().collect();
        }
        (0..count).map(|_| self.value(items, truthy, depth + 1)).collect()
    }

    fn object(&self, schema: &Value, all: bool, depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let required: Vec<_> = required.filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        properties
            .filter(|(name, _)| all || required.contains(&name.as_str()))
            .map(|(name, field)| (name.clone(), self.value(field, all, depth + 1)))
            .collect::<Map<_, _>>()
            .into()
    }
}

/// The default of a schema, where it admits it itself.
fn usable_default(schema: &Value) -> Option<&Value> {
    schema.get("default").filter(|default| admits(schema, default))
}

/// The kind that a schema is about.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(kinds) => kinds.first()?.as_str(),
        kind => kind.as_str(),
    }
}

fn number(schema: &Value, truthy: bool) -> Value {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|it| it + 1.0));
    let number = least.or_else(|| bound("maximum").filter(|most| *most < 1.0)).unwrap_or(1.0);
    let number = if truthy && number == 0.0 { 1.0 } else { number };
    crate::expr::inspect::number_json(number)
}

fn text(schema: &Value) -> Value {
    let mut texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    match schema.get("ui:field").and_then(Value::as_str) {
        Some("RepoUrlPicker") => texts.swap(0, 2),
        Some("OwnerPicker" | "EntityPicker" | "MyGroupsPicker" | "OwnedEntityPicker") => texts.swap(0, 1),
        _ => {}
    }
    if !["pattern", "format", "minLength", "maxLength"].iter().any(|key| schema.get(*key).is_some()) {
        return texts.swap_remove(0).into();
    }
    texts.extend(schema.get("pattern").and_then(Value::as_str).and_then(matching));
    texts.push("x".repeat(length(schema)));
    let Ok(validator) = compile(schema) else { return texts.swap_remove(0).into() };
    let fits = texts.iter().find(|text| validator.is_valid(&json!(text)));
    fits.cloned().unwrap_or_else(|| texts.swap_remove(0)).into()
}

fn length(schema: &Value) -> usize {
    let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(1);
    usize::try_from(least).unwrap_or(1).min(1000)
}

/// A short text that a pattern matches.
fn matching(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut writer = Writer { text: String::new(), left: 2000 };
    writer.write(&hir)?;
    Some(writer.text)
}

/// Writes what a pattern matches.
struct Writer {
    text: String,
    /// How many more parts are written: repetitions of repetitions have no end.
    left: usize,
}

impl Writer {
    /// Appends what a part of a pattern matches; `None` where it cannot be told, or is too much.
    fn write(&mut self, hir: &Hir) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => self.text.push(character(class)?),
            HirKind::Repetition(repetition) => {
                (0..repetition.min).try_for_each(|_| self.write(&repetition.sub))?;
            }
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part))?,
            HirKind::Alternation(parts) => self.write(parts.first()?)?,
        }
        Some(())
    }
}

fn character(class: &Class) -> Option<char> {
    match class {
        Class::Unicode(class) => {
            let holds = |c: &char| class.iter().any(|range| range.start() <= *c && *c <= range.end());
            ['a', 'A', '1', '-'].into_iter().find(holds).or_else(|| class.iter().next().map(|it| it.start()))
        }
        Class::Bytes(class) => class.iter().next().map(|it| char::from(it.start())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_admitted() {
        for schema in [
            json!({"type": "string", "pattern": "^[a-z]{3}-[0-9]{2,4}(dev|prod)?$"}),
            json!({"type": "string", "minLength": 40}),
            json!({"type": "integer", "minimum": 5, "maximum": 7}),
            json!({"type": "array", "minItems": 2, "items": {"enum": ["a", "b", "c"]}, "uniqueItems": true}),
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}, "b": {}}}),
            json!({"type": "string", "format": "email"}),
            json!({"oneOf": [{"const": 3}, {"const": 4}]}),
        ] {
            for truthy in [false, true] {
                let it = sample(&schema, &schema, truthy, 0);
                assert!(compile(&schema).unwrap().is_valid(&it), "{schema}: {it}");
            }
        }
    }
}

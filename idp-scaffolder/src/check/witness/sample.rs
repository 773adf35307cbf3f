//! A value that a schema admits.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value, json};

use super::super::types::resolve;
use crate::parameters::compile;

/// How deep schemas are followed.
const DEPTH: usize = 10;

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
pub(super) fn sample(schema: &Value, root: &Value, truthy: bool) -> Value {
    value(schema, root, truthy, 0)
}

/// A value that a schema admits and that is not this one.
pub(super) fn other(schema: &Value, root: &Value, than: &Value) -> Option<Value> {
    let schema = resolve(schema, root)?;
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().find(|value| *value != than).cloned();
    }
    match than {
        Value::Bool(flag) => Some((!flag).into()),
        _ => Some(sample(schema, root, true)).filter(|it| it != than),
    }
}

fn value(schema: &Value, root: &Value, truthy: bool, depth: usize) -> Value {
    let Some(schema) = resolve(schema, root).filter(|_| depth < DEPTH) else { return "example".into() };
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let fits = |value: &&Value| !truthy || super::truthy(value);
        return values.iter().find(fits).or(values.first()).cloned().unwrap_or_default();
    }
    if let Some(default) = schema.get("default").filter(|it| !truthy || super::truthy(it)) {
        return default.clone();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    let alternatives = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.get(0));
    match (kind, alternatives) {
        (None, Some(first)) => value(first, root, truthy, depth + 1),
        (Some("boolean"), _) => truthy.into(),
        (Some("integer" | "number"), _) => number(schema, truthy),
        (Some("array"), _) => list(schema, root, truthy, depth),
        (Some("object"), _) => object(schema, root, depth),
        (None, _) if schema.get("properties").is_some() => object(schema, root, depth),
        (Some("null"), _) => Value::Null,
        _ => text(schema),
    }
}

fn number(schema: &Value, truthy: bool) -> Value {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|it| it + 1.0));
    let number = least.or_else(|| bound("maximum").filter(|most| *most < 1.0)).unwrap_or(1.0);
    let number = if truthy && number == 0.0 { 1.0 } else { number };
    crate::expr::inspect::number_json(number)
}

fn list(schema: &Value, root: &Value, truthy: bool, depth: usize) -> Value {
    let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0).min(20);
    let count = least.max(u64::from(truthy));
    let any = Value::Bool(true);
    let items = schema.get("items").unwrap_or(&any);
    if let Some(values) = items.get("enum").and_then(Value::as_array) {
        let count = usize::try_from(count).unwrap_or(1);
        return values.iter().take(count).cloned().collect();
    }
    (0..count).map(|_| value(items, root, false, depth + 1)).collect()
}

fn object(schema: &Value, root: &Value, depth: usize) -> Value {
    let mut map = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object);
    let required =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if let Some(field) = properties.and_then(|it| it.get(name)) {
            map.insert(name.to_owned(), value(field, root, false, depth + 1));
        }
    }
    Value::Object(map)
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
    let mut text = String::new();
    write(&hir, &mut text).then_some(text)
}

/// Appends what a part of a pattern matches; false where it cannot be told or grows too long.
fn write(hir: &Hir, text: &mut String) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(part) => {
                text.push_str(part);
                true
            }
            Err(_) => false,
        },
        HirKind::Class(class) => match character(class) {
            Some(c) => {
                text.push(c);
                true
            }
            None => false,
        },
        HirKind::Repetition(repetition) => {
            (0..repetition.min).all(|_| text.len() < 1000 && write(&repetition.sub, text))
        }
        HirKind::Capture(capture) => write(&capture.sub, text),
        HirKind::Concat(parts) => parts.iter().all(|part| write(part, text)),
        HirKind::Alternation(parts) => parts.first().is_some_and(|part| write(part, text)),
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
                let it = sample(&schema, &schema, truthy);
                assert!(compile(&schema).unwrap().is_valid(&it), "{schema}: {it}");
            }
        }
    }
}

//! Mapping keys: anything in YAML, strings in JSON.

use serde_json::Value;

use crate::js;

/// What kind of node a key was before it became a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Null,
    Bool,
    Number,
    String,
    Collection,
}

/// A mapping key as JSON has it, with the type it had in YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) text: String,
    kind: KeyKind,
}

impl Key {
    /// The key a value makes, as JavaScript turns it into a string.
    pub(super) fn of(value: &Value) -> Self {
        let (text, kind) = match value {
            Value::Null => (String::new(), KeyKind::Null),
            Value::Bool(yes) => (yes.to_string(), KeyKind::Bool),
            Value::Number(_) => (js::scalar_text(value).into_owned(), KeyKind::Number),
            Value::String(text) => (text.clone(), KeyKind::String),
            Value::Array(_) | Value::Object(_) => (flow_text(value), KeyKind::Collection),
        };
        Self { text, kind }
    }

    pub(super) fn is_collection(&self) -> bool {
        self.kind == KeyKind::Collection
    }
}

/// A value in flow style, `{ a: 1, b }`: how the reference reader spells a collection that is a key.
pub(super) fn flow_text(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let pairs: Vec<_> = map.iter().map(|(key, value)| pair(key, value)).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(flow_text).collect();
            format!("[ {} ]", items.join(", "))
        }
        Value::String(text) => text.clone(),
        other => js::scalar_text(other).into_owned(),
    }
}

fn pair(key: &str, value: &Value) -> String {
    if value.is_null() { key.to_owned() } else { format!("{key}: {}", flow_text(value)) }
}

//! Values that exist only after apply.
//!
//! While planning, a state such as a commit's hash is not there yet. It is the JSON object
//! `{"$unknown": "<where it comes from>"}`: it flows through expressions and step outputs, and a plan shows it as
//! *known after apply*.

use serde_json::{Map, Value};

const MARK: &str = "$unknown";

/// A value that is known after apply; `origin` says where it comes from: `steps.publish.output.commitHash`.
pub fn unknown(origin: impl Into<String>) -> Value {
    Value::Object(Map::from_iter([(MARK.to_owned(), Value::String(origin.into()))]))
}

/// Where an unknown value comes from; `None` for a value that is known, whatever is inside it.
pub fn unknown_origin(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get(MARK)?.as_str()
}

/// The origins of every unknown value inside a value, in order, each once.
pub fn unknown_origins(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    if let Some(origin) = unknown_origin(value) {
        if !found.contains(&origin) {
            found.push(origin);
        }
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|it| collect(it, found)),
        Value::Object(map) => map.values().for_each(|it| collect(it, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_whole_mark_is_unknown() {
        assert_eq!(unknown_origin(&unknown("a.b")), Some("a.b"));
        assert_eq!(unknown_origin(&json!({"$unknown": "a", "x": 1})), None);
        assert_eq!(unknown_origins(&json!([unknown("a"), {"k": unknown("b")}, unknown("a")])), ["a", "b"]);
    }
}

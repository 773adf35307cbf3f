//! Backstage's predicates in JSON: `{"kind": "component", "$not": …}`.

use idp_core::{Error, Predicate, Result};
use serde_json::{Map, Value};

use crate::js;

/// Deepest nesting of `$all`, `$any` and `$not`.
const MAX_DEPTH: usize = 64;

/// Reads a predicate as Backstage's query endpoints take it.
///
/// An object of `field: value` pairs that must all hold, or one of `{"$all": […]}`, `{"$any": […]}`, `{"$not": …}`. A
/// value is a string, number or boolean, or one of `{"$exists": true}`, `{"$in": […]}`, `{"$contains": …}`,
/// `{"$hasPrefix": "…"}`.
///
/// ```
/// use idp_catalog::predicate_from_json;
/// use serde_json::json;
/// predicate_from_json(&json!({"kind": "component", "metadata.tags": {"$contains": "java"}}))?;
/// predicate_from_json(&json!({"relations": {"$contains": {"type": "ownedBy", "targetRef": "group:default/a"}}}))?;
/// # Ok::<(), idp_core::Error>(())
/// ```
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] for anything else.
pub fn predicate_from_json(value: &Value) -> Result<Predicate> {
    predicate(value, 0)
}

fn predicate(value: &Value, depth: usize) -> Result<Predicate> {
    let Value::Object(map) = value else {
        return Err(Error::invalid("a predicate must be an object; wrap a value in a field expression"));
    };
    if depth > MAX_DEPTH {
        return Err(Error::invalid("the predicate is nested too deeply"));
    }
    match map.keys().find(|key| key.starts_with('$')) {
        Some(operator) if map.len() == 1 => logic(operator, &map[operator], depth),
        Some(operator) => Err(Error::invalid(format!("`{operator}` must be the only key of its object"))),
        None => {
            let parts = map.iter().map(|(field, value)| condition(field, value)).collect::<Result<_>>()?;
            Ok(Predicate::All(parts))
        }
    }
}

fn logic(operator: &str, value: &Value, depth: usize) -> Result<Predicate> {
    let parts = || -> Result<Vec<Predicate>> {
        let items = value.as_array().ok_or_else(|| Error::invalid(format!("`{operator}` needs a list")))?;
        items.iter().map(|item| predicate(item, depth + 1)).collect()
    };
    match operator {
        "$all" => Ok(Predicate::All(parts()?)),
        "$any" => Ok(Predicate::Any(parts()?)),
        "$not" => Ok(predicate(value, depth + 1)?.negate()),
        _ => Err(Error::invalid(format!("the operator `{operator}` is not known"))),
    }
}

fn condition(field: &str, value: &Value) -> Result<Predicate> {
    if field.contains(['\r', '\n']) {
        return Err(Error::invalid("a field may not contain line breaks"));
    }
    let Value::Object(operators) = value else {
        return Ok(Predicate::equals(field, scalar(field, value)?));
    };
    const KNOWN: [&str; 4] = ["$exists", "$in", "$contains", "$hasPrefix"];
    if let Some(unknown) = operators.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(Error::invalid(format!("the operator `{unknown}` is not known")).with("field", field));
    }
    // Of several operators the first of this list counts, as in Backstage.
    let first = KNOWN.iter().find_map(|known| operators.get(*known).map(|value| (*known, value)));
    match first {
        Some(("$exists", Value::Bool(true))) => Ok(Predicate::exists(field)),
        Some(("$exists", Value::Bool(false))) => Ok(Predicate::exists(field).negate()),
        Some(("$in", Value::Array(values))) => Ok(Predicate::In(field.to_owned(), scalars(field, values)?)),
        Some(("$contains", Value::Object(edge))) => relation(field, edge),
        Some(("$contains", value)) => Ok(Predicate::equals(field, scalar(field, value)?)),
        Some(("$hasPrefix", Value::String(prefix))) => Ok(Predicate::prefix(field, prefix)),
        Some((operator, _)) => {
            Err(Error::invalid(format!("`{operator}` does not take this")).with("field", field))
        }
        None => Err(Error::invalid("a field expression needs an operator").with("field", field)),
    }
}

fn scalars(field: &str, values: &[Value]) -> Result<Vec<String>> {
    values.iter().map(|value| scalar(field, value)).collect()
}

fn scalar(field: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Ok(js::scalar_text(value)),
        _ => Err(Error::invalid("a value must be a string, a number or a boolean").with("field", field)),
    }
}

/// `{"relations": {"$contains": {"type": …, "targetRef": …}}}`: the one place where an object may be asked for.
fn relation(field: &str, edge: &Map<String, Value>) -> Result<Predicate> {
    if !field.eq_ignore_ascii_case("relations") {
        return Err(Error::invalid("only `relations` can contain an object").with("field", field));
    }
    let (mut kind, mut target) = (None, None);
    for (key, value) in edge {
        let slot = match key.to_lowercase().as_str() {
            "type" => &mut kind,
            "targetref" => &mut target,
            _ => return Err(Error::invalid(format!("a relation has no `{key}`"))),
        };
        if slot.replace(value).is_some() {
            return Err(Error::invalid(format!("`{key}` occurs twice")));
        }
    }
    let Some(Value::String(kind)) = kind else {
        return Err(Error::invalid("a relation needs its `type` as a string"));
    };
    let field = format!("relations.{kind}");
    match target {
        None => Ok(Predicate::Exists(field)),
        Some(Value::String(target)) => Ok(Predicate::equals(field, target)),
        Some(target) => match target.get("$in").and_then(Value::as_array) {
            Some(targets) if !targets.is_empty() => {
                Ok(Predicate::In(field.clone(), scalars(&field, targets)?))
            }
            _ => Err(Error::invalid("`targetRef` is a string, or `{\"$in\": […]}`")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn accepted() {
        let all = |part: Predicate| Predicate::All(vec![part]);
        for (value, want) in [
            (json!({}), Predicate::All(vec![])),
            (json!({"a": 1}), all(Predicate::equals("a", "1"))),
            (json!({"a": {"$exists": false}}), all(Predicate::exists("a").negate())),
            (json!({"a": {"$in": ["x", true]}}), all(Predicate::one_of("a", ["x", "true"]))),
            (json!({"a": {"$in": ["x"], "$exists": true}}), all(Predicate::exists("a"))),
            (json!({"a": {"$hasPrefix": "x"}}), all(Predicate::prefix("a", "x"))),
            (json!({"a": {"$contains": "x"}}), all(Predicate::equals("a", "x"))),
            (json!({"$any": []}), Predicate::Any(vec![])),
            (json!({"$not": {"$all": []}}), Predicate::All(vec![]).negate()),
            (json!({"relations": {"$contains": {"TYPE": "x"}}}), all(Predicate::exists("relations.x"))),
            (
                json!({"relations": {"$contains": {"type": "x", "targetRef": {"$in": ["a"]}}}}),
                all(Predicate::equals("relations.x", "a")),
            ),
        ] {
            assert_eq!(predicate_from_json(&value).unwrap(), want, "{value}");
        }
    }

    #[test]
    fn refused() {
        for value in [
            json!([]),
            json!(null),
            json!("x"),
            json!({"kind": {"foo": "bar"}}),
            json!({"kind": {"$in": "foo"}}),
            json!({"kind": {"$in": [null]}}),
            json!({"spec.type": null}),
            json!({"$unknown": "foo"}),
            json!({"a": ["x"]}),
            json!({"a": {}}),
            json!({"$all": [], "x": 1}),
            json!({"$all": [], "$any": []}),
            json!({"$all": ["x"]}),
            json!({"a": {"$exists": "true"}}),
            json!({"a": {"$hasPrefix": 1}}),
            json!({"a\nb": "x"}),
            json!({"metadata.tags": {"$contains": {"a": 1}}}),
            json!({"relations": {"$contains": {"targetRef": "x"}}}),
            json!({"relations": {"$contains": {"type": "x", "Type": "y"}}}),
            json!({"relations": {"$contains": {"type": "x", "targetRef": {"$in": []}}}}),
        ] {
            assert!(predicate_from_json(&value).is_err(), "{value}");
        }
    }
}

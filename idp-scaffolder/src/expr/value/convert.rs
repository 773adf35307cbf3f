//! JSON in and out.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::Value;
use serde_json::{Map, Number, Value as Json};

use super::walk::Walk;
use super::{Entries, Js, View, array, items_of, number, unknown, view};
use crate::expr::fail::{Fail, Outcome};

/// Between the names of the values that an unknown one depends on.
const SEPARATOR: &str = ", ";

/// A JSON value as a template sees it.
pub(crate) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(value) => number(value.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => array(items.iter().map(from_json).collect()),
        Json::Object(entries) => match idp_core::unknown_origin(json) {
            Some(names) => unknown(unknown_names(names)),
            None => {
                let entries = entries.iter().map(|(key, value)| (Arc::from(key.as_str()), from_json(value)));
                Value::from_object(Js::Record(entries.collect()))
            }
        },
    }
}

/// A value as JSON: undefined members go, undefined items are null, NaN and Infinity are null, unknown values stay
/// markers. None stands for undefined.
pub(crate) fn to_json(value: &Value) -> Outcome<Option<Json>> {
    convert(value, &mut Walk::default())
}

fn convert(value: &Value, walk: &mut Walk) -> Outcome<Option<Json>> {
    walk.visit()?;
    Ok(Some(match view(value) {
        View::Undefined => return Ok(None),
        View::Null => Json::Null,
        View::Bool(value) => Json::Bool(value),
        View::Number(value) => number_json(value),
        View::Str(text) => Json::from(text),
        View::Safe(text) => Json::from(&**text),
        View::Array(items) => Json::Array(walk.inside(|walk| convert_items(&items_of(items), walk))?),
        View::Record(entries) => Json::Object(walk.inside(|walk| convert_entries(entries, walk))?),
        View::Unknown(names) => unknown_json(names),
        View::Regex(_) | View::Function(_) | View::Method(_) => {
            return Err(Fail::input("Callable values cannot be coerced"));
        }
    }))
}

fn convert_items(items: &[Value], walk: &mut Walk) -> Outcome<Vec<Json>> {
    items.iter().map(|item| Ok(convert(item, walk)?.unwrap_or(Json::Null))).collect()
}

fn convert_entries(entries: &Entries, walk: &mut Walk) -> Outcome<Map<String, Json>> {
    let mut map = Map::new();
    for (key, value) in entries {
        if let Some(json) = convert(value, walk)? {
            map.insert(key.to_string(), json);
        }
    }
    Ok(map)
}

/// A number as JSON: whole ones as integers, what JSON cannot hold as null.
pub(crate) fn number_json(value: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Json::from(value as i64);
    }
    Number::from_f64(value).map_or(Json::Null, Json::Number)
}

/// What stands in JSON for a value that depends on several known only after apply.
pub(crate) fn unknown_json(names: &BTreeSet<String>) -> Json {
    idp_core::unknown(names.iter().map(String::as_str).collect::<Vec<_>>().join(SEPARATOR))
}

/// The names in such a value.
pub(crate) fn unknown_names(origin: &str) -> BTreeSet<String> {
    origin.split(SEPARATOR).map(str::to_owned).collect()
}

/// The names of the values known only after apply within a value, where there are any.
pub(crate) fn contains_unknown(value: &Value) -> Outcome<Option<BTreeSet<String>>> {
    let mut walk = Walk::default();
    let mut names = BTreeSet::new();
    let mut pending = vec![value.clone()];
    while let Some(value) = pending.pop() {
        walk.visit()?;
        match view(&value) {
            View::Array(items) => pending.extend(items_of(items)),
            View::Record(entries) => pending.extend(entries.iter().map(|(_, value)| value.clone())),
            View::Unknown(found) => names.extend(found.iter().cloned()),
            _ => (),
        }
    }
    Ok((!names.is_empty()).then_some(names))
}

//! Values as JSON text.

use minijinja::Value;
use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value as Json, json};

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::settings::Settings;
use crate::expr::value::{View, contains_unknown, length, number_text, slice_units, to_json, to_number, view};

/// `JSON.stringify`, indented where an argument says how. Undefined has no text.
pub(super) fn dump(input: &Value, args: &Arguments<'_>, settings: &Settings) -> Outcome<Value> {
    match view(input) {
        View::Function(_) | View::Method(_) => return Ok(Value::UNDEFINED),
        // What the object that marks a safe string looked like from outside.
        View::Safe(text) if settings.legacy => {
            let object = json!({ "val": &**text, "length": length(text) });
            return Ok(write(&object, "").into());
        }
        _ => (),
    }
    let indent = args.get(0);
    let indent = match view(&indent) {
        View::Number(width) => " ".repeat(width.clamp(0.0, 10.0) as usize),
        seen => seen.as_str().map(|text| slice_units(text, 0, 10)).unwrap_or_default(),
    };
    Ok(as_json(input)?.map_or(Value::UNDEFINED, |json| write(&json, &indent).into()))
}

/// The cookiecutter form: an indent of 4 unless told otherwise.
pub(super) fn jsonify(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let width = args.get(0);
    let width = if width.is_undefined() { 4.0 } else { to_number(&width)? };
    let indent = " ".repeat(width.clamp(0.0, 10.0) as usize);
    Ok(as_json(input)?.map_or(Value::UNDEFINED, |json| write(&json, &indent).into()))
}

fn as_json(input: &Value) -> Outcome<Option<Json>> {
    match contains_unknown(input)? {
        Some(names) => Err(Fail::Unknown(names)),
        None => to_json(input),
    }
}

fn write(json: &Json, indent: &str) -> String {
    let mut out = String::new();
    if indent.is_empty() {
        compact(json, &mut out);
        return out;
    }
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    match json.serialize(&mut Serializer::with_formatter(&mut bytes, formatter)) {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => out,
    }
}

/// Numbers are written as JavaScript does, which serde_json does not.
fn compact(json: &Json, out: &mut String) {
    match json {
        Json::Number(number) => out.push_str(&number_text(number.as_f64().unwrap_or(0.0))),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                compact(item, out);
            }
            out.push(']');
        }
        Json::Object(entries) => object(entries, out),
        other => out.push_str(&other.to_string()),
    }
}

fn object(entries: &Map<String, Json>, out: &mut String) {
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        out.push_str(if index > 0 { "," } else { "" });
        out.push_str(&Json::from(key.as_str()).to_string());
        out.push(':');
        compact(value, out);
    }
    out.push('}');
}

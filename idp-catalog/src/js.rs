//! Data as JavaScript prints it: numbers, canonical JSON, the order of strings.
//!
//! Descriptors are written against a JavaScript program. Wherever a value becomes text (a key, a search value, a
//! hash) the text is the one that program makes.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Number, Value};

/// JSON with sorted keys, no spaces, and numbers as JavaScript prints them: two readers of YAML that see the same data
/// make the same text. [`idp_core::canonical_json`] differs in the numbers: `1.0` stays `1.0` there.
#[must_use]
pub fn javascript_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

/// `String(value)` of a scalar; empty for collections.
pub(crate) fn scalar_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "null".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Number(number) => number_text(number).into(),
        Value::String(text) => text.into(),
        Value::Array(_) | Value::Object(_) => "".into(),
    }
}

/// The order of JavaScript's `sort`: by UTF-16 code units.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.cmp(b);
    }
    a.encode_utf16().cmp(b.encode_utf16())
}

/// A number as ECMAScript's `Number::toString` prints it.
pub(crate) fn number_text(number: &Number) -> String {
    match number.as_i64() {
        Some(whole) if whole.unsigned_abs() <= 1 << 53 => whole.to_string(),
        _ => number
            .as_f64()
            .map_or_else(|| "null".to_owned(), |it| ryu_js::Buffer::new().format(it).to_owned()),
    }
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by(|(a, _), (b, _)| compare(a, b));
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                separate(index, out);
                write_string(key, out);
                out.push(':');
                write_value(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write_value(item, out);
            }
            out.push(']');
        }
        Value::String(text) => write_string(text, out),
        scalar => out.push_str(&scalar_text(scalar)),
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

/// `serde_json` escapes as `JSON.stringify` does.
fn write_string(text: &str, out: &mut String) {
    out.push_str(&Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::{javascript_json, scalar_text};
    use serde_json::json;

    #[test]
    fn numbers() {
        for (value, want) in [
            (json!(1.0), "1"),
            (json!(-0.0), "0"),
            (json!(1.5), "1.5"),
            (json!(1e21), "1e+21"),
            (json!(123e18), "123000000000000000000"),
            (json!(12_345_678_901_234_567_890_u64), "12345678901234567000"),
            (json!(1e-6), "0.000001"),
            (json!(1.5e-7), "1.5e-7"),
            (json!(-1.25e30), "-1.25e+30"),
            (json!(0.1), "0.1"),
        ] {
            assert_eq!(scalar_text(&value), want);
        }
    }

    #[test]
    fn keys_are_sorted_and_strings_escaped() {
        let value = json!({"b": ["\u{1}\n\"é"], "a": null, "B": 1.0});
        assert_eq!(javascript_json(&value), r#"{"B":1,"a":null,"b":["\u0001\n\"é"]}"#);
    }
}

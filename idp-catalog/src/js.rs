//! Data as JavaScript prints it: numbers, canonical JSON, the order of strings.
//!
//! Descriptors are written against a JavaScript program. Wherever a value becomes text (a key, a search value, a
//! hash) the text is the one that program makes.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::{Number, Value};

/// JSON with sorted keys, no spaces, and numbers as JavaScript prints them: two readers of YAML that see the same data
/// make the same text.
#[must_use]
pub fn canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

/// `String(value)` of a scalar; empty for collections.
pub(crate) fn scalar_text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number_text(number),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => String::new(),
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
        _ => number.as_f64().map_or_else(|| "null".to_owned(), double_text),
    }
}

fn double_text(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    // Rust's exponent form holds the shortest digits that read back as the same double.
    let shortest = format!("{:e}", value.abs());
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return shortest };
    let digits = mantissa.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    format!("{sign}{}", place_point(&digits, point))
}

/// Writes `0.digits × 10^point` the way ECMAScript chooses.
fn place_point(digits: &str, point: i32) -> String {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    match point {
        _ if count <= point && point <= 21 => format!("{digits}{}", zeros(point - count)),
        1..=21 => {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
        -5..=0 => format!("0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{first}{dot}{rest}e{}{}", if point > 0 { '+' } else { '-' }, (point - 1).abs())
        }
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

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::{canonical_json, scalar_text};
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
        assert_eq!(canonical_json(&value), r#"{"B":1,"a":null,"b":["\u0001\n\"é"]}"#);
    }
}

//! What an untagged plain scalar means: YAML 1.2's core schema, and the older rules `%YAML 1.1` asks for.

use serde_json::{Number, Value};

/// Which rules resolve plain scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Schema {
    /// YAML 1.2 core: `yes` is a string, `017` is seventeen, `0o17` fifteen.
    #[default]
    Core,
    /// YAML 1.1: `yes` is true, `017` is fifteen, `<<` merges.
    Yaml11,
}

/// Resolves a plain scalar.
pub(super) fn plain(text: &str, schema: Schema) -> Value {
    // Most scalars are words; one look at the first byte spares them the number rules.
    match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => word(text, schema),
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => number(text, schema),
        Some(b'y' | b'Y' | b'o' | b'O') if schema == Schema::Yaml11 => word(text, schema),
        Some(_) => None,
    }
    .unwrap_or_else(|| Value::from(text))
}

/// Resolves a scalar whose tag says what it must be. `None`: the text is not of that type.
pub(super) fn tagged(text: &str, suffix: &str, schema: Schema) -> Option<Value> {
    let value = plain(text, schema);
    match suffix {
        "null" => value.is_null().then_some(value),
        "bool" => value.is_boolean().then_some(value),
        "int" | "float" => (value.is_number() || not_finite(text)).then_some(value),
        _ => Some(Value::from(text)),
    }
}

fn word(text: &str, schema: Schema) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if schema == Schema::Yaml11 => {
            Some(Value::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if schema == Schema::Yaml11 => {
            Some(Value::Bool(false))
        }
        _ => None,
    }
}

fn number(text: &str, schema: Schema) -> Option<Value> {
    if not_finite(text) {
        // JSON has no such number; JavaScript prints null.
        return Some(Value::Null);
    }
    match schema {
        Schema::Core => core_number(text),
        Schema::Yaml11 => yaml11_number(text),
    }
}

fn not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn core_number(text: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8, false);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16, false);
    }
    decimal(text)
}

fn yaml11_number(text: &str) -> Option<Value> {
    let bare = text.replace('_', "");
    let (negative, digits) = match bare.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    if digits.contains(':') {
        return sexagesimal(digits, negative);
    }
    if let Some(rest) = digits.strip_prefix("0b") {
        return radix(rest, 2, negative);
    }
    if let Some(rest) = digits.strip_prefix("0x") {
        return radix(rest, 16, negative);
    }
    match digits.strip_prefix('0') {
        Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) => {
            radix(rest, 8, negative)
        }
        _ => decimal(&bare),
    }
}

fn radix(digits: &str, base: u32, negative: bool) -> Option<Value> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let folded = digits.chars().filter_map(|c| c.to_digit(base));
    let magnitude = folded.fold(0.0, |sum: f64, digit| sum.mul_add(f64::from(base), f64::from(digit)));
    Some(json_number(if negative { -magnitude } else { magnitude }))
}

/// `190:20:30` is 685230 in YAML 1.1.
fn sexagesimal(digits: &str, negative: bool) -> Option<Value> {
    let mut sum = 0.0;
    for part in digits.split(':') {
        if !is_decimal(part) {
            return None;
        }
        sum = sum * 60.0 + part.parse::<f64>().ok()?;
    }
    Some(json_number(if negative { -sum } else { sum }))
}

fn decimal(text: &str) -> Option<Value> {
    if !is_decimal(text) {
        return None;
    }
    text.parse::<f64>().ok().map(json_number)
}

/// `[-+]? (digits (. digits*)? | . digits+) ([eE] [-+]? digits+)?`
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let exponent_ok = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_ok
}

/// A number as JavaScript holds it: everything is a double, whole ones print without a fraction.
fn json_number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^53")]
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::{Schema, plain};
    use serde_json::{Value, json};

    fn core(text: &str) -> Value {
        plain(text, Schema::Core)
    }

    #[test]
    fn core_schema() {
        for word in
            ["yes", "no", "on", "off", "y", "1_000", "12:30:45", "0b101", "2024-01-01", "tRUE", "-", "."]
        {
            assert_eq!(core(word), json!(word), "{word}");
        }
        for (text, want) in [
            ("0755", json!(755)),
            ("0o755", json!(493)),
            ("0x1F", json!(31)),
            ("08", json!(8)),
            ("017", json!(17)),
            ("+5", json!(5)),
            ("-0", json!(0)),
            ("1.", json!(1)),
            (".5", json!(0.5)),
            ("1e3", json!(1000)),
            ("1.5e-3", json!(0.0015)),
            ("", Value::Null),
            ("~", Value::Null),
            (".nan", Value::Null),
            ("-.inf", Value::Null),
            ("True", json!(true)),
            ("9007199254740993", json!(9_007_199_254_740_992_i64)),
        ] {
            assert_eq!(core(text), want, "{text}");
        }
    }

    #[test]
    fn beyond_doubles_is_null_like_infinity_in_json() {
        assert_eq!(core("1e999"), Value::Null);
        assert_eq!(core(&"9".repeat(400)), Value::Null);
    }

    #[test]
    fn yaml_1_1() {
        for (text, want) in [
            ("yes", json!(true)),
            ("Off", json!(false)),
            ("017", json!(15)),
            ("0b101", json!(5)),
            ("1_000", json!(1000)),
            ("190:20:30", json!(685_230)),
            ("-0x1F", json!(-31)),
        ] {
            assert_eq!(plain(text, Schema::Yaml11), want, "{text}");
        }
    }
}

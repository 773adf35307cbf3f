//! The tests after `is`.

use minijinja::Value;

use super::arguments::Arguments;
use super::error::ErrorCode;
use super::fail::{Fail, Outcome};
use super::value::{View, strict_equal, text, to_number, truthy, type_name, view};

/// How many arguments a test takes. None where there is no such test.
pub(crate) fn arity(name: &str) -> Option<usize> {
    match name {
        "divisibleby" | "eq" | "equalto" | "sameas" | "ne" | "ge" | "gt" | "greaterthan" | "le" | "lt"
        | "lessthan" => Some(1),
        "callable" | "defined" | "escaped" | "even" | "falsy" | "iterable" | "lower" | "mapping" | "none"
        | "null" | "number" | "odd" | "string" | "truthy" | "undefined" | "upper" => Some(0),
        _ => None,
    }
}

/// Runs a test.
pub(crate) fn run(name: &str, value: &Value, args: &Arguments<'_>) -> Outcome<bool> {
    let Some(wanted) = arity(name) else {
        return Err(Fail::Error(ErrorCode::UnknownTest, format!("Unknown template test \"{name}\"")));
    };
    if args.values().len() != wanted {
        return Err(Fail::input(format!("Template test {name} requires {wanted} positional arguments")));
    }
    outcome(name, value, &args.get(0)).map_err(|fail| match fail {
        Fail::Error(code, message) => {
            Fail::Error(code, format!("Test \"{name}\" failed for {} input: {message}", type_name(value)))
        }
        other => other,
    })
}

fn outcome(name: &str, value: &Value, other: &Value) -> Outcome<bool> {
    let seen = view(value);
    let numbers = |test: fn(f64, f64) -> bool| Ok(test(to_number(value)?, to_number(other)?));
    Ok(match name {
        "callable" => matches!(seen, View::Function(_) | View::Method(_)),
        "defined" => !matches!(seen, View::Undefined),
        "undefined" => matches!(seen, View::Undefined),
        "escaped" => matches!(seen, View::Safe(_)),
        "even" => to_number(value)? % 2.0 == 0.0,
        "odd" => (to_number(value)? % 2.0).abs() == 1.0,
        "divisibleby" => numbers(|a, b| a % b == 0.0)?,
        "eq" | "equalto" | "sameas" => strict_equal(value, other)?,
        "ne" => !strict_equal(value, other)?,
        "ge" => compared(">=", value, other)?,
        "gt" | "greaterthan" => compared(">", value, other)?,
        "le" => compared("<=", value, other)?,
        "lt" | "lessthan" => compared("<", value, other)?,
        "truthy" => truthy(value)?,
        "falsy" => !truthy(value)?,
        "none" | "null" => matches!(seen, View::Null),
        "number" => matches!(seen, View::Number(_)),
        "string" => seen.as_str().is_some(),
        "mapping" => match seen {
            View::Function(_) | View::Method(_) => {
                return Err(Fail::input("Callable values cannot be coerced"));
            }
            seen => matches!(seen, View::Record(_)),
        },
        "iterable" => match seen {
            View::Undefined | View::Null => return Err(Fail::input("iterable test requires a value")),
            seen => matches!(seen, View::Array(_)) || seen.as_str().is_some(),
        },
        "lower" => string(value)?.to_lowercase() == string(value)?,
        _ => string(value)?.to_uppercase() == string(value)?,
    })
}

fn compared(operator: &str, value: &Value, other: &Value) -> Outcome<bool> {
    super::ops::chain(&[operator], &[value.clone(), other.clone()]).map(|v| v.is_true())
}

fn string(value: &Value) -> Outcome<String> {
    match view(value).as_str() {
        Some(_) => text(value),
        None => Err(Fail::input("Filter input must be a string")),
    }
}

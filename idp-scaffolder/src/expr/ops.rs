//! Operators and members.

use std::cmp::Ordering;
use std::sync::Arc;

use minijinja::Value;

use super::fail::{Fail, Outcome};
use super::limits::STRING_BYTES;
use super::methods;
use super::value::{
    Js, View, array, count, entry, from_units, items, items_of, length, loose_equal, number, strict_equal, text,
    to_number, units, view,
};

/// Operators of one level, from left to right.
pub(crate) fn chain(operators: &[&str], operands: &[Value]) -> Outcome<Value> {
    let mut operands = operands.iter();
    let mut left = operands.next().cloned().unwrap_or(Value::UNDEFINED);
    for (operator, right) in operators.iter().zip(operands) {
        left = binary(operator, &left, right)?;
    }
    Ok(left)
}

fn binary(operator: &str, left: &Value, right: &Value) -> Outcome<Value> {
    let arithmetic = |op: fn(f64, f64) -> f64| Ok(number(op(to_number(left)?, to_number(right)?)));
    match operator {
        "+" => add(left, right),
        "~" => concat(left, right),
        "-" => arithmetic(|a, b| a - b),
        "*" => arithmetic(|a, b| a * b),
        "/" => arithmetic(|a, b| a / b),
        "%" => arithmetic(|a, b| a % b),
        "//" => arithmetic(|a, b| (a / b).floor()),
        "**" => arithmetic(power),
        "==" => Ok(loose_equal(left, right)?.into()),
        "!=" => Ok((!loose_equal(left, right)?).into()),
        "===" => Ok(strict_equal(left, right)?.into()),
        "!==" => Ok((!strict_equal(left, right)?).into()),
        "<" => compare(left, right, |o| o == Ordering::Less),
        "<=" => compare(left, right, |o| o != Ordering::Greater),
        ">" => compare(left, right, |o| o == Ordering::Greater),
        _ => compare(left, right, |o| o != Ordering::Less),
    }
}

/// `Math.pow`, which differs from the IEEE one where the base is 1 and the exponent no number.
fn power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) { f64::NAN } else { base.powf(exponent) }
}

/// Adds numbers; anything that is not a number, boolean or null makes it a concatenation.
fn add(left: &Value, right: &Value) -> Outcome<Value> {
    let numeric = |v: &Value| {
        matches!(view(v), View::Undefined | View::Null | View::Bool(_) | View::Number(_))
    };
    match numeric(left) && numeric(right) {
        true => Ok(number(to_number(left)? + to_number(right)?)),
        false => concat(left, right),
    }
}

fn concat(left: &Value, right: &Value) -> Outcome<Value> {
    let mut joined = text(left)?;
    joined.push_str(&text(right)?);
    if joined.len() > STRING_BYTES {
        return Err(Fail::limit("a text is too long"));
    }
    Ok(Value::from(joined))
}

fn compare(left: &Value, right: &Value, test: fn(Ordering) -> bool) -> Outcome<Value> {
    let primitive = |v: &Value| match view(v) {
        View::Array(_) | View::Record(_) | View::Regex(_) => Ok(Value::from(text(v)?)),
        _ => Ok(v.clone()),
    };
    let (left, right) = (primitive(left)?, primitive(right)?);
    let order = match (view(&left).as_str(), view(&right).as_str()) {
        (Some(a), Some(b)) => Some(compare_text(a, b)),
        _ => to_number(&left)?.partial_cmp(&to_number(&right)?),
    };
    Ok(order.is_some_and(test).into())
}

/// The order of texts by UTF-16 units.
pub(crate) fn compare_text(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// Unary `-` and `+`.
pub(crate) fn sign(operator: &str, operand: &Value) -> Outcome<Value> {
    let value = to_number(operand)?;
    Ok(number(if operator == "-" { -value } else { value }))
}

/// `in`: an item of a list, a part of a text, a key of an object.
pub(crate) fn contains(item: &Value, container: &Value) -> Outcome<bool> {
    match view(container) {
        View::Array(array) => {
            for candidate in items_of(array) {
                if strict_equal(&candidate, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        View::Record(entries) => Ok(entry(entries, &text(item)?).is_some()),
        other => match other.as_str() {
            Some(haystack) => Ok(haystack.contains(&text(item)?)),
            None => Err(Fail::input("Membership requires an array, record, or string")),
        },
    }
}

/// A member; whatever has none answers undefined.
pub(crate) fn member(object: &Value, key: &Value) -> Outcome<Value> {
    if view(object).is_nullish() {
        return Ok(Value::UNDEFINED);
    }
    match view(key) {
        View::Number(index) if index >= 0.0 && index.fract() == 0.0 => indexed(object, index),
        _ => named(object, &text(key)?),
    }
}

fn indexed(object: &Value, index: f64) -> Outcome<Value> {
    let at = index as usize;
    Ok(match view(object) {
        View::Array(array) => items(array).get(at).cloned().unwrap_or(Value::UNDEFINED),
        View::Str(text) => unit(text, at),
        View::Safe(text) => unit(text, at),
        _ => return named(object, &super::value::number_text(index)),
    })
}

fn unit(text: &str, at: usize) -> Value {
    if text.is_ascii() {
        return text.get(at..=at).map_or(Value::UNDEFINED, Value::from);
    }
    let units = units(text);
    units.get(at..=at).map_or(Value::UNDEFINED, |unit| Value::from(from_units(unit)))
}

/// A member by its name.
pub(crate) fn named(object: &Value, key: &str) -> Outcome<Value> {
    let found = match view(object) {
        View::Record(entries) => return Ok(entry(entries, key).cloned().unwrap_or(Value::UNDEFINED)),
        View::Unknown(names) => return Err(Fail::Unknown(names.clone())),
        View::Array(array) if key == "length" => Some(count(items(array).len())),
        View::Array(array) => canonical_index(key).map(|at| {
            items(array).get(at).cloned().unwrap_or(Value::UNDEFINED)
        }),
        View::Function(callable) => callable.member(key),
        other => match other.as_str() {
            Some(text) if key == "length" => Some(count(length(text))),
            Some(text) => canonical_index(key).map(|at| unit(text, at)),
            None => None,
        },
    };
    Ok(found.unwrap_or_else(|| match methods::exists(object, key) {
        true => Value::from_object(Js::Method(methods::Method { receiver: object.clone(), name: Arc::from(key) })),
        false => Value::UNDEFINED,
    }))
}

/// A member by its name; undefined and null have none.
pub(crate) fn named_or_undefined(object: &Value, key: &str) -> Outcome<Value> {
    if view(object).is_nullish() { Ok(Value::UNDEFINED) } else { named(object, key) }
}

fn canonical_index(key: &str) -> Option<usize> {
    let index: usize = key.parse().ok()?;
    (index.to_string() == key).then_some(index)
}

/// `object[start:stop:step]`; a text gives a list of its characters.
pub(crate) fn slice(object: &Value, bounds: [Option<f64>; 3]) -> Outcome<Value> {
    let all = match view(object) {
        View::Array(array) => items_of(array),
        View::Str(text) => methods::characters(text),
        View::Safe(text) => methods::characters(text),
        View::Unknown(names) => return Err(Fail::Unknown(names.clone())),
        _ => return Err(Fail::input("Slices require an array or string")),
    };
    let size = all.len() as f64;
    let step = bounds[2].unwrap_or(1.0).trunc();
    if step == 0.0 || step.is_nan() {
        return Err(Fail::input("Slice step cannot be zero"));
    }
    let backwards = step < 0.0;
    let resolve = |bound: Option<f64>, missing: f64| {
        let value = bound.map_or(missing, f64::trunc);
        let value = if bound.is_some() && value < 0.0 { value + size } else { value };
        if backwards { value.clamp(-1.0, size - 1.0) } else { value.clamp(0.0, size) }
    };
    let mut at = resolve(bounds[0], if backwards { size - 1.0 } else { 0.0 });
    let stop = resolve(bounds[1], if backwards { -1.0 } else { size });
    let mut out = Vec::new();
    while if backwards { at > stop } else { at < stop } {
        out.extend(all.get(at as usize).cloned());
        at += step;
    }
    Ok(array(out))
}

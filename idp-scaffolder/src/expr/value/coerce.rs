//! What JavaScript does when a value is used as text, number, truth or the like.

use minijinja::Value;

use super::number::{number_text, whole_number};
use super::walk::Walk;
use super::{Js, View, items_of, view};
use crate::expr::fail::{Fail, Outcome};
use crate::expr::limits::STRING_BYTES;

/// How lists turn into text.
#[derive(Clone, Copy)]
pub(crate) struct Join<'s> {
    /// Between two items.
    pub(crate) separator: &'s str,
}

/// A value as an output prints it: undefined and null print nothing.
pub(crate) fn print(value: &Value) -> Outcome<String> {
    if view(value).is_nullish() { Ok(String::new()) } else { text(value) }
}

/// `String(value)`.
pub(crate) fn text(value: &Value) -> Outcome<String> {
    let mut out = String::new();
    write_text(value, &mut out, &mut Walk::default())?;
    Ok(out)
}

fn write_text(value: &Value, out: &mut String, walk: &mut Walk) -> Outcome<()> {
    walk.visit()?;
    match view(value) {
        View::Undefined => out.push_str("undefined"),
        View::Null => out.push_str("null"),
        View::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        View::Number(value) => out.push_str(&number_text(value)),
        View::Str(value) => out.push_str(value),
        View::Safe(value) => out.push_str(value),
        View::Array(array) => walk.inside(|walk| Join { separator: "," }.write(&items_of(array), out, walk))?,
        View::Record(_) => out.push_str("[object Object]"),
        View::Regex(pattern) => out.push_str(&pattern.to_string()),
        View::Function(_) | View::Method(_) => {
            return Err(Fail::input("Callable values cannot be coerced"));
        }
        View::Unknown(names) => return Err(Fail::Unknown(names.clone())),
    }
    Ok(())
}

impl Join<'_> {
    /// The items' texts; undefined and null are empty.
    pub(crate) fn join(self, items: &[Value]) -> Outcome<String> {
        let mut out = String::new();
        self.write(items, &mut out, &mut Walk::default())?;
        Ok(out)
    }

    fn write(self, items: &[Value], out: &mut String, walk: &mut Walk) -> Outcome<()> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(self.separator);
            }
            if !view(item).is_nullish() {
                write_text(item, out, walk)?;
            }
            if out.len() > STRING_BYTES {
                return Err(Fail::limit("a text is too long"));
            }
        }
        Ok(())
    }
}

/// JavaScript truth.
pub(crate) fn truthy(value: &Value) -> Outcome<bool> {
    Ok(match view(value) {
        View::Undefined | View::Null => false,
        View::Bool(value) => value,
        View::Number(value) => value != 0.0 && !value.is_nan(),
        View::Str(value) => !value.is_empty(),
        View::Safe(value) => !value.is_empty(),
        View::Unknown(names) => return Err(Fail::Unknown(names.clone())),
        _ => true,
    })
}

/// `Number(value)`.
pub(crate) fn to_number(value: &Value) -> Outcome<f64> {
    Ok(match view(value) {
        View::Undefined => f64::NAN,
        View::Null => 0.0,
        View::Bool(value) => f64::from(u8::from(value)),
        View::Number(value) => value,
        View::Unknown(names) => return Err(Fail::Unknown(names.clone())),
        _ => whole_number(&text(value)?),
    })
}

/// What a value is called in messages.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match view(value) {
        View::Undefined => "undefined",
        View::Null => "null",
        View::Bool(_) => "boolean",
        View::Number(_) => "number",
        View::Str(_) | View::Safe(_) => "string",
        View::Array(_) => "array",
        View::Record(_) => "record",
        View::Regex(_) => "regular expression",
        View::Function(_) | View::Method(_) => "callable",
        View::Unknown(_) => "unknown",
    }
}

/// `===`.
pub(crate) fn strict_equal(left: &Value, right: &Value) -> Outcome<bool> {
    let (a, b) = (view(left), view(right));
    if let View::Unknown(names) = &a {
        return Err(Fail::Unknown((*names).clone()));
    }
    if let View::Unknown(names) = &b {
        return Err(Fail::Unknown((*names).clone()));
    }
    Ok(match (&a, &b) {
        (View::Undefined, View::Undefined) | (View::Null, View::Null) => true,
        (View::Bool(a), View::Bool(b)) => a == b,
        (View::Number(a), View::Number(b)) => a == b,
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => same_object(left, right),
            _ => false,
        },
    })
}

/// Whether two values are one object.
pub(crate) fn same_object(left: &Value, right: &Value) -> bool {
    match (left.downcast_object_ref::<Js>(), right.downcast_object_ref::<Js>()) {
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        _ => false,
    }
}

/// `==`.
pub(crate) fn loose_equal(left: &Value, right: &Value) -> Outcome<bool> {
    let (a, b) = (view(left), view(right));
    let primitive = |v: &View<'_>| matches!(v, View::Bool(_) | View::Number(_)) || v.as_str().is_some();
    if a.is_nullish() && b.is_nullish() {
        return Ok(true);
    }
    match (primitive(&a), primitive(&b)) {
        (true, true) if a.as_str().is_some() == b.as_str().is_some() && same_kind(&a, &b) => {
            strict_equal(left, right)
        }
        (true, true) => Ok(to_number(left)? == to_number(right)?),
        (true, false) if !b.is_nullish() => loose_equal(left, &Value::from(text(right)?)),
        (false, true) if !a.is_nullish() => loose_equal(&Value::from(text(left)?), right),
        _ => strict_equal(left, right),
    }
}

fn same_kind(a: &View<'_>, b: &View<'_>) -> bool {
    let kind = |v: &View<'_>| match v {
        View::Bool(_) => 0,
        View::Number(_) => 1,
        _ => 2,
    };
    kind(a) == kind(b)
}

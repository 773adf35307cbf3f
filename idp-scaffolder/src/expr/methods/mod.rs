//! The methods that templates can call.
//!
//! A closed list: everything else on a value is undefined, so calling it is an error.

mod array;
mod cookiecutter;
mod number;
mod string;

use std::sync::Arc;

use minijinja::Value;

use super::arguments::Arguments;
use super::fail::{Fail, Outcome};
use super::value::{View, view};

pub(crate) use string::characters;

/// A method and the value it was taken from.
#[derive(Debug)]
pub(crate) struct Method {
    /// The value.
    pub(crate) receiver: Value,
    /// The method's name.
    pub(crate) name: Arc<str>,
}

const STRING: [&str; 15] = [
    "charAt",
    "charCodeAt",
    "concat",
    "endsWith",
    "includes",
    "indexOf",
    "lastIndexOf",
    "replace",
    "slice",
    "split",
    "startsWith",
    "substring",
    "toLowerCase",
    "toUpperCase",
    "trim",
];
const STRING_MORE: [&str; 2] = ["trimEnd", "trimStart"];
/// What nunjucks reached on the host's strings.
const STRING_LEGACY: [&str; 9] =
    ["at", "match", "padEnd", "padStart", "repeat", "replaceAll", "search", "substr", "toString"];
const NUMBER: [&str; 4] = ["toExponential", "toFixed", "toPrecision", "toString"];
const ARRAY: [&str; 16] = [
    "at",
    "concat",
    "copyWithin",
    "fill",
    "flat",
    "includes",
    "indexOf",
    "join",
    "lastIndexOf",
    "pop",
    "push",
    "reverse",
    "shift",
    "slice",
    "sort",
    "splice",
];
const ARRAY_MORE: [&str; 1] = ["unshift"];

/// Whether a value has a method of this name in every mode.
pub(crate) fn exists(receiver: &Value, name: &str) -> bool {
    match view(receiver) {
        View::Number(_) => NUMBER.contains(&name),
        View::Array(_) => ARRAY.contains(&name) || ARRAY_MORE.contains(&name),
        View::Regex(_) => name == "test",
        other => other.as_str().is_some() && (STRING.contains(&name) || STRING_MORE.contains(&name)),
    }
}

/// Whether a value has a method of this name that only nunjucks itself had.
pub(crate) fn exists_legacy(receiver: &Value, name: &str) -> bool {
    match view(receiver) {
        View::Array(_) => ["toString", "keys"].contains(&name),
        View::Record(_) => ["toString", "hasOwnProperty"].contains(&name),
        other => other.as_str().is_some() && STRING_LEGACY.contains(&name),
    }
}

/// Calls a method. None where the value has no such method.
pub(crate) fn call(receiver: &Value, name: &str, args: &Arguments<'_>) -> Outcome<Option<Value>> {
    if !exists(receiver, name) {
        return Ok(None);
    }
    match view(receiver) {
        View::Number(value) => number::call(value, name, args),
        View::Array(items) => array::call(receiver, items, name, args),
        View::Regex(pattern) => {
            let subject = args.get(0);
            pattern.test(&super::value::text(&subject)?).map(Value::from)
        }
        other => string::call(other.as_str().unwrap_or_default(), name, args),
    }
    .map(Some)
}

/// Calls a method that only nunjucks itself had. None where there is none.
pub(crate) fn call_legacy(receiver: &Value, name: &str, args: &Arguments<'_>) -> Outcome<Option<Value>> {
    match view(receiver) {
        View::Array(_) if name == "toString" => super::value::text(receiver).map(|text| Some(text.into())),
        View::Array(_) if name == "keys" => Ok(Some(super::value::record([]))),
        View::Record(_) if name == "toString" => super::value::text(receiver).map(|text| Some(text.into())),
        View::Record(entries) if name == "hasOwnProperty" => {
            let key = super::value::text(&args.get(0))?;
            Ok(Some(super::value::entry(entries, &key).is_some().into()))
        }
        other => match other.as_str() {
            Some(text) if STRING_LEGACY.contains(&name) => string::call_legacy(text, name, args).map(Some),
            _ => Ok(None),
        },
    }
}

pub(crate) use cookiecutter::call as call_cookiecutter;

fn unsupported(name: &str) -> Fail {
    Fail::input(format!("Template intrinsic {name} is not supported here"))
}

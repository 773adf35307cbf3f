//! Values as templates see them: JavaScript's, carried by minijinja's [`Value`].
//!
//! minijinja's own undefined, none, booleans, `f64` and strings are used as they are. Everything that JavaScript treats
//! differently is a [`Js`] object inside a [`Value`]; [`view`] is the one place that tells them apart.

mod coerce;
mod convert;
mod drop;
mod number;
mod utf16;
mod walk;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::State;
use minijinja::value::{Enumerator, Object, Value, ValueKind};

pub(crate) use coerce::{
    Join, loose_equal, print, same_object, strict_equal, text, to_number, truthy, type_name,
};
pub(crate) use convert::{contains_unknown, from_json, number_json, to_json, unknown_json, unknown_names};
pub(crate) use number::{number_text, parse_float, parse_int, to_index};
pub(crate) use utf16::{from_units, length, slice_units, units};
pub(crate) use walk::Walk;

use super::methods::Method;
use super::regex::Pattern;
use super::run::Callable;

/// Keys and values in the order they were written.
pub(crate) type Entries = Vec<(Arc<str>, Value)>;

/// What minijinja has no value for.
pub(crate) enum Js {
    /// Not a number. An object, because minijinja takes a NaN for true.
    NaN,
    /// A string that `escape` leaves alone.
    Safe(Arc<str>),
    /// A list, which templates can change in place.
    Array(Mutex<Vec<Value>>),
    /// An object.
    Record(Entries),
    /// A regular expression.
    Regex(Pattern),
    /// Something that can be called.
    Function(Callable),
    /// A method taken off its value without being called.
    Method(Method),
    /// A value known only after apply, or one that depends on such values.
    Unknown(BTreeSet<String>),
}

impl fmt::Debug for Js {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NaN => "NaN",
            Self::Safe(_) => "Safe",
            Self::Array(_) => "Array",
            Self::Record(_) => "Record",
            Self::Regex(_) => "Regex",
            Self::Function(_) | Self::Method(_) => "Function",
            Self::Unknown(_) => "Unknown",
        })
    }
}

impl Object for Js {
    fn is_true(self: &Arc<Self>) -> bool {
        match &**self {
            Self::NaN => false,
            Self::Safe(text) => !text.is_empty(),
            _ => true,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, minijinja::Error> {
        Err(minijinja::ErrorKind::InvalidOperation.into())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &**self {
            Self::Safe(text) => f.write_str(text),
            other => fmt::Debug::fmt(other, f),
        }
    }
}

/// A value, looked at.
#[derive(Debug)]
pub(crate) enum View<'v> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Str(&'v str),
    Safe(&'v Arc<str>),
    Array(&'v Mutex<Vec<Value>>),
    Record(&'v Entries),
    Regex(&'v Pattern),
    Function(&'v Callable),
    Method(&'v Method),
    Unknown(&'v BTreeSet<String>),
}

/// Tells what a value is.
pub(crate) fn view(value: &Value) -> View<'_> {
    match value.kind() {
        ValueKind::Undefined => View::Undefined,
        ValueKind::None => View::Null,
        ValueKind::Bool => View::Bool(value.is_true()),
        ValueKind::Number => View::Number(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
        ValueKind::String => View::Str(value.as_str().unwrap_or_default()),
        _ => match value.downcast_object_ref::<Js>() {
            Some(Js::NaN) => View::Number(f64::NAN),
            Some(Js::Safe(text)) => View::Safe(text),
            Some(Js::Array(items)) => View::Array(items),
            Some(Js::Record(entries)) => View::Record(entries),
            Some(Js::Regex(pattern)) => View::Regex(pattern),
            Some(Js::Function(callable)) => View::Function(callable),
            Some(Js::Method(method)) => View::Method(method),
            Some(Js::Unknown(names)) => View::Unknown(names),
            None => View::Undefined,
        },
    }
}

impl<'v> View<'v> {
    /// The text of a string, safe or not.
    pub(crate) fn as_str(&self) -> Option<&'v str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Safe(text) => Some(text),
            _ => None,
        }
    }

    /// Undefined or null.
    pub(crate) fn is_nullish(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }
}

/// The items of a list; a lock that was poisoned is as good as any, for no template code runs under it.
pub(crate) fn items(array: &Mutex<Vec<Value>>) -> MutexGuard<'_, Vec<Value>> {
    array.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy of the items.
pub(crate) fn items_of(array: &Mutex<Vec<Value>>) -> Vec<Value> {
    items(array).clone()
}

/// The value of a key.
pub(crate) fn entry<'e>(entries: &'e Entries, key: &str) -> Option<&'e Value> {
    entries.iter().find(|(name, _)| &**name == key).map(|(_, value)| value)
}

/// Makes a number.
pub(crate) fn number(value: f64) -> Value {
    if value.is_nan() { Value::from_object(Js::NaN) } else { Value::from(value) }
}

/// Makes a number of a count.
pub(crate) fn count(value: usize) -> Value {
    number(value as f64)
}

/// Makes a list.
pub(crate) fn array(items: Vec<Value>) -> Value {
    Value::from_object(Js::Array(Mutex::new(items)))
}

/// Makes an object; where a key comes twice, the last value stays at the first place.
pub(crate) fn record(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Value {
    let mut index = std::collections::HashMap::new();
    let mut unique = Entries::new();
    for (key, value) in entries {
        match index.get(&key) {
            Some(at) => {
                let slot: &mut (Arc<str>, Value) = &mut unique[*at];
                slot.1 = value;
            }
            None => {
                index.insert(Arc::clone(&key), unique.len());
                unique.push((key, value));
            }
        }
    }
    Value::from_object(Js::Record(unique))
}

/// Makes a string that counts as escaped.
pub(crate) fn safe(text: impl Into<Arc<str>>) -> Value {
    Value::from_object(Js::Safe(text.into()))
}

/// Makes a value known only after apply.
pub(crate) fn unknown(names: BTreeSet<String>) -> Value {
    Value::from_object(Js::Unknown(names))
}

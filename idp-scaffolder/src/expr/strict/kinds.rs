//! minijinja's filters and tests that look at a value without asking it for its kind: here they read what is unknown.

use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, Value, filters, tests};

use super::Probe;

type Test = fn(&Value) -> bool;

const TESTS: [(&str, Test); 8] = [
    ("integer", tests::is_integer),
    ("float", tests::is_float),
    ("boolean", tests::is_boolean),
    ("true", tests::is_true),
    ("false", tests::is_false),
    ("none", tests::is_none),
    ("lower", tests::is_lower),
    ("upper", tests::is_upper),
];

/// Replaces them by the same ones, which note that they have read an unknown value.
pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("abs", |value: Value| filters::abs(read(value)));
    environment.add_filter("round", round);
    environment.add_filter("lines", |value: Value| filters::lines(&read(value)));
    environment.add_filter("split", |value: Value, at: Option<Arc<str>>, most: Option<i64>| {
        filters::split(&read(value), at, most)
    });
    environment.add_test("sameas", |value: Value, other: Value| tests::is_sameas(&read(value), &read(other)));
    for (name, test) in TESTS {
        environment.add_test(name, move |value: Value| test(&read(value)));
    }
}

fn round(value: Value, precision: Option<i32>, method: Option<&str>, kwargs: Kwargs) -> Result<Value, Error> {
    filters::round(read(value), precision, method, kwargs)
}

pub(super) fn read(value: Value) -> Value {
    if let Some(probe) = value.downcast_object_ref::<Probe>() {
        probe.note();
    }
    value
}

//! What a checker asks of the language: a template's tree, and what single operations make of single values.

use serde_json::Value as Json;

use super::arguments::Arguments;
use super::engine::Engine;
use super::error::TemplateError;
use super::template::{TextOptions, read_nodes};
use super::value::{from_json, loose_equal, strict_equal, to_json};
use super::{filters, methods, tests};

pub(crate) use super::syntax::ast::{Arg, Expr, ExprKind, Macro, Node};
pub(crate) use super::value::number_json;

/// The tree of a text; `None` where it has no expression.
///
/// # Errors
/// The text does not follow the grammar, or is too large.
pub(crate) fn parse(
    engine: &Engine,
    source: &str,
    options: TextOptions,
) -> Result<Option<Vec<Node>>, TemplateError> {
    read_nodes(source, engine.settings(), options)
}

/// Whether `==` takes two values for equal.
pub(crate) fn loosely_equal(left: &Json, right: &Json) -> bool {
    loose_equal(&from_json(left), &from_json(right)).unwrap_or(true)
}

/// Whether `===` takes two values for equal.
pub(crate) fn strictly_equal(left: &Json, right: &Json) -> bool {
    strict_equal(&from_json(left), &from_json(right)).unwrap_or(true)
}

/// Whether the engine has a filter of this name, of its own or of its host's.
pub(crate) fn has_filter(engine: &Engine, name: &str) -> bool {
    is_host_filter(engine, name) || filters::find(name, engine.settings()).is_some()
}

/// Whether the host brought a filter, of which nothing else is known.
pub(crate) fn is_host_filter(engine: &Engine, name: &str) -> bool {
    engine.settings().filter(name).is_some()
}

/// The names of the filters.
pub(crate) fn filter_names(engine: &Engine) -> impl Iterator<Item = &str> {
    filters::NAMES.iter().copied().chain(engine.settings().filters.keys().map(String::as_str))
}

/// Whether a filter of the language takes a value (`None` is undefined).
pub(crate) fn filter_takes(engine: &Engine, name: &str, input: Option<&Json>, args: &[Json]) -> bool {
    let Some(filter) = filters::find(name, engine.settings()) else { return true };
    let value = |json: Option<&Json>| json.map_or(minijinja::Value::UNDEFINED, from_json);
    let args: Vec<_> = args.iter().map(|it| value(Some(it))).collect();
    filter(&value(input), &Arguments::new(&args, &[]), engine.settings())
        .is_ok_and(|answer| to_json(&answer).is_ok())
}

/// How many arguments a test takes; `None` where there is no such test.
pub(crate) fn test_arity(name: &str) -> Option<usize> {
    tests::arity(name)
}

/// Whether a value has a method, by the rules of the engine.
pub(crate) fn has_method(engine: &Engine, receiver: &Json, name: &str) -> bool {
    let value = from_json(receiver);
    methods::exists(&value, name) || (engine.settings().legacy && methods::exists_legacy(&value, name))
}

/// Whether a name has a value in every template.
pub(crate) fn has_global(engine: &Engine, name: &str) -> bool {
    !engine.settings().global(name).is_undefined()
}

//! What a checker asks of the language: a template's tree, and what single operations make of single values.

use serde_json::Value as Json;

use super::arguments::Arguments;
use super::engine::Engine;
use super::error::TemplateError;
use super::settings::Mode;
use super::template::{TextOptions, read_nodes};
use super::value::{from_json, loose_equal, strict_equal, to_json};
use super::{filters, methods, strict, tests};

pub(crate) use super::syntax::ast::{Arg, Expr, ExprKind, Macro, Node};
pub(crate) use super::value::number_json;

/// What a text is.
#[derive(Debug)]
pub(crate) enum Reading {
    /// It has no expression.
    Literal,
    /// Its tree.
    Tree(Vec<Node>),
    /// It is in order, but this grammar has no tree for it.
    Foreign,
}

/// Reads a text. A strict one is minijinja's to refuse; its tree is known where both grammars have it.
///
/// # Errors
/// The text does not follow the grammar, or is too large.
pub(crate) fn parse(engine: &Engine, source: &str, options: TextOptions) -> Result<Reading, TemplateError> {
    let settings = engine.settings();
    let nodes = match is_strict(engine) {
        false => read_nodes(source, settings, options)?,
        true => {
            engine.compile_text(source, options)?;
            let Ok(nodes) = read_nodes(source, settings, options) else { return Ok(Reading::Foreign) };
            nodes
        }
    };
    Ok(nodes.map_or(Reading::Literal, Reading::Tree))
}

/// Whether minijinja's own rules apply.
pub(crate) fn is_strict(engine: &Engine) -> bool {
    engine.mode() == Mode::Strict
}

/// Whether `==` takes two values for equal in a strict template.
pub(crate) fn equal_in_minijinja(left: &Json, right: &Json) -> bool {
    strict::inspect::equal(left, right)
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
    let settings = engine.settings();
    match is_strict(engine) {
        true => strict::inspect::has_filter(settings, name),
        false => is_host_filter(engine, name) || filters::find(name, settings).is_some(),
    }
}

/// Whether the host brought a filter, of which nothing else is known.
pub(crate) fn is_host_filter(engine: &Engine, name: &str) -> bool {
    engine.settings().filter(name).is_some()
}

/// The names of the filters; of those that only minijinja has, none.
pub(crate) fn filter_names(engine: &Engine) -> impl Iterator<Item = &str> {
    let own = filters::NAMES.iter().copied().filter(|name| has_filter(engine, name));
    own.chain(engine.settings().filters.keys().map(String::as_str))
}

/// Whether a filter of the language takes a value (`None` is undefined).
pub(crate) fn filter_takes(engine: &Engine, name: &str, input: Option<&Json>, args: &[Json]) -> bool {
    if is_strict(engine) {
        return strict::inspect::filter_takes(engine.settings(), name, input, args);
    }
    let Some(filter) = filters::find(name, engine.settings()) else { return true };
    let value = |json: Option<&Json>| json.map_or(minijinja::Value::UNDEFINED, from_json);
    let args: Vec<_> = args.iter().map(|it| value(Some(it))).collect();
    filter(&value(input), &Arguments::new(&args, &[]), engine.settings())
        .is_ok_and(|answer| to_json(&answer).is_ok())
}

/// Whether an operator of a strict template takes one of some values and one of some others.
pub(crate) fn operator_takes(engine: &Engine, op: &str, left: &[Json], right: &[Json]) -> bool {
    strict::inspect::operator_takes(engine.settings(), op, left, right)
}

/// Whether a strict template has a test.
pub(crate) fn has_strict_test(engine: &Engine, name: &str) -> bool {
    strict::inspect::has_test(engine.settings(), name)
}

/// How many arguments a test takes; `None` where there is no such test.
pub(crate) fn test_arity(name: &str) -> Option<usize> {
    tests::arity(name)
}

/// Whether a value has a method, by the rules of the engine.
pub(crate) fn has_method(engine: &Engine, receiver: &Json, name: &str) -> bool {
    if is_strict(engine) {
        return strict::inspect::has_method(engine.settings(), receiver, name);
    }
    let value = from_json(receiver);
    methods::exists(&value, name) || (engine.settings().legacy && methods::exists_legacy(&value, name))
}

/// Whether a name has a value in every template.
pub(crate) fn has_global(engine: &Engine, name: &str) -> bool {
    match is_strict(engine) {
        true => strict::inspect::has_global(engine.settings(), name),
        false => !engine.settings().global(name).is_undefined(),
    }
}

//! What a checker asks of strict templates: minijinja answers, about one operation at a time.

use std::sync::Arc;

use minijinja::{ErrorKind, Value};
use serde_json::Value as Json;

use super::{environment, plain};
use crate::expr::settings::Settings;
use crate::expr::template::TextOptions;

/// Whether there is a filter.
pub(crate) fn has_filter(settings: &Arc<Settings>, name: &str) -> bool {
    is_name(name) && outcome(settings, &format!("it | {name}"), Vec::new()) != Err(ErrorKind::UnknownFilter)
}

/// Whether there is a test.
pub(crate) fn has_test(settings: &Arc<Settings>, name: &str) -> bool {
    is_name(name) && outcome(settings, &format!("it is {name}"), Vec::new()) != Err(ErrorKind::UnknownTest)
}

/// Whether a value has a method.
pub(crate) fn has_method(settings: &Arc<Settings>, receiver: &Json, name: &str) -> bool {
    let names = vec![("it".to_owned(), plain(receiver))];
    is_name(name) && outcome(settings, &format!("it.{name}()"), names) != Err(ErrorKind::UnknownMethod)
}

/// Whether a name has a value in every template.
pub(crate) fn has_global(settings: &Arc<Settings>, name: &str) -> bool {
    is_name(name) && outcome(settings, name, Vec::new()) == Ok(true)
}

/// Whether a filter takes a value (`None` is undefined).
pub(crate) fn filter_takes(
    settings: &Arc<Settings>,
    name: &str,
    input: Option<&Json>,
    args: &[Json],
) -> bool {
    let args = args.iter().enumerate().map(|(index, arg)| (format!("arg{index}"), plain(arg)));
    let mut names: Vec<_> = args.collect();
    let list = names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    names.extend(input.map(|input| ("it".to_owned(), plain(input))));
    is_name(name) && outcome(settings, &format!("it | {name}({list})"), names).is_ok()
}

/// Whether an operator takes one of some values and one of some others.
pub(crate) fn operator_takes(settings: &Arc<Settings>, op: &str, left: &[Json], right: &[Json]) -> bool {
    let expression = format!("left {op} right");
    let Ok(environment) = environment(settings, TextOptions::default(), &expression) else { return false };
    let Ok(compiled) = environment.compile_expression(&expression) else { return false };
    let takes = |left: &Json, right: &Json| {
        compiled.eval(Value::from_pairs([("left", plain(left)), ("right", plain(right))])).is_ok()
    };
    left.iter().any(|left| right.iter().any(|right| takes(left, right)))
}

/// Whether `==` takes two values for equal.
pub(crate) fn equal(left: &Json, right: &Json) -> bool {
    plain(left) == plain(right)
}

/// Whether an expression has a value with these names, or what goes wrong.
fn outcome(
    settings: &Arc<Settings>,
    expression: &str,
    names: Vec<(String, Value)>,
) -> Result<bool, ErrorKind> {
    let environment =
        environment(settings, TextOptions::default(), expression).map_err(|_| ErrorKind::InvalidOperation)?;
    let compiled = environment.compile_expression(expression);
    let value = compiled.and_then(|compiled| compiled.eval(Value::from_pairs(names)));
    value.map(|value| !value.is_undefined()).map_err(|error| error.kind())
}

/// Whether a text can stand in an expression as a name.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_') && !text.starts_with(|c: char| c.is_numeric())
}

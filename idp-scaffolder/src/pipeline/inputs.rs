//! What a step's action gets.

use idp_core::{ActionInfo, Diagnostic, Error, Result, unknown_origins};
use serde_json::{Map, Value};

use super::variables::Each;
use crate::parameters::violations;
use crate::{Diagnostics, Engine, Scope, TemplateError};

/// Renders every text inside a value, and collects what failed; `None` where the value is dropped.
pub(crate) fn render(
    engine: &Engine,
    value: &Value,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> Option<Value> {
    let rendered = engine.render_tree(value, scope);
    problems.extend(rendered.problems.iter().map(|(pointer, error)| problem(pointer, error)));
    rendered.value
}

/// A text that could not be rendered and stands as it is: Backstage says nothing of it.
pub(super) fn problem(pointer: &str, error: &TemplateError) -> Diagnostic {
    Diagnostic::warning(error.code().as_str(), format!("`{pointer}` is not rendered: {error}"))
}

/// Renders a step's input; a missing one is an empty object.
pub(crate) fn render_input(
    engine: &Engine,
    input: Option<&Map<String, Value>>,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> Value {
    let Some(input) = input else { return Value::Object(Map::new()) };
    let rendered = render(engine, &Value::Object(input.clone()), scope, problems);
    rendered.unwrap_or_else(|| Value::Object(Map::new()))
}

/// The elements that a step repeats for; the inner error names the unknown values that decide them.
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] where `each` is neither a list nor an object.
pub(crate) fn iterations(
    engine: &Engine,
    each: &Value,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> Result<std::result::Result<Vec<Each>, Vec<String>>> {
    let rendered = render(engine, each, scope, problems);
    let needs = rendered.as_ref().map(unknown_origins).unwrap_or_default();
    if !needs.is_empty() {
        return Ok(Err(needs.into_iter().map(str::to_owned).collect()));
    }
    match rendered {
        Some(Value::Array(items)) => Ok(Ok(items
            .into_iter()
            .enumerate()
            .map(|(index, value)| Each { key: index.to_string(), value })
            .collect())),
        Some(Value::Object(map)) => Ok(Ok(map.into_iter().map(|(key, value)| Each { key, value }).collect())),
        None => Err(Error::invalid("`each` cannot be resolved to a value").with("each", each)),
        Some(_) => Err(Error::invalid("`each` must resolve to an array or object").with("each", each)),
    }
}

/// Holds an input against the schema of its action, as a run does before it calls it.
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] with a diagnostic for each violation.
pub fn check_input(action: &ActionInfo, input: &Value) -> Result<()> {
    validate(action, input, None)
}

/// As [`check_input`], in a round of a step that repeats.
pub(crate) fn validate(action: &ActionInfo, input: &Value, each: Option<&Each>) -> Result<()> {
    let mut problems = violations(&action.input, input, "input");
    if problems.is_empty() {
        return Ok(());
    }
    let round = each.map_or_else(String::new, |each| format!("[{}]", each.key));
    for problem in &mut problems {
        problem.message = format!("invalid input passed to action {}{round}: {}", action.id, problem.message);
    }
    Err(Error::diagnosed(problems))
}

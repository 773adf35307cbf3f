//! What a step's action gets.

use idp_core::{ActionInfo, Diagnostic, Error, Result, Severity, unknown_origins};
use serde_json::{Map, Value};

use super::variables::Each;
use crate::parameters::violations;
use crate::{Diagnostics, Engine, Mode, Scope, TemplateError};

/// Renders every text inside a value; `None` where the value is dropped. A text that fails stands as it is in the modes
/// that follow Backstage, and is reported.
///
/// # Errors
/// In strict mode, the texts that fail.
pub(crate) fn render(
    engine: &Engine,
    value: &Value,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> Result<Option<Value>> {
    let rendered = engine.render_tree(value, scope);
    let failed = rendered.problems.iter().map(|(pointer, error)| problem(engine, pointer, error));
    if engine.mode() == Mode::Strict && !rendered.problems.is_empty() {
        return Err(Error::diagnosed(failed.collect()));
    }
    problems.extend(failed);
    Ok(rendered.value)
}

/// A text that could not be rendered: Backstage says nothing of it.
pub(super) fn problem(engine: &Engine, pointer: &str, error: &TemplateError) -> Diagnostic {
    let severity = if engine.mode() == Mode::Strict { Severity::Error } else { Severity::Warning };
    Diagnostic::new(severity, error.code().as_str(), format!("`{pointer}` is not rendered: {error}"))
}

/// Renders a step's input; a missing one is an empty object.
///
/// # Errors
/// As for [`render`].
pub(crate) fn render_input(
    engine: &Engine,
    input: Option<&Map<String, Value>>,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> Result<Value> {
    let Some(input) = input else { return Ok(Value::Object(Map::new())) };
    let rendered = render(engine, &Value::Object(input.clone()), scope, problems)?;
    Ok(rendered.unwrap_or_else(|| Value::Object(Map::new())))
}

/// The elements that a step repeats for; the inner error names the unknown values that decide them.
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] where `each` is neither a list nor an object; as for [`render`].
pub(crate) fn iterations(
    engine: &Engine,
    each: &Value,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> Result<std::result::Result<Vec<Each>, Vec<String>>> {
    let rendered = render(engine, each, scope, problems)?;
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

//! Whether a step runs.

use serde_json::Value;

use crate::{Diagnostics, Engine, Scope};

/// The answer of a step's `if`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It runs.
    Runs,
    /// It does not.
    Skipped,
    /// It depends on these values, known after apply.
    Deferred(Vec<String>),
}

/// Evaluates an `if`. In the modes that follow Backstage a condition that cannot be rendered runs the step, and is
/// reported; in strict mode it is an error.
///
/// # Errors
/// In strict mode, whatever goes wrong with the expression.
pub(crate) fn verdict(
    engine: &Engine,
    condition: Option<&Value>,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> idp_core::Result<Verdict> {
    let Some(condition) = condition else { return Ok(Verdict::Runs) };
    let answer = engine
        .condition(condition, scope)
        .map_err(|error| idp_core::Error::diagnosed(vec![super::inputs::problem(engine, "/if", &error)]))?;
    problems.extend(answer.error.iter().map(|error| super::inputs::problem(engine, "/if", error)));
    Ok(match answer.holds {
        Some(true) => Verdict::Runs,
        Some(false) => Verdict::Skipped,
        None => Verdict::Deferred(answer.unknown.into_iter().collect()),
    })
}

/// Whether a condition asks for the state of the run, by calling `always()` or `failure()`: only such a step runs after
/// another failed.
pub(crate) fn asks_for_status(engine: &Engine, condition: Option<&Value>, scope: &Scope) -> bool {
    let Some(condition @ Value::String(_)) = condition else { return false };
    engine.condition(condition, scope).is_ok_and(|it| it.status_called)
}

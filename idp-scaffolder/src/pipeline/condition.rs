//! Whether a step runs.

use idp_core::unknown_origins;
use serde_json::Value;

use super::inputs::{Rendered, render};
use crate::{Diagnostics, Engine};

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

/// Evaluates an `if`. Only booleans and text are examined, and a condition that cannot be rendered runs the step, both
/// as in Backstage; the second is reported.
pub(crate) fn verdict(
    engine: &Engine,
    condition: Option<&Value>,
    scope: &Value,
    problems: &mut Diagnostics,
) -> Verdict {
    match condition {
        Some(Value::Bool(false)) => Verdict::Skipped,
        Some(text @ Value::String(_)) => {
            let Rendered { value, .. } = render(engine, text, scope, problems);
            let needs = value.as_ref().map(unknown_origins).unwrap_or_default();
            match value {
                _ if !needs.is_empty() => Verdict::Deferred(needs.into_iter().map(str::to_owned).collect()),
                Some(value) if holds(&value) => Verdict::Runs,
                _ => Verdict::Skipped,
            }
        }
        _ => Verdict::Runs,
    }
}

/// JavaScript's truth, but for lists: an empty one is false.
pub(crate) fn holds(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(it) => *it,
        Value::Number(it) => it.as_f64().is_some_and(|it| it != 0.0),
        Value::String(it) => !it.is_empty(),
        Value::Array(it) => !it.is_empty(),
        Value::Object(_) => true,
    }
}

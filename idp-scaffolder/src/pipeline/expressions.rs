//! How steps use the template engine.

use idp_core::{Diagnostic, Severity};
use serde_json::Value;

use crate::expr::{Engine, Mode, Scope, TemplateError};

/// A value of a step, its templates rendered.
pub(crate) struct Out {
    pub(crate) value: Option<Value>,
    pub(crate) problems: Vec<Diagnostic>,
}

/// Renders every template of a value.
pub(crate) fn render(engine: &Engine, value: &Value, scope: &Value) -> Out {
    let tree = engine.render_tree(value, &Scope::from(scope));
    let severity = if engine.mode() == Mode::Strict { Severity::Error } else { Severity::Warning };
    let problem = |(place, error): (String, TemplateError)| {
        Diagnostic::new(severity, error.code().as_str(), format!("{error}, at {place}"))
    };
    Out { value: tree.value, problems: tree.problems.into_iter().map(problem).collect() }
}

/// Whether a condition calls `always()` or `failure()`, so that its step runs after a failure.
pub(crate) fn asks_for_failure(engine: &Engine, condition: Option<&Value>, scope: &Value) -> bool {
    let evaluated = condition.map(|condition| engine.condition(condition, &Scope::from(scope)));
    evaluated.is_some_and(|condition| condition.is_ok_and(|condition| condition.status_called))
}

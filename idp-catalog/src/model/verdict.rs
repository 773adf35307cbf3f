//! A shape's mismatches as diagnostics.

use idp_core::Diagnostic;
use serde_json::Value;

use super::report::{Report, Stage};
use super::shape::{Mismatch, MismatchKind, Shape};
use crate::similar;

/// Reports every departure of `value` from `shape`.
pub(super) fn check(stage: Stage, shape: &Shape, value: &Value, pointer: &str, report: &mut Report<'_>) {
    let mut mismatches = Vec::new();
    shape.check(value, pointer, &mut mismatches);
    for mismatch in mismatches {
        say(stage, value, &mismatch, pointer, report);
    }
}

fn say(stage: Stage, value: &Value, mismatch: &Mismatch, base: &str, report: &mut Report<'_>) {
    let field = dotted(&mismatch.pointer);
    match &mismatch.kind {
        MismatchKind::Missing(name) => {
            let problem = Diagnostic::error("missing-field", format!("`{field}` needs the field `{name}`"));
            let holder = value.pointer(mismatch.pointer.strip_prefix(base).unwrap_or_default());
            let near = holder.and_then(Value::as_object).and_then(|map| similar(name, map.keys()));
            let help = match near {
                Some(near) => format!("is `{near}` meant to be `{name}`?"),
                None => format!("add `{name}:`"),
            };
            report.at_key(stage, &mismatch.pointer, problem.help(help));
        }
        MismatchKind::Type(expected, found) => {
            let message = format!("`{field}` must be {expected}, this is {found}");
            report.at(stage, &mismatch.pointer, Diagnostic::error("wrong-type", message));
        }
    }
}

fn dotted(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.collect::<Vec<_>>().join(".")
}

//! A shape's mismatches as diagnostics.

use idp_core::{Diagnostic, Severity, similar};

use super::pointer::Pointer;
use super::report::{Report, Stage};
use super::shape::{Mismatch, MismatchKind, Shape};
use crate::json::Json;

/// Reports every departure of `value` from `shape`.
pub(super) fn check(stage: Stage, shape: &Shape, value: &Json<'_>, pointer: &str, report: &mut Report<'_>) {
    let mut mismatches = Vec::new();
    shape.check(value, &Pointer::new(pointer), &mut mismatches);
    for mismatch in mismatches {
        say(stage, Severity::Error, &mismatch, report);
    }
}

/// Reports how a value departs from its shape.
pub(super) fn say(stage: Stage, severity: Severity, mismatch: &Mismatch, report: &mut Report<'_>) {
    if report.only_counts(stage, severity) {
        return;
    }
    let field = dotted(&mismatch.pointer);
    match &mismatch.kind {
        MismatchKind::Missing { name, near } => {
            let problem = Diagnostic::new(
                severity,
                "missing-field",
                format!("{} needs the field `{name}`", quoted(&field)),
            );
            let help = match near {
                Some(near) => format!("is `{near}` meant to be `{name}`?"),
                None => format!("add `{name}:`"),
            };
            report.at_key(stage, &mismatch.pointer, problem.help(help));
        }
        MismatchKind::Unknown(known) => {
            let name = field.rsplit('.').next().unwrap_or_default();
            let problem =
                Diagnostic::new(severity, "unknown-field", format!("the field `{field}` is not known"));
            let help = match similar(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are `{}`", known.join("`, `")),
            };
            report.at_key(stage, &mismatch.pointer, problem.help(help));
        }
        MismatchKind::Type(expected, found) => {
            let message = format!("{} must be {expected}, this is {found}", quoted(&field));
            report.at(stage, &mismatch.pointer, Diagnostic::new(severity, "wrong-type", message));
        }
    }
}

fn quoted(field: &str) -> String {
    if field.is_empty() { "the document".to_owned() } else { format!("`{field}`") }
}

fn dotted(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.collect::<Vec<_>>().join(".")
}

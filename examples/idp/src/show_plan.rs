//! A plan for a person.

use idp_core::{Operation, Reversal, unknown_origins};
use idp_scaffolder::{Plan, PlannedEffect, PlannedStatus};

use crate::output::print_line;

/// Prints the effects of a plan, and what to know before approving it.
pub(crate) fn show_plan(plan: &Plan) {
    print_line(&format!("plan {} of {}\n", plan.id.short(), plan.template.entity_ref));
    for step in &plan.steps {
        let note = match &step.status {
            PlannedStatus::Runs => String::new(),
            PlannedStatus::Skipped => "skipped".to_owned(),
            PlannedStatus::Deferred { needs } => format!("deferred, needs {}", needs.join(", ")),
        };
        print_line(format!("  {:<20} {:<24} {note}", step.id, step.action).trim_end());
    }
    print_line("");
    for effect in &plan.effects {
        show_effect(effect);
    }
    for warning in &plan.warnings {
        print_line(&format!("warning[{}]: {}", warning.code, warning.message));
    }
    print_line(&summary(plan));
}

fn show_effect(effect: &PlannedEffect) {
    let change = &effect.change;
    let sign = match change.operation {
        Operation::Create => "+",
        Operation::Update => "~",
        Operation::Replace => "±",
        Operation::Nothing => "=",
    };
    print_line(&format!("{sign} {}  ({})", effect.resource, effect.provider));
    if change.is_nothing() {
        return;
    }
    print_line(&format!("    {}", change.summary));
    for line in &change.details {
        print_line(&format!("    {line}"));
    }
    let unknown = unknown_origins(&change.after);
    if !unknown.is_empty() {
        print_line(&format!("    known after apply: {}", unknown.join(", ")));
    }
    match &change.reversal {
        Reversal::Undo { summary, .. } => print_line(&format!("    undo: {summary}")),
        Reversal::Irreversible(why) => print_line(&format!("    cannot be undone: {why}")),
    }
}

fn summary(plan: &Plan) -> String {
    let deferred = plan.steps.iter().filter(|it| matches!(it.status, PlannedStatus::Deferred { .. })).count();
    match (plan.changes().count(), deferred) {
        (0, 0) => "nothing to do".to_owned(),
        (changes, 0) => format!("{changes} changes"),
        (changes, deferred) => format!("{changes} changes, {deferred} steps decided after apply"),
    }
}

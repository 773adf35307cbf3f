//! The events of a run for a person.

use idp_scaffolder::{RunEvent, RunRecord};

use crate::output::print_line;

/// Prints one event; those that say nothing to a person print nothing.
pub(crate) fn show_record(record: &RunRecord) {
    match &record.event {
        RunEvent::StepStarted { name, .. } => print_line(&format!("• {name}")),
        RunEvent::Line { text, .. } => print_line(&format!("    {text}")),
        RunEvent::Intent { receipt, .. } => {
            print_line(&format!("  → {}: {}", receipt.resource, receipt.change.summary));
        }
        RunEvent::EffectFailed { error, .. } => print_line(&format!("  ✗ {}", error.message)),
        RunEvent::Undone { effect } => print_line(&format!("  ← effect {effect} is undone")),
        RunEvent::NotUndone { effect, error } => {
            print_line(&format!("  ✗ effect {effect} is not undone: {}", error.message));
        }
        _ => {}
    }
}

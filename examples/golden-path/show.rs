//! Plans, runs and entities for a person.

use std::path::Path;
use std::process::Command;

use idp_catalog::Snapshot;
use idp_core::{EntityRef, Operation, Reversal, unknown_origins};
use idp_scaffolder::{Plan, PlannedStatus, RunEvent, RunRecord};

use crate::Result;

pub(crate) fn plan(plan: &Plan) {
    println!("plan {} of {}", plan.id.short(), plan.template.entity_ref);
    for effect in &plan.effects {
        let sign = match effect.change.operation {
            Operation::Create => '+',
            Operation::Update => '~',
            Operation::Replace => '±',
            Operation::Nothing => '=',
        };
        println!("  {sign} {}\n      {}", effect.resource, effect.change.summary);
        if effect.change.is_nothing() {
            continue;
        }
        effect.change.details.iter().for_each(|it| println!("      {it}"));
        match unknown_origins(&effect.change.after).as_slice() {
            [] => {}
            unknown => println!("      known after apply: {}", unknown.join(", ")),
        }
        if let Reversal::Undo { summary, .. } = &effect.change.reversal {
            println!("      undo: {summary}");
        }
    }
    for step in &plan.steps {
        if let PlannedStatus::Deferred { needs } = &step.status {
            println!("  ? step {} is decided after apply: it needs {}", step.id, needs.join(", "));
        }
    }
    println!(
        "{}",
        if plan.is_empty() {
            "nothing to do".to_owned()
        } else {
            format!("{} changes", plan.changes().count())
        }
    );
}

pub(crate) fn run(records: &[RunRecord]) {
    for record in records {
        match &record.event {
            RunEvent::StepStarted { name, .. } => println!("• {name}"),
            RunEvent::Line { text, .. } => println!("    {text}"),
            RunEvent::Intent { receipt, .. } => {
                println!("  → {}: {}", receipt.resource, receipt.change.summary)
            }
            RunEvent::EffectFailed { error, .. } => println!("  ✗ {}", error.message),
            RunEvent::Undone { effect } => println!("  ← effect {effect} is undone"),
            RunEvent::NotUndone { effect, error } => println!("  ✗ effect {effect}: {}", error.message),
            _ => {}
        }
    }
}

/// What Git says of the repository: nothing of the engine is asked.
pub(crate) fn git_log(url: &str) -> Result {
    let folder = Path::new(url.strip_prefix("file://").unwrap_or(url));
    print!("{}", git(folder, &["log", "--format=%h %an: %s"])?);
    git(folder, &["ls-tree", "-r", "--name-only", "main"])?.lines().for_each(|file| println!("  {file}"));
    Ok(())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

pub(crate) fn entity(snapshot: &Snapshot, entity: &EntityRef) {
    let Some(record) = snapshot.get(entity) else { return println!("{entity} is not in the catalog") };
    println!("{entity}: {}", record.entity().description().unwrap_or_default());
    for relation in snapshot.relations(entity) {
        println!("  {} {}", relation.r#type, relation.target_ref);
    }
}

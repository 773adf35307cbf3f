//! What an ingestion did, for people and for programs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_catalog::{Conflict, Difference, Finding, IngestReport, Snapshot, StoredDiagnostic};
use idp_core::{Completeness, EntityRef, Severity};
use serde_json::{Value, json};

use crate::output::{Format, print_json, print_line};

/// One source, ingested.
#[derive(Debug)]
pub(crate) struct Ingested {
    name: Arc<str>,
    path: PathBuf,
    pub(crate) report: IngestReport,
    /// What would change, where that was asked.
    difference: Option<Difference>,
    findings: Vec<Finding>,
    conflicts: Vec<(EntityRef, Conflict)>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) state: &'a Path,
    pub(crate) dry_run: bool,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) ingested: Vec<Ingested>,
}

impl Ingested {
    pub(crate) fn new(
        name: Arc<str>,
        path: PathBuf,
        report: IngestReport,
        difference: Option<Difference>,
    ) -> Self {
        Self { name, path, report, difference, findings: Vec::new(), conflicts: Vec::new() }
    }

    /// Takes from the catalog what there is to say about this source.
    pub(crate) fn look_at(&mut self, snapshot: &Snapshot) {
        let findings = snapshot.findings().filter(|it| it.claimant.source == self.name);
        self.findings = findings.cloned().collect();
        let ours = |it: &Conflict| {
            it.winner.source == self.name || it.losers.iter().any(|loser| loser.source == self.name)
        };
        let conflicts = snapshot.conflicts().filter(|(_, conflict)| ours(conflict));
        self.conflicts = conflicts.map(|(it, conflict)| (it.clone(), conflict.clone())).collect();
    }

    /// Whether there is something that a person has to see to.
    pub(crate) fn has_findings(&self) -> bool {
        let broken = self.findings.iter().flat_map(|it| &it.diagnostics);
        !self.report.problems.is_empty()
            || !self.conflicts.is_empty()
            || broken.into_iter().any(|it| it.severity == Severity::Error)
    }

    fn json(&self) -> Value {
        let conflicts = self.conflicts.iter().map(|(it, conflict)| json!({"ref": it, "conflict": conflict}));
        json!({
            "source": self.name,
            "path": self.path,
            "complete": self.report.completeness == Completeness::Complete,
            "counts": self.report.counts,
            "difference": self.difference,
            "held": self.report.held,
            "problems": self.report.problems,
            "findings": self.findings,
            "conflicts": conflicts.collect::<Vec<_>>(),
            "failure": self.report.failure.as_ref().map(|it| it.chain().to_string()),
        })
    }

    fn print(&self) {
        let counts = self.report.counts;
        print_line(&format!(
            "{}: {} added, {} updated, {} removed, {} unchanged",
            self.name, counts.added, counts.updated, counts.removed, counts.unchanged
        ));
        if let Some(difference) = &self.difference {
            print_difference(difference);
        }
        for problem in &self.report.problems {
            print_line(&format!("  {problem}"));
            print_help(problem.help.as_deref());
        }
        // What a Location leads to is told now, and kept.
        let told: HashSet<StoredDiagnostic> = self.report.problems.iter().map(Into::into).collect();
        for finding in &self.findings {
            for diagnostic in finding.diagnostics.iter().filter(|it| !told.contains(it)) {
                print_line(&format!("  {}", self.located(finding, diagnostic)));
                print_help(diagnostic.help.as_deref());
            }
        }
        for (entity_ref, conflict) in &self.conflicts {
            let rivals: Vec<String> =
                conflict.losers.iter().map(|it| format!("{} of {}", it.location, it.source)).collect();
            let (winner, waiting) = (&conflict.winner, rivals.join(", "));
            print_line(&format!(
                "  conflict: {entity_ref} is described by {} of {}, which counts, and by {waiting}",
                winner.location, winner.source
            ));
        }
        if let Some(failure) = &self.report.failure {
            print_line(&format!("  failed, nothing was removed: {}", failure.chain()));
        }
    }

    fn located(&self, finding: &Finding, diagnostic: &StoredDiagnostic) -> String {
        let location = &*finding.claimant.location;
        let file = if location.contains("://") { PathBuf::from(location) } else { self.path.join(location) };
        let mut place = file.display().to_string();
        for number in [diagnostic.line, diagnostic.column].into_iter().flatten() {
            place = format!("{place}:{number}");
        }
        format!("{place}: {}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message)
    }
}

impl Summary<'_> {
    pub(crate) fn print(&self, format: Format) {
        let (revision, entities) = (self.snapshot.revision(), self.snapshot.len());
        match format {
            Format::Json => print_json(&json!({
                "dryRun": self.dry_run,
                "revision": revision,
                "entities": entities,
                "sources": self.ingested.iter().map(Ingested::json).collect::<Vec<_>>(),
            })),
            Format::Text => {
                self.ingested.iter().for_each(Ingested::print);
                let state = self.state.display();
                let verb = if self.dry_run { "would have" } else { "has" };
                print_line(&format!("{state} {verb} {entities} entities at revision {revision}"));
            }
        }
    }
}

pub(crate) fn print_difference(difference: &Difference) {
    for entity_ref in &difference.added {
        print_line(&format!("  + {entity_ref}"));
    }
    for change in &difference.changed {
        print_line(&format!("  ~ {}", change.entity_ref));
        for field in &change.fields {
            print_line(&format!("      {}: {} → {}", field.path, field.before, field.after));
        }
    }
    for entity_ref in &difference.removed {
        print_line(&format!("  - {entity_ref}"));
    }
}

fn print_help(help: Option<&str>) {
    if let Some(help) = help {
        print_line(&format!("    help: {help}"));
    }
}

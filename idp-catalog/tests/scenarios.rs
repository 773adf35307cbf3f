//! What becomes of a catalog, step by step: every file below `tests/data/ingest` is a test. Add one, run with
//! `UPDATE_EXPECTED=1`, and read what it wrote. A file that begins with a number is that case of the conformance list.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use common::script::Script;
use idp_catalog::{Catalog, CatalogOptions, OrphanPolicy, Snapshot, Standing};
use idp_core::{Completeness, Document, EntityRef, Log, MemoryLog, Page};
use serde::Deserialize;

/// What one source says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    source: String,
    files: BTreeMap<String, String>,
    #[serde(default)]
    orphans: OrphanPolicy,
    #[serde(default)]
    partial: bool,
}

impl Step {
    async fn run(&self, log: Arc<dyn Log>) -> Arc<Snapshot> {
        let mut options = CatalogOptions::default();
        options.orphans = self.orphans;
        let catalog = Catalog::open_with(log, options).await.unwrap();
        let documents = self.files.iter().map(|(location, text)| Document::text(location, text));
        let mut page = Page::complete(documents.collect());
        page.completeness = if self.partial { Completeness::Partial } else { Completeness::Complete };
        let source = Script::new(self.source.clone().leak(), [Ok(page)]);
        assert!(catalog.ingest(&source).await.unwrap().failure.is_none());
        catalog.snapshot()
    }
}

fn write_state(out: &mut String, snapshot: &Snapshot, entity_ref: &EntityRef) {
    let explanation = snapshot.explain(entity_ref);
    writeln!(out, "  {entity_ref} is {}: {}", explanation.state, explanation.reason).unwrap();
    if let Some(record) = snapshot.get(entity_ref) {
        let entity = record.entity();
        let orphan = entity.annotation("backstage.io/orphan").map_or("", |_| ", annotated as an orphan");
        let kind = entity.at("spec.type").unwrap();
        writeln!(out, "    called {}, of type {kind}, from {}{orphan}", entity.name(), record.location())
            .unwrap();
    }
    for claim in &explanation.claims {
        let standing = match claim.standing {
            Standing::Counts => "counts",
            Standing::Waits => "waits",
            _ => "is quarantined",
        };
        let claimant = &claim.claimant;
        writeln!(out, "    {} of {} {standing}", claimant.location, claimant.source).unwrap();
        for diagnostic in &claim.diagnostics {
            writeln!(out, "      {}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message)
                .unwrap();
        }
    }
}

#[tokio::test]
async fn ingest() {
    let mut failures = Vec::new();
    for path in common::files("ingest", "steps") {
        let (mut out, log) = (String::new(), Arc::new(MemoryLog::new()));
        let text = fs::read_to_string(&path).unwrap();
        for document in serde_yaml::Deserializer::from_str(&text) {
            let step = Step::deserialize(document).unwrap();
            let snapshot = step.run(log.clone()).await;
            let (files, revision) = (step.files.keys().collect::<Vec<_>>(), snapshot.revision());
            writeln!(out, "{} says {files:?}: revision {revision}", step.source).unwrap();
            for (entity_ref, _) in snapshot.states() {
                write_state(&mut out, &snapshot, entity_ref);
            }
        }
        failures.extend(common::expect(&path, &out).err());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

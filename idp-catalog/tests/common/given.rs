//! Snapshots of entities that a test makes up.

use std::sync::Arc;

use idp_catalog::{Catalog, IngestOptions, Record, Snapshot};
use idp_core::{Document, MemoryLog, Page};
use serde_json::{Value, json};

use super::script::Script;

/// A snapshot of these entities.
pub(crate) fn snapshot(entities: Vec<Value>) -> Arc<Snapshot> {
    history(&[entities]).pop().unwrap()
}

/// The snapshots that a catalog goes through while its one source says these things one after the other.
pub(crate) fn history(answers: &[Vec<Value>]) -> Vec<Arc<Snapshot>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
        let options = IngestOptions::default().confirm_removals(true);
        let mut snapshots = Vec::new();
        for entities in answers {
            let named = entities.iter().map(|it| (it["metadata"].to_string(), it.clone()));
            let documents = named.map(|(name, it)| Document::entity(name, it)).collect();
            let source = Script::new("given", [Ok(Page::complete(documents))]);
            let report = catalog.ingest_with(&source, &options).await.unwrap();
            assert!(report.failure.is_none() && report.problems.is_empty(), "{report:?}");
            snapshots.push(catalog.snapshot());
        }
        snapshots
    })
}

/// An entity of a kind whose `spec` may hold anything.
pub(crate) fn location(name: &str, extra: Value) -> Value {
    let mut spec = json!({"type": "url"});
    spec.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": name}, "spec": spec})
}

pub(crate) fn names(items: &[Record]) -> Vec<&str> {
    items.iter().map(|record| record.entity_ref().name()).collect()
}

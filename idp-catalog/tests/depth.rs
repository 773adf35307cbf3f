//! Entities that are nested deeper than a log can be read back, whichever way they come.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use common::script::{Script, file, resource};
use idp_catalog::{Catalog, Delta, DirectorySource, Following, IngestOptions, LinesSource, Retention};
use idp_core::{Document, Entity, MemoryLog, Source};
use serde_json::{Value, json};

/// Levels around what [`deep`] puts into `spec`.
const AROUND: usize = 2;

fn nested(levels: usize) -> Value {
    (0..levels)
        .fold(json!("x"), |value, level| if level % 2 == 0 { json!([value]) } else { json!({"k": value}) })
}

fn deep(levels: usize) -> Value {
    json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": {"name": "deep"},
        "spec": {"type": "x", "owner": "team", "deep": nested(levels - AROUND)},
    })
}

/// Opens the log again, from its events and from its checkpoint, and says what is wrong with what is in it.
async fn reopened(catalog: &Catalog) -> Vec<String> {
    let snapshot = catalog.snapshot();
    assert_eq!(*Catalog::open(catalog.log().clone()).await.unwrap().snapshot(), *snapshot);
    catalog.compact(&Retention::nothing()).await.unwrap();
    assert_eq!(*Catalog::open(catalog.log().clone()).await.unwrap().snapshot(), *snapshot);
    snapshot.findings().flat_map(|it| &it.diagnostics).map(|it| it.code.clone()).collect()
}

async fn ingested(source: impl Source, options: &IngestOptions) -> Vec<String> {
    let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
    let report = catalog.ingest_with(&source, options).await.unwrap();
    assert!(report.failure.is_none(), "{report:?}");
    reopened(&catalog).await
}

#[tokio::test]
async fn an_entity_too_deep_for_the_log_made_the_catalog_impossible_to_reopen() {
    let options = IngestOptions::default();
    for (levels, codes) in [(100, &[][..]), (101, &["nested-too-deep"]), (126, &["nested-too-deep"])] {
        let lines =
            LinesSource::from_reader("s", "in.ndjson", std::io::Cursor::new(deep(levels).to_string()));
        assert_eq!(ingested(lines, &options).await, codes, "a line of {levels} levels");
        let value = Script::says("s", vec![Document::entity("f", deep(levels))]);
        assert_eq!(ingested(value, &options).await, codes, "a value of {levels} levels");

        let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
        let entity = Entity::from_value(deep(levels)).unwrap();
        let _ = catalog.apply(&Delta::of("s").upsert(entity)).await.unwrap();
        assert_eq!(reopened(&catalog).await, codes, "a delta of {levels} levels");
    }
}

#[tokio::test]
async fn a_substituted_file_was_as_deep_as_it_liked_below_where_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let descriptor = resource("deep", "x").replace("owner: team", "owner: team, deep: {$json: ./deep.json}");
    fs::write(folder.path().join("catalog-info.yaml"), descriptor).unwrap();
    let options = IngestOptions::default().following(Arc::new(Following::new([])));
    for (levels, codes) in [(100 - AROUND, &[][..]), (126, &["nested-too-deep"])] {
        fs::write(folder.path().join("deep.json"), nested(levels).to_string()).unwrap();
        let source = DirectorySource::new("s", folder.path()).unwrap();
        assert_eq!(ingested(source, &options).await, codes, "{levels} levels");
    }
}

/// Each anchor holds the one before it, fifty levels further down.
#[tokio::test]
async fn aliases_went_deeper_than_the_text_that_names_them() {
    let mut text = resource("deep", "x").replace("owner: team", "owner: team, a0: &a0 []");
    for anchor in 1..5 {
        let (open, close) = ("[".repeat(50), "]".repeat(50));
        let alias = format!(", a{anchor}: &a{anchor} {open}*a{}{close}}}", anchor - 1);
        text.truncate(text.trim_end().len() - 1);
        writeln!(text, "{alias}").unwrap();
    }
    let source = Script::says("s", vec![file("f", &[text])]);
    assert_eq!(ingested(source, &IngestOptions::default()).await, ["nested-too-deep"]);
}

#[tokio::test]
async fn an_entity_that_grows_too_deep_keeps_its_last_good_body() {
    let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
    for levels in [20, 110] {
        let source = Script::says("s", vec![Document::entity("f", deep(levels))]);
        assert!(catalog.ingest(&source).await.unwrap().failure.is_none());
    }
    let record = catalog.snapshot().get(&"resource:deep".parse().unwrap()).unwrap().clone();
    assert!(record.is_quarantined());
    assert_eq!(*record.entity().as_value(), deep(20));
}

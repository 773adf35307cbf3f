//! What a catalog does with what sources say.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;

use common::script::{Script, empty, feed, file, resource};
use common::story::{script, steps};
use idp_catalog::{Catalog, CatalogOptions, IngestReport, Retention, Snapshot};
use idp_core::{
    Completeness, Cursor, Document, EntityRef, Error, ErrorKind, MemoryLog, Page, Predicate, Revision,
};
use proptest::prelude::*;
use serde_json::{Value, json};

async fn ingest(catalog: &Catalog, source: Script) -> IngestReport {
    catalog.ingest(&source).await.unwrap()
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    snapshot.iter().map(|record| record.entity_ref().name().to_owned()).collect()
}

fn spec_type(snapshot: &Snapshot, name: &str) -> Option<Value> {
    let entity_ref: EntityRef = format!("resource:{name}").parse().unwrap();
    snapshot.get(&entity_ref)?.entity().at("spec.type").cloned()
}

#[tokio::test]
async fn only_a_complete_answer_removes() {
    let catalog = empty().await;
    let both = vec![file("a", &[resource("a", "x")]), file("b", &[resource("b", "x")])];
    let report = ingest(&catalog, Script::says("s", both.clone())).await;
    assert_eq!((report.counts.added, report.revision), (2, Revision(2)));

    let mut partial = Page::complete(vec![file("a", &[resource("a", "y")])]);
    partial.completeness = Completeness::Partial;
    let report = ingest(&catalog, Script::new("s", [Ok(partial)])).await;
    assert_eq!((report.counts.updated, report.counts.removed), (1, 0));
    assert_eq!(names(&catalog.snapshot()), ["a", "b"]);
    assert_eq!(spec_type(&catalog.snapshot(), "a"), Some(json!("y")));

    let down = Error::new(ErrorKind::Unavailable, "down");
    let report = ingest(&catalog, Script::new("s", [Err(down)])).await;
    assert_eq!(report.failure.unwrap().kind(), ErrorKind::Unavailable);
    assert_eq!(names(&catalog.snapshot()), ["a", "b"]);

    let report = ingest(&catalog, Script::says("s", vec![file("b", &[resource("b", "x")])])).await;
    assert_eq!((report.counts.removed, report.counts.unchanged), (1, 1));
    assert_eq!(names(&catalog.snapshot()), ["b"]);
}

#[tokio::test]
async fn a_failure_after_the_first_page_keeps_what_was_read() {
    let catalog = empty().await;
    let mut first = Page::complete(vec![file("a", &[resource("a", "x")])]);
    first.next = Some(Cursor("2".into()));
    let broken = Error::new(ErrorKind::Timeout, "slow");
    let report = ingest(&catalog, Script::new("s", [Ok(first), Err(broken)])).await;
    assert_eq!((report.counts.added, report.completeness), (1, Completeness::Partial));
}

#[tokio::test]
async fn pages_that_repeat_end() {
    let catalog = empty().await;
    let page = || {
        let mut page = Page::complete(vec![]);
        page.next = Some(Cursor("again".into()));
        Ok(page)
    };
    let report = ingest(&catalog, Script::new("s", [page(), page(), page()])).await;
    assert_eq!(report.failure.unwrap().kind(), ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn nothing_new_appends_nothing() {
    let catalog = empty().await;
    let documents = vec![file("a", &[resource("a", "x"), "kind: [\n".to_owned()])];
    let first = ingest(&catalog, Script::says("s", documents.clone())).await;
    let second = ingest(&catalog, Script::says("s", documents)).await;
    assert_eq!(first.revision, second.revision);
}

#[tokio::test]
async fn a_broken_document_keeps_its_last_good_revision() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x"), resource("b", "x")])])).await;

    // Not valid, and it says who it is.
    let invalid = resource("a", "[1]");
    feed(&catalog, Script::says("s", vec![file("f", &[invalid, resource("b", "y")])])).await;
    let snapshot = catalog.snapshot();
    assert_eq!(spec_type(&snapshot, "a"), Some(json!("x")));
    assert_eq!(spec_type(&snapshot, "b"), Some(json!("y")));
    let record = snapshot.get(&"resource:a".parse().unwrap()).unwrap();
    assert!(record.is_quarantined());
    assert_eq!(record.diagnostics()[0].line, Some(4));

    // Not even readable: it may be any of the file's entities, so none of them goes.
    feed(&catalog, Script::says("s", vec![file("f", &["kind: [\n".to_owned(), resource("b", "z")])])).await;
    let snapshot = catalog.snapshot();
    assert_eq!(names(&snapshot), ["a", "b"]);
    assert_eq!(spec_type(&snapshot, "b"), Some(json!("z")));
    assert_eq!(snapshot.findings().count(), 2);

    feed(&catalog, Script::says("s", vec![file("f", &[resource("b", "z")])])).await;
    let snapshot = catalog.snapshot();
    assert_eq!(names(&snapshot), ["b"]);
    assert_eq!(snapshot.findings().count(), 0);
}

#[tokio::test]
async fn first_come_wins_and_the_next_one_is_promoted() {
    let catalog = empty().await;
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "one")])])).await;
    let report = ingest(&catalog, Script::says("two", vec![file("g", &[resource("A", "two")])])).await;
    assert_eq!((report.counts.added, report.counts.conflicting), (1, 1));
    let snapshot = catalog.snapshot();
    assert_eq!(spec_type(&snapshot, "a"), Some(json!("one")));
    let (entity_ref, conflict) = snapshot.conflicts().next().unwrap();
    assert_eq!(entity_ref.as_str(), "resource:default/a");
    assert_eq!((&*conflict.winner.source, &*conflict.losers[0].source), ("one", "two"));

    feed(&catalog, Script::says("one", vec![])).await;
    let snapshot = catalog.snapshot();
    assert_eq!(spec_type(&snapshot, "a"), Some(json!("two")));
    assert_eq!(snapshot.conflicts().count(), 0);

    let report = catalog.forget("two").await.unwrap();
    assert_eq!(report.counts.removed, 1);
    assert!(catalog.snapshot().is_empty());
}

#[tokio::test]
async fn a_claim_that_was_never_valid_does_not_block_others() {
    let catalog = empty().await;
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "[1]")])])).await;
    assert!(catalog.snapshot().is_empty());
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "two")])])).await;
    assert_eq!(spec_type(&catalog.snapshot(), "a"), Some(json!("two")));
    // Being repaired later does not make it the first.
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "one")])])).await;
    assert_eq!(spec_type(&catalog.snapshot(), "a"), Some(json!("two")));
}

#[tokio::test]
async fn an_entity_that_moves_between_files_is_never_gone() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("old", &[resource("a", "x")])])).await;
    let report = ingest(&catalog, Script::says("s", vec![file("new", &[resource("a", "x")])])).await;
    for revision in 1..=report.revision.0 {
        assert_eq!(catalog.as_of(Revision(revision)).await.unwrap().len(), 1);
    }
    let snapshot = catalog.snapshot();
    let record = snapshot.get(&"resource:a".parse().unwrap()).unwrap();
    assert_eq!((record.location(), record.changed()), ("new", Revision(1)));
}

#[tokio::test]
async fn relations_appear_on_both_ends() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x")])])).await;
    let team: EntityRef = "group:team".parse().unwrap();
    assert_eq!(catalog.snapshot().relations(&team).len(), 1, "also of one that is not there");
    assert_eq!(catalog.snapshot().dangling().count(), 1);

    let group = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "team"},
        "spec": {"type": "team", "children": []},
    });
    feed(&catalog, Script::says("org", vec![Document::entity("group", group)])).await;
    let snapshot = catalog.snapshot();
    let relation = &snapshot.get(&team).unwrap().relations()[0];
    assert_eq!((&*relation.r#type, relation.target_ref.as_str()), ("ownerOf", "resource:default/a"));
    assert!(snapshot.matches(&Predicate::equals("relations.ownerOf", "resource:default/a"), &team).unwrap());

    feed(&catalog, Script::says("s", vec![])).await;
    let snapshot = catalog.snapshot();
    assert!(snapshot.get(&team).unwrap().relations().is_empty());
    assert_eq!(snapshot.count(&Predicate::exists("relations.ownerOf")).unwrap(), 0);
}

#[tokio::test]
async fn reopening_gives_an_equal_snapshot() {
    let log = Arc::new(MemoryLog::new());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    let broken = "kind: [\n".to_owned();
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "x"), resource("b", "x"), broken])]))
        .await;
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "y"), resource("c", "[2]")])])).await;
    feed(&catalog, Script::says("one", vec![file("h", &[resource("b", "[1]"), resource("d", "x")])])).await;
    let before = catalog.snapshot();
    assert_eq!(*Catalog::open(log.clone()).await.unwrap().snapshot(), *before);

    catalog.compact(&Retention::nothing()).await.unwrap();
    let reopened = Catalog::open(log.clone()).await.unwrap();
    assert_eq!(*reopened.snapshot(), *before);
    feed(&catalog, Script::says("two", vec![])).await;
    assert_eq!(*reopened.refresh().await.unwrap(), *catalog.snapshot());
    assert_eq!(*Catalog::open(log).await.unwrap().snapshot(), *catalog.snapshot());
}

#[tokio::test]
async fn two_writers_on_one_log_agree() {
    let log = Arc::new(MemoryLog::new());
    let left = Catalog::open(log.clone()).await.unwrap();
    let right = Catalog::open(log).await.unwrap();
    feed(&left, Script::says("one", vec![file("f", &[resource("a", "one")])])).await;
    // The right one does not know yet: its append is refused, and it plans anew.
    let report = ingest(&right, Script::says("two", vec![file("g", &[resource("a", "two")])])).await;
    let seen = left.wait_for(report.revision).await.unwrap();
    assert_eq!(*seen, *right.snapshot());
    assert_eq!(spec_type(&seen, "a"), Some(json!("one")));
}

#[tokio::test]
async fn a_snapshot_stays_what_it_is() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x")])])).await;
    let before = catalog.snapshot();
    feed(&catalog, Script::says("s", vec![file("f", &[resource("b", "x")])])).await;
    assert_eq!(names(&before), ["a"]);
    assert_eq!(before.count(&Predicate::equals("metadata.name", "a")).unwrap(), 1);
    assert_eq!(names(&catalog.snapshot()), ["b"]);
    assert_eq!(names(&catalog.as_of(before.revision()).await.unwrap()), ["a"]);
}

#[tokio::test]
async fn of_two_descriptions_in_one_file_the_last_one_counts() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x"), resource("a", "y")])])).await;
    let snapshot = catalog.snapshot();
    assert_eq!(spec_type(&snapshot, "a"), Some(json!("y")));
    assert_eq!(snapshot.findings().next().unwrap().diagnostics[0].code, "described-twice");
}

#[tokio::test]
async fn the_log_remembers_what_became_of_an_entity() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x"), resource("b", "x")])])).await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "y"), resource("b", "x")])])).await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("b", "x")])])).await;
    let versions = catalog.history(&"resource:a".parse().unwrap()).await.unwrap();
    let types: Vec<_> =
        versions.iter().map(|it| it.entity.as_ref().and_then(|it| it.at("spec.type").cloned())).collect();
    assert_eq!(types, [Some(json!("x")), Some(json!("y")), None]);
    assert_eq!(versions.iter().map(|it| it.revision.0).collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!(catalog.history(&"resource:b".parse().unwrap()).await.unwrap().len(), 1);
    assert!(catalog.as_of(Revision(9)).await.is_err());
}

#[test]
fn whatever_happens_the_log_tells_the_same() {
    // One model for all of the catalogs: reading it costs more than a small catalog does.
    let options = CatalogOptions::default();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let log = Arc::new(MemoryLog::new());
            let catalog = Catalog::open_with(log.clone(), options.clone()).await.unwrap();
            for step in &steps {
                let before = catalog.snapshot();
                feed(&catalog, script(step)).await;
                let snapshot = catalog.snapshot();
                prop_assert!(step.1 || before.iter().all(|it| snapshot.get(it.entity_ref()).is_some()));
                let reopened = Catalog::open_with(log.clone(), options.clone()).await.unwrap().snapshot();
                prop_assert_eq!(&*reopened, &*snapshot);
                for field in ["spec.type", "relations.dependsOn", "relations.dependencyOf", "metadata.name"] {
                    let exists = Predicate::exists(field);
                    let accepted = snapshot.iter().filter(|it| snapshot.matches(&exists, it.entity_ref()).unwrap());
                    prop_assert_eq!(snapshot.count(&exists).unwrap(), accepted.count());
                }
            }
            catalog.compact(&Retention::nothing()).await.unwrap();
            let reopened = Catalog::open_with(log, options.clone()).await.unwrap().snapshot();
            prop_assert_eq!(&*reopened, &*catalog.snapshot());
            Ok(())
        })?;
    });
}

//! What an ingestion would do, and removals that wait for a confirmation.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;

use common::script::{Script, empty, feed, file, resource};
use idp_catalog::{Catalog, CatalogOptions, IngestOptions, IngestReport, Preview, RemovalGuard};
use idp_core::{Completeness, Document, EntityRef, Error, ErrorKind, MemoryLog, Page};
use serde_json::json;

fn resources(names: std::ops::Range<usize>) -> Vec<Document> {
    names.map(|it| file(&format!("f{it}"), &[resource(&format!("r{it}"), "x")])).collect()
}

fn reference(name: &str) -> EntityRef {
    format!("resource:{name}").parse().unwrap()
}

async fn preview(catalog: &Catalog, source: Script) -> Preview {
    let before = catalog.snapshot();
    let preview = catalog.preview(&source).await.unwrap();
    assert_eq!(*catalog.refresh().await.unwrap(), *before, "a preview writes nothing");
    preview
}

#[tokio::test]
async fn a_preview_says_what_an_ingestion_would_change() {
    let catalog = empty().await;
    feed(&catalog, Script::says("other", vec![file("o", &[resource("d", "mine")])])).await;
    let before = [resource("a", "x"), resource("b", "x"), resource("c", "x")];
    feed(&catalog, Script::says("s", vec![file("f", &before)])).await;

    let after = || {
        let texts = [resource("a", "y"), resource("c", "[1]"), resource("d", "theirs"), resource("e", "x")];
        Script::says("s", vec![file("f", &texts)])
    };
    let preview = preview(&catalog, after()).await;
    assert_eq!(
        json!({
            "added": preview.difference.added, "changed": preview.difference.changed, "removed": preview.difference.removed,
            "quarantined": preview.quarantined, "conflicts": preview.conflicts,
        }),
        json!({
            "added": ["resource:default/e"],
            "changed": [{
                "ref": "resource:default/a",
                "fields": [{"path": "spec.type", "before": "x", "after": "y"}],
            }],
            "removed": ["resource:default/b"],
            "quarantined": [{
                "source": "s", "location": "f", "ref": "resource:default/c",
                "diagnostics": preview.quarantined[0].diagnostics,
            }],
            "conflicts": {"resource:default/d": {
                "winner": {"source": "other", "location": "o"},
                "losers": [{"source": "s", "location": "f"}],
            }},
        })
    );

    let report = catalog.ingest(&after()).await.unwrap();
    assert_eq!((report.revision, report.counts), (preview.report.revision, preview.report.counts));
    let nothing = catalog.preview(&after()).await.unwrap();
    assert!(nothing.difference.is_empty() && nothing.report.revision == report.revision);
}

#[tokio::test]
async fn a_preview_sees_who_follows_and_who_only_moves() {
    let catalog = empty().await;
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "x"), resource("b", "x")])])).await;
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "y")])])).await;
    let moved = preview(&catalog, Script::says("one", vec![file("h", &[resource("b", "x")])])).await;
    let difference = moved.difference;
    assert_eq!(difference.changed.iter().map(|it| &it.entity_ref).collect::<Vec<_>>(), [&reference("a")]);
    assert!(difference.added.is_empty() && difference.removed.is_empty(), "{difference:?}");
}

#[tokio::test]
async fn a_preview_of_a_source_that_fails_removes_nothing() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", resources(0..2))).await;
    let down = Error::new(ErrorKind::Unavailable, "down");
    let preview = preview(&catalog, Script::new("s", [Err(down)])).await;
    assert!(preview.difference.is_empty() && preview.report.failure.is_some());
}

fn codes(report: &IngestReport) -> Vec<&str> {
    report.problems.iter().map(|it| &*it.code).collect()
}

#[tokio::test]
async fn removals_that_are_too_many_wait_for_a_confirmation() {
    let catalog = empty().await;
    feed(&catalog, Script::says("other", resources(100..120))).await;
    feed(&catalog, Script::says("s", resources(0..20))).await;

    // Half of them may go: the guard asks when it is more than half.
    let report = catalog.ingest(&Script::says("s", resources(10..20))).await.unwrap();
    assert_eq!((report.counts.removed, report.held.len()), (10, 0));
    feed(&catalog, Script::says("s", resources(0..20))).await;

    // Everything else of the answer counts: one is new, one has changed, one has moved.
    let mut documents = resources(20..21);
    documents.push(file("f0", &[resource("r0", "y")]));
    documents.push(file("elsewhere", &[resource("r1", "x")]));
    let report = catalog.ingest(&Script::says("s", documents.clone())).await.unwrap();
    assert_eq!((report.counts.added, report.counts.updated, report.counts.removed), (2, 1, 1));
    assert_eq!((report.held.len(), codes(&report)), (18, vec!["mass-deletion"]));
    assert!(report.held.contains(&reference("r2")) && !report.held.contains(&reference("r1")));
    assert_eq!(report.problems[0].message, "`s` no longer has 18 of its 20 entities; they are kept");
    let snapshot = catalog.snapshot();
    assert_eq!(snapshot.len(), 20 + 21);
    assert_eq!(snapshot.get(&reference("r1")).unwrap().location(), "elsewhere");

    // It asks again, also in a preview, until somebody says yes.
    let held = preview(&catalog, Script::says("s", documents.clone())).await;
    assert_eq!((held.report.held.len(), held.difference.removed.len()), (18, 0));
    let confirmed = IngestOptions::default().confirm_removals(true);
    let report = catalog.ingest_with(&Script::says("s", documents), &confirmed).await.unwrap();
    assert_eq!((report.counts.removed, report.held.len(), codes(&report)), (18, 0, vec![]));
    assert_eq!(catalog.snapshot().len(), 20 + 3);
}

#[tokio::test]
async fn few_removals_and_a_confirmed_partial_answer_need_no_guard() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", resources(0..9))).await;
    let mut partial = Page::complete(Vec::new());
    partial.completeness = Completeness::Partial;
    let confirmed = IngestOptions::default().confirm_removals(true);
    let report = catalog.ingest_with(&Script::new("s", [Ok(partial)]), &confirmed).await.unwrap();
    assert_eq!((report.counts.removed, report.held.len()), (0, 0), "confirming does not make it complete");
    let report = catalog.ingest(&Script::says("s", vec![])).await.unwrap();
    assert_eq!((report.counts.removed, report.held.len()), (9, 0));
}

#[tokio::test]
async fn a_host_sets_its_own_bounds() {
    for (guard, removed) in
        [(RemovalGuard::new(0.1, 1), 0), (RemovalGuard::new(0.9, 1), 4), (RemovalGuard::off(), 4)]
    {
        let mut options = CatalogOptions::default();
        options.removals = guard;
        let catalog = Catalog::open_with(Arc::new(MemoryLog::new()), options).await.unwrap();
        feed(&catalog, Script::says("s", resources(0..5))).await;
        let report = catalog.ingest(&Script::says("s", resources(0..1))).await.unwrap();
        assert_eq!(report.counts.removed, removed, "{guard:?}");
    }
    let catalog = empty().await;
    feed(&catalog, Script::says("s", resources(0..20))).await;
    assert_eq!(catalog.forget("s").await.unwrap().counts.removed, 20, "forgetting is meant");
}

//! What the log remembers, and what changes next.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use common::script::{Script, feed, file, resource};
use common::story::{script, steps};
use idp_catalog::{
    Attribution, Catalog, CatalogOptions, ChangeKind, Changes, IngestOptions, Record, ResultChange,
    Retention, Snapshot, parse_query,
};
use idp_core::{EntityRef, ErrorKind, FixedClock, MemoryLog, Predicate, Revision, RunInfo, Timestamp};
use proptest::prelude::*;
use serde_json::json;

/// A catalog whose clock stands still until it is told otherwise.
async fn timed() -> (Arc<Catalog>, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new(Timestamp::from_millis(1_000)));
    let mut options = CatalogOptions::default();
    options.clock = clock.clone();
    let catalog = Catalog::open_with(Arc::new(MemoryLog::new()), options).await.unwrap();
    (Arc::new(catalog), clock)
}

fn entity_ref(name: &str) -> EntityRef {
    format!("resource:{name}").parse().unwrap()
}

fn one(name: &str, kind: &str) -> Script {
    Script::says("s", vec![file("f", &[resource(name, kind)])])
}

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.refs().map(EntityRef::name).collect()
}

#[tokio::test]
async fn the_catalog_at_a_time() {
    let (catalog, clock) = timed().await;
    for name in ["a", "b", "c"] {
        feed(&catalog, one(name, "x")).await;
        clock.advance(Duration::from_secs(1));
    }
    for (millis, want) in [(0, &[][..]), (1_000, &["a"]), (1_999, &["a"]), (2_500, &["b"]), (9_000, &["c"])] {
        let snapshot = catalog.as_of(Timestamp::from_millis(millis)).await.unwrap();
        assert_eq!(names(&snapshot), want, "at {millis}");
    }
}

#[tokio::test]
async fn two_moments_differ_by_entity_and_field_in_both_directions() {
    let (catalog, clock) = timed().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x"), resource("b", "x")])])).await;
    let first = catalog.snapshot().revision();
    clock.advance(Duration::from_secs(1));
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "y"), resource("c", "x")])])).await;
    let second = catalog.snapshot().revision();

    let forward = catalog.difference(first, second).await.unwrap();
    assert_eq!(
        json!(forward),
        json!({
            "added": ["resource:default/c"],
            "changed": [{"ref": "resource:default/a",
                "fields": [{"path": "spec.type", "before": "x", "after": "y"}]}],
            "removed": ["resource:default/b"],
        })
    );
    let backward = catalog.difference(second, Timestamp::from_millis(1_000)).await.unwrap();
    assert_eq!((&backward.added, &backward.removed), (&forward.removed, &forward.added));
    assert_eq!(backward.changed[0].fields[0].after, json!("x"));
    assert!(catalog.difference(second, second).await.unwrap().is_empty());
    assert_eq!(catalog.difference(second, Revision(99)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn blame_tells_source_run_and_person() {
    let (catalog, clock) = timed().await;
    let with_tier =
        |tier: &str| resource("a", "x").replace("owner: team", &format!("owner: team, tier: {tier}"));
    feed(&catalog, Script::says("s", vec![file("f", &[with_tier("one")])])).await;
    clock.advance(Duration::from_secs(1));
    let run = RunInfo::new("r1", Timestamp::default());
    let options = IngestOptions::default().on_behalf_of(&run);
    let _ = catalog
        .ingest_with(&Script::says("s", vec![file("f", &[with_tier("two")])]), &options)
        .await
        .unwrap();

    let blame = catalog.blame(&entity_ref("a"), "spec").await.unwrap();
    let told: Vec<_> = blame
        .iter()
        .map(|it| (it.field.as_str(), it.revision.0, it.by.as_ref().and_then(|by| by.run.as_deref())))
        .collect();
    assert_eq!(told, [("spec.owner", 1, None), ("spec.tier", 2, Some("r1")), ("spec.type", 1, None)]);
    assert_eq!(&*blame[0].claimant.as_ref().unwrap().source, "s");
    assert_eq!(catalog.blame(&entity_ref("a"), "spec.ti").await.unwrap(), []);

    let ada = Attribution::principal("user:ada".parse().unwrap());
    let options = IngestOptions::default().on_behalf_of(ada.clone());
    let _ = catalog.ingest_with(&one("a", "x"), &options).await.unwrap();
    let blame = catalog.blame(&entity_ref("a"), "spec.tier").await.unwrap();
    assert_eq!(
        (&blame[0].value, &blame[0].by),
        (&None, &Some(ada)),
        "taking a field away is somebody's doing too"
    );
}

#[tokio::test]
async fn blame_follows_a_promotion() {
    let (catalog, _) = timed().await;
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "x")])])).await;
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "y")])])).await;
    let _ = catalog.forget("one").await.unwrap();
    let blame = catalog.blame(&entity_ref("a"), "").await.unwrap();
    let of = |field: &str| blame.iter().find(|it| it.field == field).unwrap();
    assert_eq!(&*of("spec.type").claimant.as_ref().unwrap().source, "two");
    assert_eq!(&*of("spec.owner").claimant.as_ref().unwrap().source, "one", "it says the same as before");
    let _ = catalog.forget("two").await.unwrap();
    assert_eq!(catalog.blame(&entity_ref("a"), "").await.unwrap(), []);
}

fn told(changes: &Changes) -> Vec<(&str, ChangeKind)> {
    changes.items.iter().map(|it| (it.entity_ref().name(), it.kind())).collect()
}

#[tokio::test]
async fn a_watch_tells_what_changes() {
    let (catalog, _) = timed().await;
    feed(&catalog, one("a", "x")).await;
    let mut watch = catalog.watch(Revision::START);
    assert_eq!(told(&watch.next().await.unwrap()), [("a", ChangeKind::Added)]);
    assert_eq!(watch.try_next().await.unwrap(), None);

    feed(&catalog, one("a", "y")).await;
    let changes = watch.next().await.unwrap();
    assert_eq!(told(&changes), [("a", ChangeKind::Changed)]);
    assert_eq!(changes.items[0].fields()[0].path, "spec.type");

    let waiting = tokio::spawn(async move { (watch.next().await.unwrap(), watch) });
    tokio::task::yield_now().await;
    feed(&catalog, one("b", "x")).await;
    let (changes, watch) = waiting.await.unwrap();
    assert_eq!(told(&changes), [("a", ChangeKind::Removed), ("b", ChangeKind::Added)]);
    assert_eq!(watch.position(), catalog.snapshot().revision());
}

#[tokio::test]
async fn a_change_of_relations_is_a_change_of_both_ends() {
    let (catalog, _) = timed().await;
    let depends = |name: &str| {
        let text = resource("a", "x")
            .replace("owner: team", &format!("owner: team, dependsOn: ['resource:{name}']"));
        Script::says("s", vec![file("f", &[text, resource("b", "x")])])
    };
    feed(&catalog, depends("b")).await;
    let mut watch = catalog.watch(catalog.snapshot().revision());
    feed(&catalog, depends("c")).await;
    let changes = watch.next().await.unwrap();
    assert_eq!(told(&changes), [("a", ChangeKind::Changed), ("b", ChangeKind::Changed)]);
    assert!(changes.items[1].relations_differ() && changes.items[1].fields().is_empty());
}

#[tokio::test]
async fn a_watch_of_what_was_compacted_says_so_and_starts_over() {
    let (catalog, _) = timed().await;
    for kind in ["x", "y", "z"] {
        feed(&catalog, one("a", kind)).await;
    }
    catalog.compact(&Retention::nothing()).await.unwrap();
    // A second catalog on the log was not there when it happened.
    let fresh = Arc::new(Catalog::open(catalog.log().clone()).await.unwrap());
    assert_eq!(fresh.watch(Revision(1)).next().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(told(&fresh.watch(Revision::START).next().await.unwrap()), [("a", ChangeKind::Added)]);
    assert_eq!(fresh.watch(Revision(9)).next().await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_consumer_goes_on_where_it_acknowledged() {
    let (catalog, _) = timed().await;
    feed(&catalog, one("a", "x")).await;
    let mut consumer = catalog.consumer("index").await.unwrap();
    let first = consumer.next().await.unwrap();
    assert_eq!(consumer.acknowledge(Revision(5)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    consumer.acknowledge(first.revision).await.unwrap();
    feed(&catalog, one("a", "y")).await;
    let lost = consumer.next().await.unwrap();
    drop(consumer);

    let catalog = Arc::new(Catalog::open(catalog.log().clone()).await.unwrap());
    let mut consumer = catalog.consumer("index").await.unwrap();
    assert_eq!(told(&consumer.next().await.unwrap()), told(&lost), "what was not acknowledged comes again");
    consumer.acknowledge(lost.revision).await.unwrap();
    consumer.acknowledge(first.revision).await.unwrap();
    assert_eq!(catalog.consumers().await.unwrap()[0].acknowledged, lost.revision, "and never goes back");

    catalog.forget_consumer("index").await.unwrap();
    assert_eq!(catalog.consumers().await.unwrap(), []);
    let mut consumer = catalog.consumer("index").await.unwrap();
    assert_eq!(consumer.acknowledged(), Revision::START);
    for _ in 0..200 {
        feed(&catalog, one("a", "x")).await;
        feed(&catalog, one("a", "y")).await;
        let changes = consumer.next().await.unwrap();
        consumer.acknowledge(changes.revision).await.unwrap();
    }
    let acknowledged = consumer.acknowledged();
    assert_eq!(catalog.consumer("index").await.unwrap().acknowledged(), acknowledged);
    assert!(catalog.consumer("a/b").await.is_err());
}

#[tokio::test]
async fn a_live_query_tells_who_enters_and_leaves() {
    let (catalog, _) = timed().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x"), resource("b", "y")])])).await;
    let mut live = catalog.live(&parse_query("spec.type=x").unwrap()).unwrap();
    assert_eq!(live.initial().map(|it| it.entity_ref().name().to_owned()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(live.try_next().await.unwrap(), None);

    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "y"), resource("b", "x")])])).await;
    let changes = live.next().await.unwrap();
    assert!(matches!(&changes[0], ResultChange::Left(it) if it.entity_ref().name() == "a"), "{changes:?}");
    assert!(matches!(&changes[1], ResultChange::Entered(it) if it.entity_ref().name() == "b"), "{changes:?}");
    assert_eq!(live.revision(), catalog.snapshot().revision());
}

#[tokio::test]
async fn retention_keeps_what_it_promises() {
    let (catalog, clock) = timed().await;
    let mut before = Vec::new();
    for kind in 0..10 {
        feed(&catalog, one("a", &format!("t{kind}"))).await;
        clock.advance(Duration::from_secs(60));
        before.push(catalog.snapshot());
    }
    let head = catalog.snapshot().revision();
    assert_eq!(catalog.compact(&Retention::default()).await.unwrap(), Revision::START, "all of it is young");

    let gone = catalog.compact(&Retention::nothing().age(Duration::from_secs(7 * 60))).await.unwrap();
    assert_eq!(gone, Revision(4));
    let mut consumer = catalog.consumer("c").await.unwrap();
    let _ = consumer.next().await.unwrap();
    consumer.acknowledge(head).await.unwrap();
    feed(&catalog, one("a", "new")).await;
    feed(&catalog, one("a", "newer")).await;
    let gone = catalog.compact(&Retention::nothing().consumers(Duration::from_secs(60))).await.unwrap();
    assert_eq!(gone, head, "what the consumer has not dealt with stays");
    clock.advance(Duration::from_secs(61));
    let keep_one = Retention::nothing().revisions(1).consumers(Duration::from_secs(60));
    assert_eq!(
        catalog.compact(&keep_one).await.unwrap(),
        Revision(head.0 + 1),
        "it was not heard of for too long"
    );
    assert_eq!(catalog.as_of(head).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(catalog.history(&entity_ref("a")).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_relation_that_both_ends_declare_was_told_as_a_change_of_both() {
    let group = |name: &str, spec: &str| {
        format!(
            "apiVersion: v1alpha1\nkind: Group\nmetadata: {{name: {name}}}\nspec: {{type: team, {spec}}}\n"
        )
        .replace("v1alpha1", "backstage.io/v1alpha1")
    };
    let parent = || group("parent", "children: [child]");
    let catalog = Arc::new(Catalog::open(Arc::new(MemoryLog::new())).await.unwrap());
    feed(&catalog, Script::says("s", vec![file("f", &[parent(), group("child", "children: []")])])).await;
    let mut watch = catalog.watch(catalog.snapshot().revision());
    for spec in ["children: [], parent: parent", "children: []"] {
        feed(&catalog, Script::says("s", vec![file("f", &[parent(), group("child", spec)])])).await;
        let changes = watch.try_next().await.unwrap().unwrap();
        let names: Vec<&str> = changes.items.iter().map(|it| it.entity_ref().name()).collect();
        assert_eq!(names, ["child"], "{spec}");
    }
}

/// Everything a snapshot says, as one text.
fn dump(snapshot: &Snapshot) -> String {
    let records: Vec<Record> = snapshot.iter().collect();
    let conflicts: Vec<_> = snapshot.conflicts().collect();
    let findings: Vec<_> = snapshot.findings().collect();
    let dangling: Vec<_> = snapshot.dangling().collect();
    format!("{} {records:?} {conflicts:?} {findings:?} {dangling:?}", snapshot.revision())
}

/// What a follower knows who believes the changes.
fn believe(known: &mut BTreeMap<EntityRef, String>, changes: &Changes) {
    for change in changes.items.iter() {
        assert_eq!(change.before().map(|it| format!("{it:?}")), known.remove(change.entity_ref()));
        known.extend(change.after().map(|it| (change.entity_ref().clone(), format!("{it:?}"))));
    }
}

fn known(snapshot: &Snapshot) -> BTreeMap<EntityRef, String> {
    snapshot.iter().map(|it| (it.entity_ref().clone(), format!("{it:?}"))).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_cut_replays_bit_for_bit(steps in steps(), kept in 0_u64..20) {
        block_on(async {
            let catalog = Arc::new(Catalog::open(Arc::new(MemoryLog::new())).await.unwrap());
            let mut cuts = BTreeMap::new();
            for step in &steps {
                feed(&catalog, script(step)).await;
                let snapshot = catalog.snapshot();
                cuts.insert(snapshot.revision(), dump(&snapshot));
            }
            let gone = catalog.compact(&Retention::nothing().revisions(kept)).await.unwrap();
            for (revision, live) in &cuts {
                let replayed = catalog.as_of(*revision).await;
                if *revision < gone {
                    prop_assert_eq!(replayed.unwrap_err().kind(), ErrorKind::NotFound);
                } else {
                    prop_assert_eq!(&dump(&replayed.unwrap()), live);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn whoever_believes_the_changes_knows_the_catalog(steps in steps(), cut in 0_usize..12) {
        block_on(async {
            let log = Arc::new(MemoryLog::new());
            let catalog = Arc::new(Catalog::open(log.clone()).await.unwrap());
            let (mut near, mut believed) = (catalog.watch(Revision::START), BTreeMap::new());
            let mut live = catalog.live(&Predicate::equals("spec.type", "x")).unwrap();
            let (mut result, mut far) = (BTreeSet::new(), None);
            for (index, step) in steps.iter().enumerate() {
                if index == cut {
                    far = Some(catalog.snapshot());
                }
                feed(&catalog, script(step)).await;
                while let Some(changes) = near.try_next().await.unwrap() {
                    believe(&mut believed, &changes);
                }
                for change in live.try_next().await.unwrap().unwrap_or_default() {
                    let (gone, come) = match change {
                        ResultChange::Entered(it) => (None, Some(it)),
                        ResultChange::Left(it) => (Some(it), None),
                        ResultChange::Changed { before, after } => (Some(before), Some(after)),
                        _ => (None, None),
                    };
                    prop_assert!(gone.is_none_or(|it| result.remove(it.entity_ref())));
                    prop_assert!(come.is_none_or(|it| result.insert(it.entity_ref().clone())));
                }
                let snapshot = catalog.snapshot();
                prop_assert_eq!(&believed, &known(&snapshot));
                let want = snapshot.iter().filter(|it| it.entity().at("spec.type") == Some(&json!("x")));
                prop_assert_eq!(&result, &want.map(|it| it.entity_ref().clone()).collect());
            }
            // One who comes late, in another process, reads the log.
            if let Some(start) = far {
                let late = Arc::new(Catalog::open(log).await.unwrap());
                let (mut watch, mut believed) = (late.watch(start.revision()), known(&start));
                while let Some(changes) = watch.try_next().await.unwrap() {
                    believe(&mut believed, &changes);
                }
                prop_assert_eq!(believed, known(&late.snapshot()));
            }
            Ok(())
        })?;
    }
}

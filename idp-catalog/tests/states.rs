//! Every reference that was ever claimed has a state.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::script::{Script, empty, feed, file, resource};
use idp_catalog::{
    Catalog, CatalogOptions, Cause, EntityState, Explanation, OrphanPolicy, Precedence, Retention, Snapshot,
    Standing,
};
use idp_core::{Completeness, Document, EntityRef, MemoryLog, Page, Predicate, Revision};
use proptest::prelude::*;

const ORPHAN: &str = "backstage.io/orphan";

fn reference(name: &str) -> EntityRef {
    format!("resource:{name}").parse().unwrap()
}

fn explain(catalog: &Catalog, name: &str) -> Explanation {
    catalog.explain(&reference(name))
}

fn spec_type(catalog: &Catalog, name: &str) -> Option<String> {
    let snapshot = catalog.snapshot();
    Some(snapshot.get(&reference(name))?.entity().at("spec.type")?.as_str()?.to_owned())
}

async fn opened(log: &Arc<MemoryLog>, change: impl FnOnce(&mut CatalogOptions)) -> Catalog {
    let mut options = CatalogOptions::default();
    change(&mut options);
    Catalog::open_with(log.clone(), options).await.unwrap()
}

fn precedence(sources: &[&str]) -> CatalogOptions {
    let mut options = CatalogOptions::default();
    options.precedence = Some(Precedence::new(sources.iter().copied()));
    options
}

async fn with_precedence(sources: &[&str]) -> Catalog {
    Catalog::open_with(Arc::new(MemoryLog::new()), precedence(sources)).await.unwrap()
}

/// A page that does not say everything.
fn partial(name: &'static str, documents: Vec<Document>) -> Script {
    let mut page = Page::complete(documents);
    page.completeness = Completeness::Partial;
    Script::new(name, [Ok(page)])
}

#[tokio::test]
async fn the_weightiest_source_counts_however_late_it_comes() {
    let catalog = with_precedence(&["org", "directory:*"]).await;
    feed(&catalog, Script::says("discovery", vec![file("f", &[resource("a", "discovered")])])).await;
    feed(&catalog, Script::says("directory:x", vec![file("g", &[resource("a", "file")])])).await;
    assert_eq!(spec_type(&catalog, "a").as_deref(), Some("file"));
    feed(&catalog, Script::says("org", vec![file("h", &[resource("a", "org")])])).await;
    assert_eq!(spec_type(&catalog, "a").as_deref(), Some("org"));

    let explanation = explain(&catalog, "a");
    assert_eq!(explanation.state, EntityState::Conflicted);
    assert_eq!(
        explanation.reason,
        "3 locations describe it, and `h` of `org` counts: its source comes before the others"
    );
    let claims: Vec<_> = explanation.claims.iter().map(|it| (&*it.claimant.source, &*it.why)).collect();
    assert_eq!(
        claims,
        [
            ("org", "its source comes before the others"),
            ("directory:x", "`h` of `org` counts more"),
            ("discovery", "`h` of `org` counts more"),
        ]
    );
    // The next one is promoted the moment the winner leaves.
    feed(&catalog, Script::says("org", vec![])).await;
    assert_eq!(spec_type(&catalog, "a").as_deref(), Some("file"));
}

#[tokio::test]
async fn the_precedence_is_in_the_log() {
    let log = Arc::new(MemoryLog::new());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "one")])])).await;
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "two")])])).await;
    assert_eq!(spec_type(&catalog, "a").as_deref(), Some("one"));
    let before = catalog.snapshot().revision();

    let ranked = opened(&log, |it| it.precedence = Some(Precedence::new(["two"]))).await;
    assert_eq!(spec_type(&ranked, "a").as_deref(), Some("one"), "opening writes nothing");
    let unchanged = || Script::says("one", vec![file("f", &[resource("a", "one")])]);
    let preview = ranked.preview(&unchanged()).await.unwrap();
    assert_eq!(preview.difference.changed[0].entity_ref, reference("a"));
    feed(&ranked, unchanged()).await;
    assert_eq!(spec_type(&ranked, "a").as_deref(), Some("two"));
    assert_eq!(ranked.snapshot().revision(), Revision(before.0 + 1), "one event says it");
    feed(&ranked, unchanged()).await;
    assert_eq!(ranked.snapshot().revision(), Revision(before.0 + 1), "and says it once");

    // Somebody who declares nothing sees the same, before and after a compaction; the past stays what it was.
    catalog.refresh().await.unwrap();
    assert_eq!(*catalog.snapshot(), *ranked.snapshot());
    let one = Predicate::equals("spec.type", "one");
    assert!(catalog.as_of(before).await.unwrap().matches(&one, &reference("a")).unwrap());
    catalog.compact(&Retention::nothing()).await.unwrap();
    assert_eq!(*Catalog::open(log).await.unwrap().snapshot(), *ranked.snapshot());
}

#[tokio::test]
async fn a_description_that_moves_within_its_source_keeps_its_place() {
    let catalog = empty().await;
    feed(&catalog, Script::says("one", vec![file("old", &[resource("a", "one")])])).await;
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "two")])])).await;
    feed(&catalog, Script::says("one", vec![file("new", &[resource("a", "moved")])])).await;
    assert_eq!(
        spec_type(&catalog, "a").as_deref(),
        Some("moved"),
        "a move does not lose the entity to others"
    );

    // It may move and break at once.
    feed(&catalog, Script::says("one", vec![file("newer", &[resource("a", "[1]")])])).await;
    assert_eq!(spec_type(&catalog, "a").as_deref(), Some("moved"));
    assert_eq!(explain(&catalog, "a").state, EntityState::Stale);
}

#[tokio::test]
async fn what_was_moved_counts_where_the_old_place_cannot_be_released() {
    // A partial answer releases nothing.
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("old", &[resource("a", "before")])])).await;
    feed(&catalog, partial("s", vec![file("new", &[resource("a", "after")])])).await;
    assert_eq!(spec_type(&catalog, "a").as_deref(), Some("after"));
    assert_eq!(explain(&catalog, "a").claims.len(), 2, "no claim is lost");

    // A file that cannot be read releases nothing either.
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("old", &[resource("a", "before")])])).await;
    let documents = vec![file("old", &["kind: [\n".to_owned()]), file("new", &[resource("a", "after")])];
    feed(&catalog, Script::says("s", documents)).await;
    assert_eq!(spec_type(&catalog, "a").as_deref(), Some("after"));

    // Nor does the guard.
    let catalog = empty().await;
    let many = |names: std::ops::Range<usize>, extra: Vec<Document>| {
        let files = names.map(|it| file(&format!("f{it}"), &[resource(&format!("r{it}"), "x")]));
        Script::says("s", files.chain(extra).collect())
    };
    feed(&catalog, many(0..20, vec![])).await;
    feed(&catalog, many(20..21, vec![file("elsewhere", &[resource("r0", "after")])])).await;
    assert_eq!(catalog.snapshot().len(), 21);
    assert_eq!(spec_type(&catalog, "r0").as_deref(), Some("after"));
}

#[tokio::test]
async fn what_is_gone_is_explained() {
    let log = Arc::new(MemoryLog::new());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x"), resource("b", "x")])])).await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("b", "x")])])).await;
    let explanation = explain(&catalog, "a");
    assert_eq!((explanation.state, explanation.last_good), (EntityState::Orphan, Some(Revision(1))));
    assert_eq!(explanation.reason, "`s` no longer has it; it stood in `f`");
    let departure = explanation.departure.as_ref().unwrap();
    assert_eq!((departure.revision, departure.cause), (Revision(3), Cause::Gone));
    assert!(catalog.snapshot().get(&reference("a")).is_none());

    assert!(catalog.forget("s").await.unwrap().failure.is_none());
    assert_eq!(explain(&catalog, "b").reason, "`s` was forgotten; it stood in `f`");
    assert_eq!(explain(&catalog, "a"), explanation);
    assert_eq!(catalog.snapshot().in_state(EntityState::Orphan).count(), 2);

    // It is still told after a compaction and a reopening, and ends when somebody describes it again.
    catalog.compact(&Retention::nothing()).await.unwrap();
    let reopened = Catalog::open(log).await.unwrap();
    assert_eq!(*reopened.snapshot(), *catalog.snapshot());
    feed(&reopened, Script::says("t", vec![file("g", &[resource("a", "[1]")])])).await;
    assert_eq!(explain(&reopened, "a").state, EntityState::Quarantined);
    assert_eq!(explain(&reopened, "a").last_good, Some(Revision(1)), "nothing valid has come since");
    feed(&reopened, Script::says("t", vec![file("g", &[resource("a", "y")])])).await;
    assert_eq!(explain(&reopened, "a").state, EntityState::Ok);
    assert_eq!(explain(&reopened, "a").departure, None);
}

#[tokio::test]
async fn case_113_an_orphan_that_is_kept_says_so() {
    let log = Arc::new(MemoryLog::new());
    let catalog = opened(&log, |it| it.orphans = OrphanPolicy::Keep).await;
    let both = || Script::says("s", vec![file("f", &[resource("a", "x"), resource("b", "x")])]);
    feed(&catalog, both()).await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("b", "x")])])).await;
    let snapshot = catalog.snapshot();
    let orphans = Predicate::equals(format!("metadata.annotations.{ORPHAN}"), "true");
    assert!(snapshot.matches(&orphans, &reference("a")).unwrap());
    assert_eq!(snapshot.count(&orphans).unwrap(), 1);
    assert_eq!(snapshot.state(&reference("a")), EntityState::Orphan);
    assert_eq!(explain(&catalog, "a").last_good, Some(Revision(1)));
    assert_eq!(*Catalog::open(log.clone()).await.unwrap().snapshot(), *snapshot, "the policy is in the log");

    feed(&catalog, both()).await;
    assert_eq!(catalog.snapshot().count(&orphans).unwrap(), 0, "being described again clears it");

    feed(&catalog, Script::says("s", vec![file("f", &[resource("b", "x")])])).await;
    catalog.compact(&Retention::nothing()).await.unwrap();
    assert_eq!(*Catalog::open(log).await.unwrap().snapshot(), *catalog.snapshot());
    assert!(!catalog.remove_orphan(&reference("b"), None).await.unwrap(), "somebody describes it");
    assert!(catalog.remove_orphan(&reference("a"), None).await.unwrap());
    assert!(catalog.snapshot().get(&reference("a")).is_none());
    assert_eq!(explain(&catalog, "a").departure.unwrap().cause, Cause::Removed);
    assert!(!catalog.remove_orphan(&reference("a"), None).await.unwrap());
}

#[tokio::test]
async fn removing_an_orphan_left_a_claim_of_its_location_that_nobody_could_release() {
    let log = Arc::new(MemoryLog::new());
    let catalog = opened(&log, |it| it.orphans = OrphanPolicy::Keep).await;
    let says = |kind: Option<&str>| {
        let a = kind.map(|it| resource("a", it));
        Script::says("s", vec![file("f", &[[resource("b", "x")].as_slice(), a.as_slice()].concat())])
    };
    feed(&catalog, says(Some("x"))).await;
    feed(&catalog, says(None)).await;
    feed(&catalog, says(Some("[1]"))).await;
    assert!(catalog.remove_orphan(&reference("a"), None).await.unwrap());
    assert_eq!(explain(&catalog, "a").claims.len(), 1, "what is said of it now stays");

    feed(&catalog, says(None)).await;
    assert_eq!(explain(&catalog, "a").claims.len(), 0);
    assert_eq!(*Catalog::open(log).await.unwrap().snapshot(), *catalog.snapshot());
}

#[tokio::test]
async fn states_are_listed() {
    let catalog = empty().await;
    let texts = [resource("ok", "x"), resource("stale", "x"), resource("gone", "x")];
    feed(&catalog, Script::says("one", vec![file("f", &texts), file("g", &[resource("two", "x")])])).await;
    let texts = [resource("ok", "x"), resource("stale", "[1]"), resource("never", "[1]")];
    feed(&catalog, Script::says("one", vec![file("f", &texts), file("g", &[resource("two", "x")])])).await;
    feed(&catalog, Script::says("two", vec![file("h", &[resource("two", "y")])])).await;
    let snapshot = catalog.snapshot();
    let states: Vec<_> = snapshot.states().map(|(it, state)| (it.name(), state)).collect();
    assert_eq!(
        states,
        [
            ("gone", EntityState::Orphan),
            ("never", EntityState::Quarantined),
            ("ok", EntityState::Ok),
            ("stale", EntityState::Stale),
            ("two", EntityState::Conflicted),
        ]
    );
    for (entity_ref, state) in snapshot.states() {
        assert_eq!(snapshot.explain(entity_ref).state, state, "{entity_ref}");
    }
    assert_eq!(snapshot.state(&reference("nobody")), EntityState::Unknown);
}

/// One answer of a source: whether it is complete, and per location its entities with their types.
type Mutation = (bool, BTreeMap<usize, BTreeMap<usize, usize>>);

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let entities = prop::collection::btree_map(0..3_usize, 0..3_usize, 0..3);
    let locations = prop::collection::btree_map(0..3_usize, entities, 0..3);
    prop::collection::vec((any::<bool>(), locations), 0..5)
}

fn script(source: &'static str, (complete, locations): &Mutation) -> Script {
    let documents = locations.iter().map(|(location, entities)| {
        // Type 2 is not valid.
        let describe = |(name, kind): (&usize, &usize)| {
            let kind = ["x", "y", "[1]"][*kind].replace(['x', 'y'], &format!("{source}{kind}"));
            resource(&format!("r{name}"), &kind)
        };
        file(&format!("f{location}"), &entities.iter().map(describe).collect::<Vec<_>>())
    });
    let documents = documents.collect();
    if *complete { Script::says(source, documents) } else { partial(source, documents) }
}

const SOURCES: [&str; 3] = ["one", "two", "three"];

/// Gives every source its mutations in its own order, and the sources turns as `turns` says.
async fn interleaved(
    options: &CatalogOptions,
    mutations: &[Vec<Mutation>; 3],
    turns: &[usize],
) -> Arc<Snapshot> {
    let catalog = Catalog::open_with(Arc::new(MemoryLog::new()), options.clone()).await.unwrap();
    let mut queues = mutations.each_ref().map(|it| it.iter());
    let rest = (0..3).cycle().take(3 * 5);
    for source in turns.iter().copied().chain(rest) {
        if let Some(mutation) = queues[source].next() {
            feed(&catalog, script(SOURCES[source], mutation)).await;
        }
    }
    catalog.snapshot()
}

/// What a snapshot says, revisions aside.
fn said(snapshot: &Snapshot) -> Vec<String> {
    let states = snapshot.states().map(|(entity_ref, state)| {
        let seen = snapshot
            .get(entity_ref)
            .map(|it| (it.entity(), it.relations(), it.source().to_owned(), it.location().to_owned()));
        let explanation = snapshot.explain(entity_ref);
        let claims: Vec<(&str, &str, Standing)> = explanation
            .claims
            .iter()
            .map(|it| (&*it.claimant.source, &*it.claimant.location, it.standing))
            .collect();
        format!("{entity_ref} {state:?} {seen:?} {claims:?}")
    });
    states.collect()
}

#[test]
fn where_the_precedence_decides_the_order_of_arrival_does_not_matter() {
    let options = precedence(&["two", "three", "one"]);
    let turns = || prop::collection::vec(0..3_usize, 0..12);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mutations = [mutations(), mutations(), mutations()];
    proptest!(config, |(mutations in mutations, first in turns(), second in turns())| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (first, second) = runtime.block_on(async {
            let first = interleaved(&options, &mutations, &first).await;
            (first, interleaved(&options, &mutations, &second).await)
        });
        prop_assert_eq!(said(&first), said(&second));
    });
}

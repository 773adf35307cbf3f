//! Changes of some of what a source says, from code.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;

use common::script::{Script, empty, feed, file, resource};
use idp_catalog::{Catalog, Delta};
use idp_core::{Document, Entity, EntityRef, ErrorKind, MemoryLog};
use proptest::prelude::*;
use serde_json::json;

fn entity(name: &str, kind: &str) -> Entity {
    Entity::from_value(json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Resource",
        "metadata": {"name": name}, "spec": {"type": kind, "owner": "team"},
    }))
    .unwrap()
}

fn reference(name: &str) -> EntityRef {
    format!("resource:{name}").parse().unwrap()
}

fn types(catalog: &Catalog) -> Vec<String> {
    let snapshot = catalog.snapshot();
    let all = snapshot.iter().map(|it| {
        let entity = it.entity();
        let kind = entity.at("spec.type").and_then(|it| it.as_str()).unwrap();
        format!("{} {kind} {}", it.entity_ref().name(), it.location())
    });
    all.collect()
}

#[tokio::test]
async fn what_a_delta_does_not_name_stays() {
    let catalog = empty().await;
    let documents =
        vec![file("f", &[resource("a", "x"), resource("b", "x")]), file("g", &[resource("c", "x")])];
    feed(&catalog, Script::says("s", documents)).await;
    feed(&catalog, Script::says("t", vec![file("f", &[resource("z", "x")])])).await;

    let report = catalog.apply(&Delta::of("s").put(file("f", &[resource("a", "y")]))).await.unwrap();
    assert_eq!((report.counts.updated, report.counts.removed), (1, 1));
    assert_eq!(types(&catalog), ["a y f", "c x g", "z x f"]);

    let delta = Delta::of("s").gone("g").upsert(entity("d", "new")).remove(reference("a"));
    let report = catalog.apply(&delta).await.unwrap();
    assert_eq!((report.counts.added, report.counts.removed), (1, 2));
    assert_eq!(types(&catalog), ["d new resource:default/d", "z x f"]);
    let again = catalog.apply(&delta).await.unwrap();
    assert_eq!(again.revision, report.revision, "the same delta again changes nothing");
    assert!(Delta::of("s").is_empty() && !delta.is_empty());
}

#[tokio::test]
async fn an_entity_that_is_upserted_leaves_the_place_it_had() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x"), resource("b", "x")])])).await;
    let report = catalog.apply(&Delta::of("s").upsert(entity("a", "y"))).await.unwrap();
    assert_eq!(report.counts.conflicting, 0);
    assert_eq!(types(&catalog), ["a y resource:default/a", "b x f"]);
}

#[tokio::test]
async fn a_copy_in_a_delta_took_the_place_of_the_original() {
    let original = || file("f", &[resource("a", "x")]);
    let copy = || file("g", &[resource("a", "y")]);
    let (by_delta, at_once) = (empty().await, empty().await);
    for catalog in [&by_delta, &at_once] {
        feed(catalog, Script::says("s", vec![original()])).await;
    }
    feed(&at_once, Script::says("s", vec![original(), copy()])).await;
    let report = by_delta.apply(&Delta::of("s").put(copy())).await.unwrap();
    assert_eq!(report.counts.conflicting, 1);
    assert_eq!(types(&by_delta), ["a x f"]);
    assert_eq!(types(&by_delta), types(&at_once));

    let _ = by_delta.apply(&Delta::of("s").gone("f")).await.unwrap();
    assert_eq!(types(&by_delta), ["a y g"]);
    let _ = by_delta.apply(&Delta::of("s").gone("g").put(original())).await.unwrap();
    assert_eq!(types(&by_delta), ["a x f"], "a move says where from");
}

#[tokio::test]
async fn an_upsert_left_other_descriptions_of_its_source_behind() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x")])])).await;
    feed(&catalog, Script::says("t", vec![file("g", &[resource("a", "z")])])).await;
    let report = catalog.apply(&Delta::of("s").upsert(entity("a", "y"))).await.unwrap();
    assert!(report.held.is_empty());
    let claims = catalog.explain(&reference("a")).claims;
    let places: Vec<_> = claims.iter().map(|it| (&*it.claimant.source, &*it.claimant.location)).collect();
    assert_eq!(places, [("s", "resource:default/a"), ("t", "g")]);
}

#[tokio::test]
async fn an_expectation_that_does_not_hold_changes_nothing() {
    let catalog = empty().await;
    let absent = Delta::of("s").expecting(reference("a"), None).upsert(entity("a", "x"));
    let _ = catalog.apply(&absent).await.unwrap();
    assert_eq!(catalog.apply(&absent).await.unwrap_err().kind(), ErrorKind::Conflict);

    let seen = catalog.snapshot().get(&reference("a")).unwrap().changed();
    let change = Delta::of("s").expecting(reference("a"), Some(seen)).upsert(entity("a", "y"));
    let _ = catalog.apply(&change).await.unwrap();
    let late = Delta::of("s").expecting(reference("a"), Some(seen)).upsert(entity("a", "z"));
    assert_eq!(catalog.apply(&late).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(types(&catalog), ["a y resource:default/a"]);
}

#[tokio::test]
async fn of_two_writers_with_one_expectation_one_wins() {
    let log = Arc::new(MemoryLog::new());
    let one = Catalog::open(log.clone()).await.unwrap();
    let two = Catalog::open(log).await.unwrap();
    let delta = |kind| Delta::of("s").expecting(reference("a"), None).upsert(entity("a", kind));
    let _ = one.apply(&delta("one")).await.unwrap();
    assert_eq!(two.apply(&delta("two")).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_delta_means_what_the_whole_answer_would_mean() {
    let catalog = empty().await;
    let names: Vec<String> = (0..20).map(|it| format!("r{it}")).collect();
    let all: Vec<Document> = names.iter().map(|it| file(it, &[resource(it, "x")])).collect();
    feed(&catalog, Script::says("s", all)).await;
    let broken = Delta::of("s").put(file("r0", &[resource("r0", "[1]")]));
    assert_eq!(catalog.apply(&broken).await.unwrap().counts.quarantined, 1);
    assert!(catalog.snapshot().get(&reference("r0")).unwrap().is_quarantined());

    let gone = names.iter().fold(Delta::of("s"), |delta, it| delta.gone(it.as_str()));
    let report = catalog.apply(&gone).await.unwrap();
    assert_eq!((report.held.len(), &*report.problems[0].code), (20, "mass-deletion"));
    assert_eq!(catalog.apply(&gone.confirm_removals(true)).await.unwrap().counts.removed, 20);
    assert!(catalog.snapshot().is_empty());
}

/// What stands in one of five locations: some of the three entities that belong there.
fn content(location: usize, parts: &[bool; 3], version: u8) -> Document {
    let present = (0..3).filter(|part| parts[*part]);
    let texts: Vec<String> =
        present.map(|part| resource(&format!("l{location}-{part}"), &format!("v{version}"))).collect();
    file(&format!("l{location}"), &texts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn many_deltas_end_where_one_answer_ends(
        steps in proptest::collection::vec((0usize..5, proptest::option::of((any::<[bool; 3]>(), 0u8..3))), 1..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (by_deltas, at_once) = (empty().await, empty().await);
            let mut last = std::collections::BTreeMap::new();
            for (location, step) in steps {
                let delta = Delta::of("s").confirm_removals(true);
                let delta = match &step {
                    Some((parts, version)) => delta.put(content(location, parts, *version)),
                    None => delta.gone(format!("l{location}")),
                };
                let _ = by_deltas.apply(&delta).await.unwrap();
                last.insert(location, step);
            }
            let documents = last.iter().filter_map(|(location, step)| {
                let (parts, version) = step.as_ref()?;
                Some(content(*location, parts, *version))
            });
            feed(&at_once, Script::says("s", documents.collect())).await;
            prop_assert_eq!(types(&by_deltas), types(&at_once));
            Ok(())
        })?;
    }
}

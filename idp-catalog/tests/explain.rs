//! The whole story of a reference.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;

use common::script::{Script, empty, feed, file, resource};
use idp_catalog::{Catalog, EntityState, Explanation, Retention, Standing};
use idp_core::{EntityRef, MemoryLog, Revision};

fn explain(catalog: &Catalog, name: &str) -> Explanation {
    let entity_ref: EntityRef = format!("resource:{name}").parse().unwrap();
    catalog.snapshot().explain(&entity_ref)
}

fn standings(explanation: &Explanation) -> Vec<(&str, Standing, bool)> {
    explanation.claims.iter().map(|it| (&*it.claimant.location, it.standing, it.stale)).collect()
}

fn pointing(name: &str, target: &str) -> String {
    resource(name, "x").replace("owner: team", &format!("owner: team, dependsOn: ['resource:{target}']"))
}

#[tokio::test]
async fn an_entity_that_is_well() {
    let catalog = empty().await;
    let texts = [pointing("a", "b"), resource("b", "x")];
    feed(&catalog, Script::says("s", vec![file("f", &texts)])).await;
    let explanation = explain(&catalog, "b");
    assert_eq!(explanation.state, EntityState::Ok);
    assert_eq!(explanation.reason, "`f` of `s` describes it");
    assert_eq!(explanation.last_good, Some(Revision(2)));
    assert_eq!(standings(&explanation), [("f", Standing::Counts, false)]);
    assert_eq!(explanation.incoming.len(), 1);
    assert_eq!(explanation.incoming[0].from.as_str(), "resource:default/a");
    let dangling: Vec<_> =
        explanation.dangling.iter().map(|it| (it.to.as_str(), it.field.to_string())).collect();
    assert_eq!(dangling, [("group:default/team", "spec.owner".to_owned())]);
    assert!(!explanation.is_fine());
}

#[tokio::test]
async fn a_broken_document_leaves_its_entity_stale() {
    let catalog = empty().await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x")])])).await;
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "[1]")])])).await;
    let explanation = explain(&catalog, "a");
    assert_eq!((explanation.state, explanation.last_good), (EntityState::Stale, Some(Revision(1))));
    assert_eq!(explanation.reason, "`f` of `s` is broken now: the last good revision stays");
    assert!(!explanation.claims[0].diagnostics.is_empty());

    // A file that is no YAML at all says nothing about whom it means: what it described is stale all the same.
    feed(&catalog, Script::says("s", vec![file("f", &[resource("a", "x")])])).await;
    assert_eq!(explain(&catalog, "a").state, EntityState::Ok);
    feed(&catalog, Script::says("s", vec![file("f", &["kind: [\n".to_owned()])])).await;
    let explanation = explain(&catalog, "a");
    assert_eq!((explanation.state, explanation.unread.len()), (EntityState::Stale, 1));
}

#[tokio::test]
async fn of_several_claims_every_one_is_told() {
    let catalog = empty().await;
    feed(&catalog, Script::says("zero", vec![file("e", &[resource("a", "[1]")])])).await;
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "x")])])).await;
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "y")])])).await;
    let explanation = explain(&catalog, "a");
    assert_eq!(explanation.state, EntityState::Conflicted);
    assert_eq!(
        standings(&explanation),
        [("e", Standing::Quarantined, false), ("f", Standing::Counts, false), ("g", Standing::Waits, false)]
    );
    assert_eq!(explanation.claims[2].why, "`f` of `one` came before it");

    feed(&catalog, Script::says("one", vec![])).await;
    let explanation = explain(&catalog, "a");
    assert_eq!(standings(&explanation)[1], ("g", Standing::Counts, false));

    feed(&catalog, Script::says("two", vec![])).await;
    let explanation = explain(&catalog, "a");
    assert_eq!((explanation.state, explanation.last_good), (EntityState::Quarantined, None));
    assert_eq!(standings(&explanation), [("e", Standing::Quarantined, false)]);
}

#[tokio::test]
async fn a_reference_that_is_not_there() {
    let catalog = empty().await;
    let documents = vec![
        file("f", &[pointing("a", "cart")]),
        file("services/cart/catalog-info.yaml", &["kind: [\n".to_owned()]),
        file("services/other/catalog-info.yaml", &["kind: [\n".to_owned()]),
        file("g", &[resource("cart", "x").replace("name: cart", "name: cart, namespace: shop")]),
    ];
    feed(&catalog, Script::says("s", documents)).await;
    let explanation = explain(&catalog, "cart");
    assert_eq!(explanation.state, EntityState::Unknown);
    assert_eq!(explanation.reason, "nothing describes it; one relation points at it");
    assert_eq!(explanation.unread.len(), 1);
    assert_eq!(&*explanation.unread[0].claimant.location, "services/cart/catalog-info.yaml");
    assert_eq!(explanation.namesakes[0].as_str(), "resource:shop/cart");
    assert_eq!(explain(&catalog, "nobody").reason, "nothing describes it or points at it");
}

#[tokio::test]
async fn the_story_survives_a_reopening_and_is_plain_data() {
    let log = Arc::new(MemoryLog::new());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    feed(&catalog, Script::says("one", vec![file("f", &[resource("a", "x")])])).await;
    feed(&catalog, Script::says("two", vec![file("g", &[resource("a", "[1]")])])).await;
    let before = explain(&catalog, "a");
    catalog.compact(&Retention::nothing()).await.unwrap();
    assert_eq!(explain(&Catalog::open(log).await.unwrap(), "a"), before);
    let json = serde_json::to_value(&before).unwrap();
    assert_eq!(json["state"], "conflicted");
    assert_eq!(json["lastGood"], 1);
    assert_eq!(json["claims"][1]["source"], "two");
    assert_eq!(json["claims"][1]["standing"], "quarantined");
}

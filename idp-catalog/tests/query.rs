//! Queries: order, pages, facets, graphs.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::given::{location, names, snapshot};
use idp_catalog::{Direction, GraphQuery, Query};
use idp_core::Predicate;
use serde_json::json;

#[test]
fn order_by_several_fields_numbers_as_numbers_missing_last() {
    let snapshot = snapshot(vec![
        location("a", json!({"n": 10})),
        location("b", json!({"n": 9, "s": "x"})),
        location("c", json!({"s": "X"})),
        location("d", json!({"n": 10, "s": "y"})),
    ]);
    let ask = |query: Query| {
        let answer = snapshot.query(&query).unwrap();
        names(&answer.items).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask(Query::all().order_by("spec.n", Direction::Ascending)), ["b", "a", "d", "c"]);
    assert_eq!(ask(Query::all().order_by("spec.n", Direction::Descending)), ["a", "d", "b", "c"]);
    let both =
        Query::all().order_by("Spec.S", Direction::Descending).order_by("spec.n", Direction::Ascending);
    assert_eq!(ask(both), ["d", "b", "c", "a"]);
}

#[test]
fn pages_cover_everything_once() {
    let snapshot = snapshot((0..7).map(|i| location(&format!("l{i}"), json!({"n": i % 2}))).collect());
    let query = Query::all().order_by("spec.n", Direction::Descending).limit(2);
    let (mut seen, mut page) = (Vec::new(), snapshot.query(&query).unwrap());
    loop {
        assert_eq!((page.total, page.moved), (7, false));
        seen.extend(names(&page.items).into_iter().map(str::to_owned));
        let Some(next) = page.next else { break };
        page = snapshot.query(&query.clone().after(next)).unwrap();
    }
    assert_eq!(seen, ["l1", "l3", "l5", "l0", "l2", "l4", "l6"]);
    assert!(snapshot.query(&Query::all().limit(0)).unwrap().items.is_empty());
}

#[test]
fn a_cursor_belongs_to_its_query() {
    let snapshot = snapshot((0..3).map(|i| location(&format!("l{i}"), json!({}))).collect());
    let next = snapshot.query(&Query::all().limit(1)).unwrap().next.unwrap();
    let other = Query::matching(Predicate::exists("kind")).after(next.clone());
    assert!(snapshot.query(&other).is_err());
    for bad in ["", "!!!", "AAAA", &next[1..]] {
        assert!(snapshot.query(&Query::all().after(bad)).is_err(), "{bad}");
    }
}

#[test]
fn facets_count_entities_by_spelling() {
    let snapshot = snapshot(vec![
        location("a", json!({"t": ["Java", "go"]})),
        location("b", json!({"t": ["java", "go"]})),
        location("c", json!({})),
    ]);
    let facet = snapshot.facet(&Predicate::equals("spec.t", "GO"), "spec.t").unwrap();
    let values: Vec<_> = facet.values.iter().map(|it| (&*it.value, it.count)).collect();
    assert_eq!(values, [("Java", 1), ("go", 2), ("java", 1)]);
    assert!(snapshot.facet(&Predicate::All(vec![]), "nope").unwrap().values.is_empty());
}

#[test]
fn graphs_go_both_ways_and_stop() {
    let resource = |name: &str, on: &[&str]| {
        json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": {"name": name},
               "spec": {"type": "t", "owner": "team", "dependsOn": on}})
    };
    let snapshot = snapshot(vec![
        resource("a", &["resource:b"]),
        resource("b", &["resource:c"]),
        resource("c", &["resource:a", "resource:gone"]),
    ]);
    let around = |depth| {
        let start = "resource:b".parse().unwrap();
        snapshot.graph(&GraphQuery::around(start).depth(depth).only("dependsOn"))
    };
    assert_eq!(around(0).nodes.len(), 1);
    assert_eq!((around(1).nodes.len(), around(1).edges.len()), (3, 2));
    assert_eq!((around(9).nodes.len(), around(9).edges.len()), (4, 4));
    assert!(!around(9).nodes[&"resource:gone".parse().unwrap()]);
    assert_eq!(snapshot.graph(&GraphQuery::all()).edges.len(), 7);
}

//! Queries: the index and the evaluator agree; pages, order, facets.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;

use idp_catalog::{Catalog, Direction, GraphQuery, Query, Snapshot};
use idp_core::{Comparison, Document, MemoryLog, Page, Predicate, Result, Source, SourceContext, SourceInfo};
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug)]
struct Given(Vec<Value>);

#[async_trait::async_trait]
impl Source for Given {
    fn info(&self) -> SourceInfo {
        SourceInfo::new("given", "given entities")
    }

    async fn page(&self, _: &SourceContext, _: Option<&idp_core::Cursor>) -> Result<Page> {
        let numbered = self.0.iter().enumerate();
        Ok(Page::complete(numbered.map(|(i, it)| Document::entity(i.to_string(), it.clone())).collect()))
    }
}

fn snapshot(entities: Vec<Value>) -> Arc<Snapshot> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
        // In two steps, so that the index is also built by change and removal.
        let half = entities.len() / 2;
        let _ = catalog.ingest(&Given(entities[half..].to_vec())).await.unwrap();
        let _ = catalog.ingest(&Given(entities)).await.unwrap();
        catalog.snapshot()
    })
}

fn location(name: &str, extra: Value) -> Value {
    let mut spec = json!({"type": "url"});
    spec.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": name}, "spec": spec})
}

fn names(items: &[Arc<idp_catalog::Record>]) -> Vec<&str> {
    items.iter().map(|record| record.entity_ref().name()).collect()
}

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
    let facet = snapshot.facet(&Predicate::equals("spec.t", "GO"), "spec.t");
    let values: Vec<_> = facet.values.iter().map(|it| (&*it.value, it.count)).collect();
    assert_eq!(values, [("Java", 1), ("go", 2), ("java", 1)]);
    assert!(snapshot.facet(&Predicate::All(vec![]), "nope").values.is_empty());
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

fn fields() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "spec.a",
        "spec.B",
        "spec.c",
        "metadata.name",
        "spec.a.x",
        "kind",
        "spec.nothing",
    ])
    .prop_map(str::to_owned)
}

fn comparisons() -> impl Strategy<Value = Comparison> {
    prop::sample::select(vec![Comparison::Less, Comparison::AtMost, Comparison::AtLeast, Comparison::Greater])
}

fn predicates() -> impl Strategy<Value = Predicate> {
    let values = prop::collection::vec(prop::sample::select(vec!["x", "Y", "1", "true", "l1", ""]), 0..3);
    let leaf = prop_oneof![
        fields().prop_map(Predicate::Exists),
        (fields(), prop::sample::select(vec!["", "X", "l", "tr"]))
            .prop_map(|(field, it)| Predicate::prefix(field, it)),
        (fields(), comparisons(), prop::sample::select(vec!["1", "0.5", "X", "y", "l1", ""]))
            .prop_map(|(field, side, bound)| Predicate::compare(field, side, bound)),
        (fields(), values).prop_map(|(field, values)| Predicate::one_of(field, values)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            several.clone().prop_map(Predicate::All),
            several.prop_map(Predicate::Any),
            inner.prop_map(Predicate::negate),
        ]
    })
}

fn specs() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        Just(json!("x")),
        Just(json!("y")),
        Just(json!("")),
        Just(json!(1)),
        Just(json!(true)),
    ];
    let value = prop_oneof![
        scalar.clone(),
        prop::collection::vec(scalar.clone(), 0..3).prop_map(Value::from),
        scalar.prop_map(|it| json!({ "x": it })),
    ];
    prop::collection::btree_map(prop::sample::select(vec!["a", "b", "c"]), value, 0..3)
        .prop_map(|map| json!(map))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_index_finds_what_the_evaluator_accepts(
        specs in prop::collection::vec(specs(), 0..12),
        predicates in prop::collection::vec(predicates(), 1..8),
    ) {
        let entities = specs.into_iter().enumerate().map(|(i, spec)| location(&format!("l{i}"), spec)).collect();
        let snapshot = snapshot(entities);
        for predicate in predicates {
            let found = snapshot.query(&Query::matching(predicate.clone())).unwrap();
            let accepted: Vec<_> =
                snapshot.iter().filter(|record| snapshot.matches(&predicate, record.entity_ref())).collect();
            prop_assert_eq!(found.items.iter().collect::<Vec<_>>(), accepted);
            prop_assert_eq!(found.total, snapshot.count(&predicate));
        }
    }

    #[test]
    fn parsing_a_filter_never_panics(text in ".*") {
        let _ = idp_catalog::parse_filter(&text);
        let _ = idp_catalog::parse_predicate(&text);
    }
}

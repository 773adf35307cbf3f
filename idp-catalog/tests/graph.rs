//! Graph questions.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::given::snapshot;
use idp_catalog::{Follow, Graph, GraphQuery, Hop, Snapshot, Way};
use idp_core::EntityRef;
use proptest::prelude::*;
use serde_json::{Value, json};

fn entity(kind: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec})
}

fn resource(name: &str, on: &[&str]) -> Value {
    entity("Resource", name, json!({"type": "t", "owner": "team", "dependsOn": on}))
}

fn reference(text: &str) -> EntityRef {
    text.parse().unwrap()
}

fn names<'r>(refs: impl IntoIterator<Item = &'r EntityRef>) -> String {
    refs.into_iter().map(EntityRef::name).collect::<Vec<_>>().join(" ")
}

fn told(hops: &[Hop]) -> Vec<String> {
    let tell = |hop: &Hop| {
        format!("{} {} ({} of {})", hop.r#type, hop.to.name(), hop.edge.field, hop.edge.from.name())
    };
    hops.iter().map(tell).collect()
}

#[test]
fn graphs_go_both_ways_and_stop() {
    let snapshot = snapshot(vec![
        resource("a", &["resource:b"]),
        resource("b", &["resource:c"]),
        resource("c", &["resource:a", "resource:gone"]),
    ]);
    let around = |query: GraphQuery| {
        let graph = snapshot.graph(&query.only("dependsOn"));
        (graph.nodes.len(), graph.edges.len())
    };
    let b = || GraphQuery::around(reference("resource:b"));
    assert_eq!(around(b().depth(0)), (1, 0));
    assert_eq!(around(b().depth(1)), (3, 2));
    assert_eq!(around(b().depth(9)), (4, 4));
    assert_eq!(around(b().depth(1).way(Way::Out)), (2, 1));
    assert_eq!(around(b().depth(9).way(Way::In)), (3, 3));
    assert_eq!(around(GraphQuery::all()), (4, 4));
    let among = ["resource:a", "resource:c", "resource:gone"].map(reference);
    assert_eq!(around(GraphQuery::among(among)), (3, 2));
    let limited = snapshot.graph(&b().depth(9).limit(2));
    assert!(limited.truncated && limited.nodes.len() == 2);
    assert!(!snapshot.graph(&b().depth(9)).nodes[&reference("resource:gone")]);
    assert_eq!(snapshot.graph(&GraphQuery::all()).edges.len(), 7);
}

/// An API's consumers fall with the component that provides it.
#[test]
fn impact_says_who_is_affected_and_why() {
    let component = |name: &str, extra: Value| {
        let mut spec = json!({"type": "service", "lifecycle": "production", "owner": "team"});
        spec.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        entity("Component", name, spec)
    };
    let snapshot = snapshot(vec![
        resource("db", &[]),
        component(
            "cart",
            json!({"dependsOn": ["resource:other", "resource:db"], "providesApis": ["cart-api"]}),
        ),
        component("web", json!({"consumesApis": ["cart-api"]})),
        component("alone", json!({})),
    ]);
    let impact = snapshot.impact(&reference("resource:db"));
    assert_eq!(names(impact.refs()), "cart cart-api web");
    assert_eq!(
        impact.others().map(|it| (it.distance, it.exists)).collect::<Vec<_>>(),
        [(1, true), (2, false), (3, true)]
    );
    assert_eq!(
        told(&impact.path(&reference("component:web")).unwrap()),
        [
            "dependencyOf cart (spec.dependsOn[1] of cart)",
            "providesApi cart-api (spec.providesApis[0] of cart)",
            "apiConsumedBy web (spec.consumesApis[0] of web)",
        ]
    );
    assert!(impact.path(&reference("component:alone")).is_none());
    // What is not there is depended on all the same.
    assert_eq!(names(snapshot.impact(&reference("resource:other")).refs()), "cart cart-api web");
}

#[test]
fn the_shortest_path_is_found_whoever_declares_the_relations() {
    let mut declared_by_target = resource("b", &[]);
    declared_by_target["spec"]["dependencyOf"] = json!(["resource:a"]);
    let snapshot = snapshot(vec![
        resource("a", &["resource:x"]),
        resource("x", &["resource:y"]),
        resource("y", &["resource:c"]),
        declared_by_target,
        resource("c", &[]),
        entity(
            "Resource",
            "d",
            json!({"type": "t", "owner": "team", "dependsOn": ["resource:c"], "dependencyOf": ["resource:b"]}),
        ),
    ]);
    let path = |from: &str, to: &str, follow: &Follow| {
        snapshot.path(&reference(from), &reference(to), follow).map(|hops| told(&hops))
    };
    let depends = Follow::only(["dependsOn"]);
    assert_eq!(
        path("resource:a", "resource:d", &depends).unwrap(),
        ["dependsOn b (spec.dependencyOf[0] of b)", "dependsOn d (spec.dependencyOf[0] of d)"]
    );
    assert_eq!(path("resource:a", "resource:c", &depends).unwrap().len(), 3);
    assert_eq!(path("resource:c", "resource:a", &depends), None);
    assert_eq!(path("resource:c", "resource:a", &depends.clone().way(Way::In)).unwrap().len(), 3);
    assert_eq!(path("resource:a", "resource:c", &depends.clone().depth(2)), None);
    assert_eq!(path("resource:a", "resource:a", &depends).unwrap(), [""; 0]);
}

#[test]
fn cycles_are_listed_once() {
    let snapshot = snapshot(vec![
        resource("a", &["resource:b"]),
        resource("b", &["resource:a", "resource:c"]),
        resource("c", &["resource:d"]),
        resource("d", &["resource:e"]),
        resource("e", &["resource:c"]),
        resource("self", &["resource:self"]),
        resource("leaf", &["resource:a"]),
    ]);
    let cycles = snapshot.cycles(&Follow::only(["dependsOn"]));
    assert_eq!(cycles.iter().map(names).collect::<Vec<_>>(), ["a b", "c d e", "self"]);
    assert!(snapshot.cycles(&Follow::only(["partOf"])).is_empty());
}

fn organisation() -> Arc<Snapshot> {
    let group = |name: &str, parent: Option<&str>, members: &[&str]| {
        entity("Group", name, json!({"type": "team", "parent": parent, "children": [], "members": members}))
    };
    let user = |name: &str, groups: &[&str]| entity("User", name, json!({"memberOf": groups}));
    let owned = |name: &str, owner: &str| entity("Resource", name, json!({"type": "t", "owner": owner}));
    snapshot(vec![
        group("company", None, &[]),
        group("shop", Some("company"), &["ada"]),
        group("cart", Some("shop"), &[]),
        // A group that is its own ancestor.
        group("loop", Some("loop"), &["eve"]),
        user("ada", &[]),
        user("ben", &["cart"]),
        user("eve", &[]),
        owned("basket", "cart"),
        owned("till", "shop"),
        owned("desk", "user:ben"),
        owned("knot", "loop"),
    ])
}

#[test]
fn ownership_goes_through_groups() {
    let snapshot = organisation();
    let ownership = |text: &str| {
        let found = snapshot.ownership(&reference(text));
        [names(&found.owners), names(&found.above), names(&found.responsible)]
    };
    assert_eq!(ownership("resource:basket"), ["cart", "shop company", "ben"]);
    assert_eq!(ownership("resource:till"), ["shop", "company", "ada ben"]);
    assert_eq!(ownership("resource:desk"), ["ben", "", "ben"]);
    assert_eq!(ownership("resource:knot"), ["loop", "", "eve"]);
    assert_eq!(ownership("resource:gone"), ["", "", ""]);
    let owned = |text: &str| names(&snapshot.owned_by(&reference(text)));
    assert_eq!(owned("group:company"), "basket till");
    assert_eq!(owned("group:cart"), "basket");
    assert_eq!(owned("user:ben"), "basket desk");
    assert_eq!(owned("group:loop"), "knot");
}

#[test]
fn membership_goes_up_and_down() {
    let snapshot = organisation();
    assert_eq!(names(&snapshot.members_of(&reference("group:company"))), "ada ben");
    assert_eq!(names(&snapshot.members_of(&reference("group:cart"))), "ben");
    assert_eq!(names(&snapshot.groups_of(&reference("user:ben"))), "cart shop company");
    assert_eq!(names(&snapshot.groups_of(&reference("user:eve"))), "loop");
}

#[test]
fn dangling_relations_name_their_field() {
    let snapshot = snapshot(vec![resource("a", &["resource:b", "resource:gone"]), resource("b", &[])]);
    let dangling =
        snapshot.dangling().map(|edge| format!("{} {} {}", edge.from.name(), edge.to.name(), edge.field));
    assert_eq!(
        dangling.collect::<Vec<_>>(),
        ["a gone spec.dependsOn[1]", "a team spec.owner", "b team spec.owner"]
    );
}

#[test]
fn graphs_are_drawn() {
    let snapshot = snapshot(vec![resource("a", &["resource:\"x\" y"])]);
    let graph = snapshot.graph(&GraphQuery::around(reference("resource:a")).only("dependsOn"));
    assert_eq!(
        graph.to_dot(),
        r#"digraph catalog {
  rankdir=LR;
  node [shape=box, style=rounded];
  "resource:default/\"x\" y" [style="rounded,dashed"];
  "resource:default/a";
  "resource:default/a" -> "resource:default/\"x\" y" [label="dependsOn"];
}
"#
    );
    assert_eq!(
        graph.to_mermaid(),
        r#"flowchart LR
  n0["resource:default/#quot;x#quot; y"]
  style n0 stroke-dasharray: 4
  n1["resource:default/a"]
  n1 -->|"dependsOn"| n0
"#
    );
    assert_eq!(
        serde_json::to_value(&graph).unwrap(),
        json!({
            "nodes": [
                {"ref": "resource:default/\"x\" y", "exists": false},
                {"ref": "resource:default/a", "exists": true},
            ],
            "edges": [{"from": "resource:default/a", "type": "dependsOn", "to": "resource:default/\"x\" y",
                       "field": "spec.dependsOn[0]"}],
            "truncated": false,
        })
    );
    let path =
        snapshot.path(&reference("resource:a"), &reference("group:team"), &Follow::all(Way::Out)).unwrap();
    assert_eq!(Graph::of_hops(&snapshot, &reference("resource:a"), &path).edges.len(), 1);
}

/// A chain so long that following it by recursion would end the process.
#[test]
fn long_chains_are_followed() {
    let names: Vec<String> = (0..5_000).map(|i| format!("r{i:05}")).collect();
    let links = names.iter().zip(names.iter().cycle().skip(1));
    let snapshot =
        snapshot(links.map(|(name, next)| resource(name, &[&format!("resource:{next}")])).collect());
    let depends = Follow::only(["dependsOn"]);
    let reach = snapshot.reach(&reference("resource:r00000"), &depends);
    assert_eq!(reach.others().last().unwrap().distance, 4_999);
    assert_eq!(reach.path(&reference("resource:r04999")).unwrap().len(), 4_999);
    assert_eq!(snapshot.cycles(&depends)[0].len(), 5_000);
}

type Links = BTreeMap<u8, BTreeSet<u8>>;

fn linked(links: &Links) -> Arc<Snapshot> {
    let name = |i: &u8| format!("r{i}");
    let resource = |(from, to): (&u8, &BTreeSet<u8>)| {
        let on: Vec<String> = to.iter().map(|it| format!("resource:{}", name(it))).collect();
        entity("Resource", &name(from), json!({"type": "t", "owner": "team", "dependsOn": on}))
    };
    snapshot(links.iter().map(resource).collect())
}

/// How far everything is from a start, by asking again and again.
fn distances(links: &Links, start: u8) -> BTreeMap<u8, usize> {
    let mut found = BTreeMap::from([(start, 0)]);
    for distance in 1..=links.len() + 1 {
        let last: Vec<u8> =
            found.iter().filter(|(_, at)| **at == distance - 1).map(|(node, _)| *node).collect();
        for next in last.iter().filter_map(|node| links.get(node)).flatten() {
            found.entry(*next).or_insert(distance);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn reach_is_the_closure_and_its_paths_are_shortest(
        links in prop::collection::btree_map(0_u8..8, prop::collection::btree_set(0_u8..8, 0..4), 1..8),
    ) {
        let snapshot = linked(&links);
        let depends = Follow::only(["dependsOn"]);
        for start in links.keys() {
            let start_ref = reference(&format!("resource:r{start}"));
            let reach = snapshot.reach(&start_ref, &depends);
            let found: BTreeMap<u8, usize> = reach
                .others()
                .map(|it| (it.entity_ref.name()[1..].parse().unwrap(), it.distance))
                .chain([(*start, 0)])
                .collect();
            prop_assert_eq!(&found, &distances(&links, *start));
            for (node, distance) in found {
                let to = reference(&format!("resource:r{node}"));
                let path = reach.path(&to).unwrap();
                prop_assert_eq!(path.len(), distance);
                prop_assert_eq!(path.last().map_or(&start_ref, |hop| &hop.to), &to);
                prop_assert_eq!(snapshot.path(&start_ref, &to, &depends).map(|it| it.len()), Some(distance));
            }
        }
    }

    #[test]
    fn entities_are_in_one_cycle_where_each_reaches_the_other(
        links in prop::collection::btree_map(0_u8..8, prop::collection::btree_set(0_u8..8, 0..3), 1..8),
    ) {
        let cycles = linked(&links).cycles(&Follow::only(["dependsOn"]));
        let together = |a: u8, b: u8| {
            let [a, b] = [a, b].map(|it| reference(&format!("resource:r{it}")));
            cycles.iter().any(|cycle| cycle.contains(&a) && cycle.contains(&b))
        };
        for (a, b) in links.keys().flat_map(|a| links.keys().map(move |b| (*a, *b))) {
            let reaches = |from: u8, to: u8| {
                links[&from].iter().any(|next| distances(&links, *next).contains_key(&to))
            };
            prop_assert_eq!(together(a, b), reaches(a, b) && reaches(b, a), "{} {}", a, b);
        }
    }
}

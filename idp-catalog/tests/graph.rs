//! Graph questions.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::given::snapshot;
use idp_catalog::GraphQuery;
use serde_json::json;

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

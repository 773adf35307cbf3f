//! Asking the sample company's catalog: queries and the graph.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use serde_json::{Value, json};
use support::Company;

fn json(company: &Company, command: &str, arguments: &[&str]) -> Value {
    company.json(&[&[command, "--catalog", "catalog", "--format", "json"], arguments].concat())
}

fn refs(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|it| it["ref"].as_str().or(it.as_str()).unwrap()).collect()
}

#[test]
fn a_query_sorts_shows_counts_and_turns_pages() {
    let company = Company::new();
    let arguments = [
        "kind=component",
        "--sort",
        "metadata.name:desc",
        "--limit",
        "1",
        "--fields",
        "metadata.name",
        "--facet",
        "kind",
    ];
    let first = json(&company, "query", &arguments);
    assert_eq!(first["items"], json!([{"metadata": {"name": "web"}}]));
    assert_eq!(first["totalItems"], 2);
    assert_eq!(
        first["facets"],
        json!([{"field": "kind", "values": [{"value": "Component", "count": 2}], "total": 1}])
    );
    let next = first["nextCursor"].as_str().unwrap();
    let second = json(&company, "query", &[&arguments[..], &["--cursor", next]].concat());
    assert_eq!(second["items"], json!([{"metadata": {"name": "cart"}}]));
    assert!(second["nextCursor"].is_null() && second["prevCursor"].is_string());

    let found = json(&company, "query", &["--search", "shop pages", "--fields", "metadata.name"]);
    assert_eq!(found["items"], json!([{"metadata": {"name": "web"}}]));
    let nulls = ["--sort", "spec.lifecycle", "--nulls", "exclude", "kind in (component, group)"];
    assert_eq!(json(&company, "query", &nulls)["totalItems"], 2);
}

#[test]
fn a_condition_that_is_none_is_shown_with_its_place() {
    let company = Company::new();
    let output = company.run(&["query", "--catalog", "catalog", "kind = component && spec.owner exists"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("filter:1:18") && message.contains("did you mean `and`?"), "{message}");
}

#[test]
fn the_graph_answers() {
    let company = Company::new();
    let ask = |arguments: &[&str]| json(&company, "graph", arguments);
    let impact = ask(&["resource:orders-db", "--impact"]);
    let affected = ["component:default/cart", "api:default/cart-api", "component:default/web"];
    assert_eq!(refs(&impact["affected"]), affected);
    assert_eq!(impact["affected"][0]["via"]["edge"]["field"], "spec.dependsOn[0]");
    assert_eq!(ask(&["component:web", "--to", "resource:orders-db"])["path"].as_array().unwrap().len(), 2);
    let owners = ask(&["component:cart", "--owners"]);
    assert_eq!(refs(&owners["above"]), ["group:default/engineering"]);
    assert_eq!(refs(&owners["responsible"]), ["user:default/developer"]);
    assert_eq!(refs(&ask(&["group:engineering", "--members"])["items"]), ["user:default/developer"]);
    assert_eq!(refs(&ask(&["group:engineering", "--owned"])["items"]).len(), 6);
}

#[test]
fn the_graph_says_by_its_exit_status_that_there_is_something_to_see_to() {
    let company = Company::new();
    let status = |arguments: &[&str]| {
        let arguments = [&["graph", "--catalog", "catalog"], arguments].concat();
        company.run(&arguments).status.code().unwrap()
    };
    assert_eq!(status(&["--cycles"]), 0);
    assert_eq!(status(&["--dangling"]), 0);
    let text = "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: knot\nspec:\n  type: t\n  owner: nobody\n  dependsOn: [\"resource:knot\"]\n";
    std::fs::write(company.path("catalog/knot.yaml"), text).unwrap();
    assert_eq!(status(&["--cycles"]), 1);
    assert_eq!(status(&["--dangling"]), 1);
    assert_eq!(status(&["resource:knot", "--to", "component:web"]), 1);
    assert_eq!(status(&["--impact"]), 2);
    assert_eq!(status(&["resource:knot", "--impact", "--owners"]), 2);
}

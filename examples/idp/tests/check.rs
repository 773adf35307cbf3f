//! Checking descriptors as a company has set it up.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::process::Output;

use serde_json::Value;
use support::Company;

const QUEUE: &str =
    "apiVersion: acme.io/v1\nkind: Queue\nmetadata: {name: orders}\nspec: {owner: shop, typ: x}\n";
const LAYER: &str = "layer: acme\nkinds:\n  - kind: Queue\n    apiVersions: [acme.io/v1]\n    spec: {properties: {owner: {type: string}, type: {type: string}}}\n    relations: [{field: owner, type: ownedBy, reverse: ownerOf, defaultKind: Group}]\n";

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8_lossy(&output.stderr)
}

/// The codes of the problems of each document.
fn codes(output: &Output) -> Vec<Vec<String>> {
    let code = |it: &Value| it["code"].as_str().unwrap().to_owned();
    let codes = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["diagnostics"].as_array().unwrap().iter().map(code).collect()
    };
    text(output).lines().map(codes).collect()
}

fn with_queue() -> Company {
    let company = Company::new();
    fs::write(company.path("queue.yaml"), QUEUE).unwrap();
    fs::write(company.path("acme.yaml"), LAYER).unwrap();
    company
}

#[test]
fn the_company_is_as_strict_as_can_be() {
    let output = Company::new().run(&[
        "check",
        "--profile",
        "strict",
        "catalog",
        "templates/java-service/template.yaml",
    ]);
    assert_eq!(status(&output), 0, "{}", text(&output));
}

#[test]
fn the_model_and_the_profile_come_from_the_command_line() {
    let company = with_queue();
    let check =
        |arguments: &[&str]| company.run(&[&["check", "queue.yaml", "--format", "json"], arguments].concat());
    let unknown = check(&[]);
    assert_eq!((status(&unknown), codes(&unknown)), (1, vec![vec!["unknown-kind".to_owned()]]));
    let known = check(&["--model", "acme.yaml"]);
    assert_eq!((status(&known), codes(&known)), (0, vec![vec![]]));
    let strict = check(&["--model", "acme.yaml", "--profile", "strict"]);
    assert_eq!(status(&strict), 1);
    assert_eq!(codes(&strict), [["dangling-reference", "misspelt-field"]]);
    for wrong in [&["--profile", "lax"][..], &["--model", "nowhere.yaml"], &["--model", "queue.yaml"]] {
        assert_eq!(status(&check(wrong)), 2, "{wrong:?}");
    }
}

#[test]
fn the_model_and_the_profile_come_from_the_configuration() {
    let company = with_queue();
    let configuration = "profile: strict\nmodels: [acme.yaml]\nseverities: {dangling-reference: warning, misspelt-field: off}\n";
    fs::write(company.path("idp.yaml"), configuration).unwrap();
    let output = company.run(&["check", "queue.yaml", "--format", "json"]);
    assert_eq!((status(&output), codes(&output)), (0, vec![vec!["dangling-reference".to_owned()]]));
    let queried = company.json(&["query", "--catalog", "queue.yaml", "kind=queue", "--format", "json"]);
    assert_eq!(queried["totalItems"], 1, "every command knows the kind");
}

#[test]
fn references_are_looked_for_in_all_files() {
    let company = with_queue();
    let check = ["check", "--profile", "strict", "--model", "acme.yaml", "queue.yaml"];
    let dangling = company.run(&check);
    assert!(
        text(&dangling).contains("`spec.owner` refers to `group:default/shop`, which is not there"),
        "{}",
        text(&dangling)
    );
    let together = company.run(&[&check[..], &["catalog"]].concat());
    assert_eq!(status(&together), 0, "{}", text(&together));
}

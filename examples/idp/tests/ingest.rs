//! Filling a catalog file from directories, and asking it why.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::process::Output;

use serde_json::Value;
use support::Company;

fn resource(name: &str, kind: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: {name}\nspec:\n  type: {kind}\n  owner: group:shop\n"
    )
}

/// Twelve resources in a folder of their own.
fn fleet(company: &Company) {
    fs::create_dir(company.path("fleet")).unwrap();
    for index in 0..12 {
        let file = company.path(&format!("fleet/r{index}.yaml"));
        fs::write(file, resource(&format!("r{index}"), "queue")).unwrap();
    }
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_state_is_filled_previewed_and_refreshed() {
    let company = Company::new();
    fleet(&company);
    let ingest = ["ingest", "--state", "fleet.db", "fleet", "company=catalog"];

    let dry = company.run(&[&ingest[..], &["--dry-run"]].concat());
    assert_eq!(status(&dry), 0, "{}", text(&dry));
    assert!(text(&dry).contains("  + resource:default/r11\n"), "{}", text(&dry));
    assert!(!company.path("fleet.db").exists(), "a dry run makes no file");

    let first = company.run(&ingest);
    assert_eq!(status(&first), 0, "{}", text(&first));
    assert!(text(&first).starts_with("directory:fleet: 12 added, 0 updated, 0 removed, 0 unchanged\n"));
    let again = json(&company.run(&[&ingest[..], &["--format", "json"]].concat()));
    assert_eq!(again["sources"][0]["counts"]["unchanged"], 12);
    assert_eq!(again["sources"][1]["source"], "company");

    fs::write(company.path("fleet/r0.yaml"), resource("r0", "topic")).unwrap();
    let dry = text(&company.run(&[&ingest[..], &["--dry-run"]].concat()));
    assert!(dry.contains("  ~ resource:default/r0\n      spec.type: \"queue\" → \"topic\"\n"), "{dry}");
    let dry = json(&company.run(&[&ingest[..], &["--dry-run", "--format", "json"]].concat()));
    assert_eq!(dry["sources"][0]["difference"]["changed"][0]["fields"][0]["path"], "spec.type");
    let stored = company.json(&["query", "--catalog", "fleet.db", "spec.type=topic", "--format", "json"]);
    assert_eq!(stored["totalItems"], 0, "a dry run writes nothing");
}

#[test]
fn a_mass_deletion_waits_for_a_yes() {
    let company = Company::new();
    fleet(&company);
    let ingest = ["ingest", "--state", "fleet.db", "fleet"];
    assert_eq!(status(&company.run(&ingest)), 0);
    for index in 1..12 {
        fs::remove_file(company.path(&format!("fleet/r{index}.yaml"))).unwrap();
    }
    let held = company.run(&ingest);
    assert_eq!(status(&held), 1);
    assert!(
        text(&held).contains("error[mass-deletion]: `directory:fleet` no longer has 11 of its 12 entities")
    );
    assert!(text(&held).ends_with("fleet.db has 12 entities at revision 12\n"), "{}", text(&held));
    let confirmed = company.run(&[&ingest[..], &["--confirm-removals"]].concat());
    assert_eq!(status(&confirmed), 0);
    assert!(text(&confirmed).ends_with("fleet.db has 1 entities at revision 23\n"), "{}", text(&confirmed));
}

#[test]
fn findings_are_told_with_their_place_and_explained() {
    let company = Company::new();
    fleet(&company);
    let ingest = ["ingest", "--state", "fleet.db", "fleet"];
    assert_eq!(status(&company.run(&ingest)), 0);
    fs::write(company.path("fleet/r0.yaml"), resource("r0", "[1]")).unwrap();
    let output = company.run(&ingest);
    assert_eq!(status(&output), 1);
    assert!(text(&output).contains("  fleet/r0.yaml:6:"), "{}", text(&output));

    let explain =
        |arguments: &[&str]| company.run(&[&["explain", "--catalog", "fleet.db"], arguments].concat());
    let stale = explain(&["resource:r0"]);
    assert_eq!(status(&stale), 1);
    assert!(text(&stale).starts_with("resource:default/r0 is stale\n"), "{}", text(&stale));
    let missing = explain(&["group:shop", "--format", "json"]);
    assert_eq!((status(&missing), &json(&missing)["state"]), (1, &Value::from("unknown")));
    assert_eq!(json(&missing)["incoming"].as_array().unwrap().len(), 12);
}

#[test]
fn what_is_wrong_with_the_call_changes_nothing() {
    let company = Company::new();
    for arguments in [&["catalog", "catalog/"][..], &["catalog", "nowhere"], &[]] {
        let output = company.run(&[&["ingest", "--state", "x.db"], arguments].concat());
        assert_eq!(status(&output), 2, "{arguments:?}");
        assert!(!company.path("x.db").exists());
    }
}

#[test]
fn whose_word_counts_is_configured_and_everything_amiss_is_listed() {
    let company = Company::new();
    fleet(&company);
    fs::create_dir(company.path("org")).unwrap();
    fs::write(company.path("org/r0.yaml"), resource("r0", "topic")).unwrap();
    fs::write(company.path("idp.yaml"), "precedence: [org]\norphans: keep\n").unwrap();
    let ingest = ["ingest", "--state", "fleet.db", "fleet", "org=org"];
    assert_eq!(status(&company.run(&ingest)), 1, "a conflict is a finding");
    let explain =
        |arguments: &[&str]| company.run(&[&["explain", "--catalog", "fleet.db"], arguments].concat());
    let disputed = json(&explain(&["resource:r0", "--format", "json"]));
    assert_eq!((&disputed["state"], &disputed["claims"][0]["source"]), (&"conflicted".into(), &"org".into()));

    let listed = explain(&[]);
    assert_eq!(status(&listed), 1);
    assert!(
        text(&listed).starts_with("resource:default/r0  conflicted: 2 locations describe it"),
        "{}",
        text(&listed)
    );
    assert_eq!(status(&explain(&["--state", "stale"])), 0, "none is stale");
    assert_eq!(status(&explain(&["--state", "lost"])), 2, "there is no such state");

    fs::remove_file(company.path("fleet/r1.yaml")).unwrap();
    company.run(&ingest);
    let orphan = text(&explain(&["resource:r1"]));
    assert!(
        orphan.starts_with("resource:default/r1 is an orphan\n  `directory:fleet` no longer has it"),
        "{orphan}"
    );
    let query = company.json(&[
        "query",
        "--catalog",
        "fleet.db",
        "metadata.annotations.backstage.io/orphan=true",
        "--format",
        "json",
    ]);
    assert_eq!(query["totalItems"], 1);
}

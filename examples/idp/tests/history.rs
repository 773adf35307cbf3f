//! A catalog file's memory: what was, who did it, what changes.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::fs;

use support::Company;

fn write(company: &Company, kind: &str) {
    let text = format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: cart\nspec:\n  type: {kind}\n  owner: group:shop\n"
    );
    fs::create_dir_all(company.path("fleet")).unwrap();
    fs::write(company.path("fleet/cart.yaml"), text).unwrap();
}

fn text(company: &Company, arguments: &[&str]) -> String {
    let output = company.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Two revisions of one resource.
fn company() -> Company {
    let company = Company::new();
    for kind in ["queue", "topic"] {
        write(&company, kind);
        text(&company, &["ingest", "--state", "fleet.db", "fleet"]);
    }
    company
}

const CART: &str = "resource:default/cart";

#[test]
fn history_difference_and_blame() {
    let company = company();
    let history = text(&company, &["history", CART, "--catalog", "fleet.db"]);
    assert!(
        history.starts_with("revision 1  ")
            && history
                .contains("  changed  cart.yaml (directory:fleet)\n    spec.type: \"queue\" → \"topic\"\n"),
        "{history}"
    );
    let diff = text(&company, &["diff", "1", "--catalog", "fleet.db"]);
    assert_eq!(diff, "  ~ resource:default/cart\n      spec.type: \"queue\" → \"topic\"\n");
    assert_eq!(
        text(&company, &["diff", "2", "2999-01-01T00:00:00Z", "--catalog", "fleet.db"]),
        "nothing changed\n"
    );
    let blame =
        company.json(&["history", CART, "--field", "spec", "--catalog", "fleet.db", "--format", "json"]);
    assert_eq!((&blame[0]["field"], &blame[0]["revision"]), (&"spec.owner".into(), &1.into()));
    assert_eq!((&blame[1]["field"], &blame[1]["revision"]), (&"spec.type".into(), &2.into()));
    let then = text(&company, &["query", "spec.type=queue", "--catalog", "fleet.db", "--at", "1"]);
    assert!(then.starts_with(CART), "{then}");
    assert_eq!(company.run(&["history", "resource:nobody", "--catalog", "fleet.db"]).status.code(), Some(2));
    assert_eq!(company.run(&["query", "--catalog", "fleet", "--at", "1"]).status.code(), Some(2));
}

#[test]
fn a_watch_goes_on_where_it_ended() {
    let company = company();
    let watch = ["watch", "--state", "fleet.db", "--consumer", "bot", "--once"];
    assert!(text(&company, &watch).ends_with("  + resource:default/cart\n"));
    assert_eq!(text(&company, &watch), "");
    write(&company, "bucket");
    text(&company, &["ingest", "--state", "fleet.db", "fleet"]);
    let changes = text(&company, &watch);
    assert!(
        changes.ends_with("  ~ resource:default/cart\n      spec.type: \"topic\" → \"bucket\"\n"),
        "{changes}"
    );
    let from = text(&company, &["watch", "--state", "fleet.db", "--from", "1", "--once", "spec.type=queue"]);
    assert!(from.ends_with("\"queue\" → \"bucket\"\n"), "one page of the log is one step: {from}");
}

#[test]
fn a_compacted_file_answers_all_commands() {
    let company = company();
    let before = text(&company, &["show", CART, "--catalog", "fleet.db"]);
    let compacted = text(&company, &["compact", "--state", "fleet.db", "--keep-days", "0"]);
    assert_eq!(compacted, "history reaches back to revision 2 of 2\n");
    assert_eq!(text(&company, &["show", CART, "--catalog", "fleet.db"]), before);
    let dry = text(&company, &["ingest", "--state", "fleet.db", "fleet", "--dry-run"]);
    assert!(dry.contains("1 unchanged"), "{dry}");
    assert_eq!(company.run(&["diff", "1", "--catalog", "fleet.db"]).status.code(), Some(2));
}

#[test]
fn watch_and_compact_ignored_the_configured_model() {
    let company = company();
    fs::write(company.path("idp.yaml"), "models: [nowhere.yaml]\n").unwrap();
    for arguments in [&["watch", "--once"][..], &["compact"]] {
        let output = company.run(&[arguments, &["--state", "fleet.db"]].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("nowhere.yaml"), "{arguments:?}: {told}");
    }
}

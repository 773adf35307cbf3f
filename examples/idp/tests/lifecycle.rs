//! A plan, its run, a refusal and an undo, from the command line.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use support::Company;

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.display().to_string());
        if path.is_dir() {
            found.extend(files(&path));
        }
    }
    found.sort();
    found
}

#[test]
fn a_plan_writes_nothing_but_the_plan() {
    let company = Company::new();
    let mut before = files(&company.path("."));
    let plan = company.plan();
    assert_eq!(plan["effects"].as_array().unwrap().len(), 4);
    before.push(company.path("./plan.json").display().to_string());
    before.sort();
    assert_eq!(files(&company.path(".")), before);
}

#[test]
fn a_plan_is_applied_once_refused_twice_and_undone() {
    let company = Company::new();
    company.plan();
    let run = company.json(&["apply", "plan.json", "--id", "r", "--format", "json"]);
    assert_eq!((run["status"].as_str(), run["applied"].as_u64()), (Some("completed"), Some(4)));

    let again = company.run(&["apply", "plan.json"]);
    assert_eq!(again.status.code(), Some(3), "the world has moved");
    assert!(String::from_utf8_lossy(&again.stderr).contains("world-moved"));

    let undone = company.json(&["apply", "--undo", "r", "--format", "json"]);
    assert_eq!(undone["status"], "undone");
    assert!(!company.path(".idp/git/example/payments.git").exists());
    let entry = company.run(&["show", "--catalog", ".idp/idp.db", "component:default/payments"]);
    assert!(!entry.status.success(), "the catalog has forgotten it");
}

#[test]
fn usage_and_unknown_things_are_status_2() {
    let company = Company::new();
    for arguments in [
        ["apply"].as_slice(),
        &["apply", "no-such-plan.json"],
        &["apply", "--resume", "no-such-run"],
        &["template", "plan", "no-such-template"],
        &["no-such-command"],
    ] {
        assert_eq!(company.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_changed_plan_is_not_applied() {
    let company = Company::new();
    company.plan();
    let text = std::fs::read_to_string(company.path("plan.json")).unwrap();
    std::fs::write(company.path("plan.json"), text.replace("payments", "somebody-elses")).unwrap();
    let output = company.run(&["apply", "plan.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("changed since it was made"));
    assert!(!company.path(".idp/git").exists());
}

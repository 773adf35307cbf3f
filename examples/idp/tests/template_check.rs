//! Checking templates from the command line.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use support::Company;

const TEMPLATE: &str = "templates/java-service/template.yaml";

/// The company, with something replaced in its template.
fn with(from: &str, to: &str) -> Company {
    let company = Company::new();
    let text = fs::read_to_string(company.path(TEMPLATE)).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(company.path(TEMPLATE), text.replacen(from, to, 1)).unwrap();
    company
}

fn misspelt() -> Company {
    with("name: ${{ parameters.name }}", "name: ${{ parameters.nmae }}")
}

fn check(company: &Company, arguments: &[&str]) -> Output {
    company.run(&[&["template", "check", "templates"], arguments].concat())
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_company_s_template_is_in_order() {
    let output = check(&Company::new(), &["--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(text(&output), "1 templates checked, 0 errors, 0 warnings, 0 notes\n");
}

#[test]
fn an_error_is_shown_with_place_excerpt_help_and_witness() {
    let output = check(&misspelt(), &[]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in [
        "error[undefined-parameter]: no page of the form has a field `nmae`",
        "templates/java-service/template.yaml:73:21",
        "name: ${{ parameters.nmae }}",
        "help: did you mean `name`?",
        "shows with: {\"name\":\"example\"",
        "1 errors",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn warnings_count_where_it_is_strict() {
    let company = with(
        "infrastructure: ${{ parameters.infrastructure }}",
        "infrastructure: \" ${{ parameters.infrastructure }}\"",
    );
    let output = check(&company, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("warning[becomes-text]"), "{}", text(&output));
    assert_eq!(check(&company, &["--strict"]).status.code(), Some(1));
}

#[test]
fn a_mode_decides_whose_filters_there_are() {
    let company = with("name: ${{ parameters.name }}", "name: ${{ parameters.name | split('-') | first }}");
    let backstage = text(&check(&company, &[]));
    assert!(backstage.contains("no filter `split`"), "{backstage}");
    let strict = text(&check(&company, &["--mode", "strict"]));
    assert!(!strict.contains("no filter `split`"), "{strict}");
}

#[test]
fn programs_read_json_and_sarif() {
    let output = check(&misspelt(), &["--format", "json"]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = &line["findings"][0];
    assert_eq!(line["template"], "template:default/java-service");
    assert_eq!((&finding["code"], &finding["line"]), (&"undefined-parameter".into(), &73.into()));
    assert!(finding["witness"]["repoUrl"].is_string(), "{line}");

    let output = check(&misspelt(), &["--format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &log["runs"][0];
    let result = &run["results"][0];
    assert_eq!((&log["version"], &run["tool"]["driver"]["name"]), (&"2.1.0".into(), &"idp".into()));
    assert_eq!((&result["ruleId"], &result["level"]), (&"undefined-parameter".into(), &"error".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], TEMPLATE);
    assert_eq!(
        place["region"],
        serde_json::json!({"startLine": 73, "startColumn": 21, "endLine": 73, "endColumn": 36})
    );
    assert!(result["properties"]["witness"].is_object(), "{result}");
}

#[test]
fn what_is_wrong_with_a_file_s_name_has_no_region() {
    let company = Company::new();
    let folder = "templates/java-service/skeleton";
    fs::write(company.path(folder).join("${{ values.nmae }}.txt"), "").unwrap();
    let output = check(&company, &["--format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "undefined-value", "{log}");
    let uri = format!("{folder}/%24%7B%7B%20values.nmae%20%7D%7D.txt");
    assert_eq!(
        result["locations"],
        serde_json::json!([{"physicalLocation": {"artifactLocation": {"uri": uri}}}])
    );
}

#[test]
fn files_are_found_beside_a_template_that_is_named_without_a_folder() {
    let company = Company::new();
    let folder = company.path("templates/java-service");
    fs::write(folder.join("skeleton/wrong.txt"), "${{ values.nmae }}").unwrap();
    let root = company.path("");
    for (name, at) in [("template.yaml", &folder), ("./template.yaml", &folder), (TEMPLATE, &root)] {
        let output = Command::new(env!("CARGO_BIN_EXE_idp"))
            .args(["template", "check", "--config"])
            .arg(company.path("idp.yaml"))
            .arg(name)
            .current_dir(at)
            .output()
            .unwrap();
        let text = text(&output);
        assert!(text.contains("skeleton/wrong.txt:1:"), "{name}: {text}");
    }
}

#[test]
fn a_skeleton_in_a_repository_is_read_where_that_needs_no_network() {
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path().join("skeletons.git");
    fs::create_dir_all(folder.join("java")).unwrap();
    fs::write(folder.join("java/wrong.txt"), "${{ values.nmae }}").unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        let status = Command::new("git").current_dir(&folder).args(identity).args(arguments).status();
        assert!(status.unwrap().success(), "{arguments:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "A skeleton"]);
    let url = format!("url: file://{}/tree/main/java", folder.display());
    let output = check(&with("url: ./skeleton", &url), &[]);
    assert!(text(&output).contains("tree/main/java/wrong.txt:1:"), "{}", text(&output));

    let output = check(&with("url: ./skeleton", &url), &["--format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let uri = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(*uri, format!("file://{}/tree/main/java/wrong.txt", folder.display()));

    let far = "url: https://github.com/example/skeletons/tree/main/java";
    let output = check(&with("url: ./skeleton", far), &[]);
    assert!(text(&output).contains("info[unread-files]"), "{}", text(&output));
    assert!(text(&output).contains("it is read with `--fetch` only"), "{}", text(&output));
}

#[test]
fn what_cannot_be_read_as_a_template_is_an_error_with_a_place() {
    for (from, to, code) in [
        ("  steps:\n", "  stepz:\n", "template-invalid"),
        ("  type: service\n", "  type: service\n type: x\n", "yaml-"),
    ] {
        let output = check(&with(from, to), &[]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains(code), "{}", text(&output));
    }
    let status = |path| Company::new().run(&["template", "check", path]).status.code();
    assert_eq!((status("nowhere"), status("idp.yaml")), (Some(2), Some(2)));
}

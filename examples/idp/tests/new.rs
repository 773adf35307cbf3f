//! `idp new`, from scripts and on a terminal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use serde_json::{Value, json};
use support::Company;

/// How long the program may take to say what it has to.
const PATIENCE: u64 = 20_000;

const DOWN: &str = "\u{1b}[B";
const ESCAPE: &str = "\u{1b}";
const ENTER: &str = "\r";
const BACKSPACE: &str = "\u{7f}";

const SECRET: &str = "correct-horse";

/// A company with the template that asks every kind of question.
fn company() -> Company {
    let company = Company::new();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/every-kind.yaml");
    std::fs::create_dir(company.path("templates/every-kind")).unwrap();
    std::fs::copy(template, company.path("templates/every-kind/template.yaml")).unwrap();
    company
}

fn terminal(company: &Company, arguments: &[&str]) -> PtySession {
    let mut command = company.command(arguments);
    command.env("TERM", "xterm");
    spawn_command(command, Some(PATIENCE)).unwrap()
}

/// Waits for a question, and types the answer.
fn reply(terminal: &mut PtySession, question: &str, keys: &str) {
    if let Err(error) = terminal.exp_string(question) {
        panic!("{question}: {error}");
    }
    // The prompt listens once it has been drawn as a whole.
    std::thread::sleep(std::time::Duration::from_millis(60));
    terminal.send(keys).unwrap();
    terminal.flush().unwrap();
}

/// The whole of what the program has said until it ended, and its exit status.
fn ended(terminal: &mut PtySession) -> (String, i32) {
    let rest = terminal.exp_eof().unwrap();
    match terminal.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (rest, code),
        other => panic!("{other:?}: {rest}"),
    }
}

/// What the answers came to, as they stand in the repository.
fn published(company: &Company) -> Value {
    let text = company.git("example/payments.git", &["show", "main:catalog-info.yaml"]);
    let entry: Value = serde_yaml::from_str(&text).unwrap();
    entry["spec"]["answers"].clone()
}

#[test]
fn a_terminal_is_asked_every_kind_of_question() {
    let company = company();
    let mut it = terminal(&company, &["new", "every-kind"]);
    it.exp_string("What it is called, and how it runs.").unwrap();
    let typed = |text: &str| format!("{text}{ENTER}");
    reply(&mut it, "Name *:", &typed("Payments"));
    it.exp_string("small letters and dashes").unwrap();
    it.send(&BACKSPACE.repeat(8)).unwrap();
    it.send(&typed("payments")).unwrap();
    it.flush().unwrap();
    reply(&mut it, "Size *:", &typed("12"));
    reply(&mut it, "12 is greater than the maximum of 9", &format!("{BACKSPACE}{BACKSPACE}3{ENTER}"));
    reply(&mut it, "Public:", &typed("y"));
    reply(&mut it, "Tier *:", &typed("silv"));
    reply(&mut it, "Platforms:", &format!(" {DOWN}{DOWN} {ENTER}"));
    reply(&mut it, "Words 1:", &typed("x"));
    it.exp_string("shorter than 2").unwrap();
    reply(&mut it, "Words 1:", &typed("one"));
    reply(&mut it, "Words 2:", &typed("two"));
    reply(&mut it, "Words 3:", ENTER);
    reply(&mut it, "Add to Ports?", &typed("y"));
    reply(&mut it, "Port label *:", &typed("http"));
    reply(&mut it, "Port number:", ENTER);
    reply(&mut it, "Add another to Ports?", &typed("n"));
    reply(&mut it, "CPU:", &typed("0.5"));
    reply(&mut it, "Notes:", &typed("first"));
    reply(&mut it, "...", &typed("second"));
    reply(&mut it, "...", &typed("."));
    reply(&mut it, "Kind:", &typed("data"));
    reply(&mut it, "Engine *:", ENTER);
    it.exp_string("Where it belongs").unwrap();
    reply(&mut it, "Owner *:", &typed("shop"));
    reply(&mut it, "System:", &typed("system:storefront"));
    reply(&mut it, "Uses 1:", &typed("cart"));
    reply(&mut it, "Uses 2:", ENTER);
    reply(&mut it, "Tags 1:", &typed("money"));
    reply(&mut it, "Tags 2:", ENTER);
    reply(&mut it, "Repository (Host):", &format!("{DOWN}{ENTER}"));
    reply(&mut it, "Repository (Owner):", ENTER);
    reply(&mut it, "Repository (Repository):", &typed("payments"));
    reply(&mut it, "Token:", &typed(SECRET));
    reply(&mut it, "Add to Keys?", &typed("y"));
    reply(&mut it, "Key *:", &typed("first-key"));
    reply(&mut it, "Add another to Keys?", &typed("y"));
    reply(&mut it, "Key *:", &typed("second-key"));
    reply(&mut it, "Pins 1:", &typed("314"));
    let pins = it.exp_string("shorter than 4").unwrap();
    assert!(!pins.contains("314"), "{pins}");
    reply(&mut it, "Pins 1:", &typed("2718"));
    reply(&mut it, "Pins 2:", ENTER);
    let plan = it.exp_string("Apply this plan?").unwrap();
    assert!(plan.contains("+ repository file://"), "{plan}");
    assert!(!company.path(".idp").exists(), "nothing is written before it is approved");
    it.send(&typed("y")).unwrap();
    it.flush().unwrap();
    let (rest, code) = ended(&mut it);
    assert_eq!(code, 0, "{rest}");
    assert!([SECRET, "first-key", "second-key"].iter().all(|it| !format!("{plan}{rest}").contains(it)));
    assert_eq!(
        published(&company),
        json!({
            "name": "payments", "size": 3, "public": true, "tier": "s", "platforms": ["linux", "web"],
            "words": ["one", "two"], "ports": [{"label": "http", "number": 80}], "limits": {"cpu": 0.5},
            "notes": "first\nsecond", "kind": "db", "engine": "postgres", "owner": "group:default/shop",
            "system": "system:default/storefront", "uses": ["component:default/cart"], "tags": ["money"],
            "repoUrl": "github.com?owner=example&repo=payments", "token": "***",
            "keys": ["***", "***"], "pins": ["2718"],
        })
    );
    let state = std::fs::read(company.path(".idp/idp.db")).unwrap();
    let state = String::from_utf8_lossy(&state);
    assert!([SECRET, "first-key", "second-key"].iter().all(|it| !state.contains(it)));
}

/// What every script says, but for `more`.
fn script<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "new",
        "every-kind",
        "--set",
        "name=payments",
        "--set",
        "size=3",
        "--set",
        "tier=g",
        "--set",
        "repoUrl=github.com?owner=example&repo=payments",
    ];
    arguments.extend(more);
    arguments
}

#[test]
fn a_script_says_everything_and_is_asked_nothing() {
    let company = company();
    std::fs::write(company.path("values.yaml"), "name: other\nowner: group:default/shop\nlimits: {gpu: 1}\n")
        .unwrap();
    let more = [
        "--values",
        "values.yaml",
        "--set",
        "limits.cpu=2",
        "--set",
        "notes=3",
        "--set",
        "words=one",
        "--yes",
    ];
    let mut command = company.command(&script(&more));
    let output = command.args(["--secret", "token=TOKEN"]).env("TOKEN", SECRET).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !text.contains(SECRET), "{text}");
    assert_eq!(
        published(&company),
        json!({
            "name": "payments", "owner": "group:default/shop", "limits": {"gpu": 1, "cpu": 2}, "size": 3, "tier": "g",
            "repoUrl": "github.com?owner=example&repo=payments", "notes": "3", "words": ["one"], "public": false,
            "token": "***",
        }),
        "of a type each, the defaults filled in"
    );
}

#[test]
fn a_script_is_told_everything_that_is_missing_or_wrong_at_once() {
    let company = company();
    let arguments =
        ["new", "every-kind", "--no-input", "--set", "size=12", "--set", "ports=[{number: x}]", "--yes"];
    let output =
        company.command(&arguments).args(["--secret", "token=TOKEN"]).env("TOKEN", "abcd").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for field in
        ["/name", "/owner", "/tier", "/repoUrl", "/size", "/ports/0/label", "/ports/0/number", "/token"]
    {
        assert!(text.contains(&format!("`{field}`")), "{field}: {text}");
    }
    // The rule is shown where it stands.
    assert!(text.contains("templates/every-kind/template.yaml:21:65"), "{text}");
    assert!(text.contains("maximum: 9"), "{text}");
    assert!(!text.contains("abcd"), "{text}");
    assert!(!company.path(".idp").exists());
}

#[test]
fn a_plan_is_applied_only_where_somebody_says_so() {
    let company = company();
    let owner = ["--set", "owner=group:default/shop"];
    let output = company.run(&script(&owner));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 changes"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--yes"));
    for flag in ["--plan-only", "--dry-run"] {
        let plan = company.json(&script(&["--set", "owner=group:default/shop", flag, "--format", "json"]));
        assert_eq!(plan["effects"].as_array().unwrap().len(), 1);
    }
    assert!(!company.path(".idp").exists());
}

#[test]
fn a_plan_is_kept_once_it_is_approved() {
    let company = company();
    let owner = "owner=group:default/shop";
    let out = ["--set", owner, "--out", "plan.json"];
    assert_eq!(company.run(&script(&out)).status.code(), Some(2), "nobody approves");
    assert!(!company.path("plan.json").exists());
    let output = company.run(&script(&["--set", owner, "--out", "plan.json", "--plan-only"]));
    assert!(output.status.success() && company.path("plan.json").exists());
}

#[test]
fn a_plan_hides_secrets_and_takes_those_that_are_given() {
    let company = company();
    let template = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "keyed"},
        "spec": {"type": "t", "steps": [], "parameters": {
            "required": ["token"], "properties": {"token": {"type": "string", "ui:field": "Secret"}},
        }},
    });
    std::fs::write(company.path("keyed.yaml"), template.to_string()).unwrap();
    for given in [["--set", "token=correct-horse"], ["--secret", "token=TOKEN"]] {
        let mut command = company.command(&["template", "plan", "keyed.yaml", "--out", "plan.json"]);
        let output = command.args(given).env("TOKEN", SECRET).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let plan = std::fs::read_to_string(company.path("plan.json")).unwrap();
        assert!(plan.contains("***") && !plan.contains(SECRET), "{plan}");
    }
}

#[test]
fn answers_are_kept_for_another_time() {
    let company = company();
    let mut command = company.command(&script(&["--set", "owner=group:default/shop", "--print-values"]));
    let output = command.args(["--secret", "token=TOKEN"]).env("TOKEN", SECRET).output().unwrap();
    assert!(output.status.success());
    std::fs::write(company.path("kept.yaml"), &output.stdout).unwrap();
    let again = ["new", "templates/every-kind/template.yaml", "--values", "kept.yaml", "--print-values"];
    let without = company.run(&again).stdout;
    assert!(!String::from_utf8(without).unwrap().contains("token"), "the secret was not kept");
    let again =
        company.command(&again).args(["--secret", "token=TOKEN"]).env("TOKEN", SECRET).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), String::from_utf8(again.stdout).unwrap());
}

#[test]
fn a_terminal_is_asked_only_for_what_is_missing_or_wrong() {
    let company = company();
    let more = [
        "--set",
        "size=12",
        "--set",
        "ports=[]",
        "--set",
        "words=[]",
        "--set",
        "platforms=[linux]",
        "--set",
        "kind=web",
        "--plan-only",
    ];
    let mut it = terminal(&company, &script(&more));
    it.exp_string("12 is greater than the maximum of 9").unwrap();
    let asked = it.exp_string("Size *:").unwrap();
    assert!(!asked.contains("Name"), "{asked}");
    assert!(
        asked.contains("[35mWhat it is called") && !asked.contains("\u{1b}[35m"),
        "a text is no command: {asked:?}"
    );
    reply(&mut it, "[", &format!("4{ENTER}"));
    reply(&mut it, "Public:", ESCAPE);
    reply(&mut it, "CPU:", ESCAPE);
    reply(&mut it, "Notes:", ESCAPE);
    // What has to be answered cannot be left open: it goes back to the question before.
    reply(&mut it, "Owner *:", ESCAPE);
    reply(&mut it, "Notes:", ESCAPE);
    reply(&mut it, "Owner *:", &format!("shop{ENTER}"));
    reply(&mut it, "System:", ESCAPE);
    reply(&mut it, "Uses 1:", ESCAPE);
    reply(&mut it, "Tags 1:", ESCAPE);
    reply(&mut it, "Token:", ESCAPE);
    reply(&mut it, "Add to Keys?", ESCAPE);
    reply(&mut it, "Pins 1:", ESCAPE);
    let (rest, code) = ended(&mut it);
    assert!(code == 0 && rest.contains("1 changes"), "{rest}");
    assert!(!rest.contains("\u{1b}[3"), "a colour where none was wanted: {rest:?}");
}

#[test]
fn control_c_ends_it_with_nothing_written() {
    let company = company();
    let owner = ["--set", "owner=group:default/shop", "--set", "public=true"];
    for (question, arguments) in [("Name *:", vec!["new", "every-kind"]), ("Platforms:", script(&owner))] {
        let mut it = terminal(&company, &arguments);
        reply(&mut it, question, "\u{3}");
        let (rest, code) = ended(&mut it);
        assert!(code == 130 && rest.contains("nothing was written"), "{code} {rest}");
        assert!(!company.path(".idp").exists());
    }
}

#[test]
fn somebody_may_say_no() {
    let company = company();
    let given = [
        "public=false",
        "platforms=[linux]",
        "words=[]",
        "ports=[]",
        "limits.cpu=1",
        "notes=n",
        "kind=web",
        "owner=group:default/shop",
        "system=system:default/storefront",
        "uses=[]",
        "tags=[]",
        "keys=[]",
        "pins=[]",
    ];
    let more: Vec<_> = given.iter().flat_map(|it| ["--set", it]).chain(["--secret", "token=HOME"]).collect();
    let mut it = terminal(&company, &script(&more));
    reply(&mut it, "Apply this plan?", ENTER);
    let (rest, code) = ended(&mut it);
    assert_eq!(code, 0, "{rest}");
    assert!(!company.path(".idp").exists());
}

#[test]
fn a_front_end_gets_schemas_and_ui_schemas() {
    let shown = company().json(&["template", "show", "every-kind", "--format", "json"]);
    let page = &shown["forms"][1];
    assert_eq!(page["title"], "Where it belongs");
    assert_eq!(page["schema"]["properties"]["token"], json!({"title": "Token", "type": "string"}));
    assert_eq!(page["uiSchema"]["token"], json!({"ui:field": "Secret"}));
    assert_eq!(shown["secrets"]["properties"]["token"]["minLength"], 5);
}

#[test]
fn somebody_is_offered_what_is_theirs() {
    let company = company();
    let field = |extension: &str| json!({"type": "string", "title": extension, "ui:field": extension, "ui:options": {"allowArbitraryValues": false}});
    let template = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "mine"},
        "spec": {"type": "t", "steps": [], "parameters": {
            "properties": {"group": field("MyGroupsPicker"), "thing": field("OwnedEntityPicker")},
        }},
    });
    std::fs::write(company.path("mine.yaml"), template.to_string()).unwrap();
    let mut it = terminal(&company, &["new", "mine.yaml", "--as", "developer", "--print-values"]);
    reply(&mut it, "> group:default/shop", ENTER);
    let offered = it.exp_string("OwnedEntityPicker:").unwrap();
    assert!(!offered.contains("group:default/platform"), "{offered}");
    reply(&mut it, "> api:default/cart-api", "orders");
    reply(&mut it, "> resource:default/orders-db", ENTER);
    let (rest, code) = ended(&mut it);
    assert!(code == 0 && rest.contains("thing: resource:default/orders-db"), "{rest}");
}

//! What the checker says of templates with files beside them.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use std::fs;

use idp_core::{
    Diagnostic, Entity, Error, ErrorKind, Node, Registry, SourceText, Span, Tree, TreeLimits, TreePath,
};
use idp_scaffolder::{Builtins, Checker, Finding, Places, PlanRequest, Scaffolder, Template, TemplateReport};
use serde_json::{Map, Value, json};
use url::Url;

/// A template's file, by name alone.
#[derive(Debug)]
struct File(SourceText);

impl Places for File {
    fn source(&self) -> &SourceText {
        &self.0
    }

    fn value(&self, _: &str) -> Span {
        Span::default()
    }

    fn key(&self, _: &str) -> Span {
        Span::default()
    }
}

/// What is found in a template that stands in the folder `t`, as `file: severity[code]`.
fn found(file: &str, files: &[(&str, &str)], parameters: &Value, steps: &Value) -> Vec<String> {
    let shown = |finding: &Finding| {
        let it = &finding.diagnostic;
        format!("{}: {}[{}]", it.place.as_ref().unwrap().source.name(), it.severity, it.code)
    };
    report(file, files, parameters, steps).findings.iter().map(shown).collect()
}

fn report(file: &str, files: &[(&str, &str)], parameters: &Value, steps: &Value) -> TemplateReport {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("t")).unwrap();
    for (name, content) in files {
        let path = folder.path().join("t").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
        "spec": {"type": "test", "parameters": parameters, "steps": steps},
    });
    let url = |path| Url::from_directory_path(path).unwrap();
    let base = Some(url(folder.path().join("t")));
    let template = Template::from_entity(Entity::from_value(entity).unwrap(), base).unwrap();
    let template = template.within(url(folder.path().to_owned())).unwrap();
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).unwrap();
    let refuse = |_: &SourceText| vec![Diagnostic::error("refused", "refused")];
    let checker = Checker::new().actions(&registry).descriptors(refuse);
    checker.check_file(&template, &File(SourceText::new(file, "")))
}

/// A step that renders the skeleton.
fn fetch(input: Value) -> Value {
    let mut all = json!({"url": "./skeleton", "values": {"name": "x"}});
    all.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
    json!({"action": "fetch:template", "input": all})
}

fn step(action: &str, input: Value) -> Value {
    json!({"action": action, "input": input})
}

#[test]
fn what_is_wrong_with_a_file_matters_less_where_it_is_deleted() {
    let wrong = "${{ values.other }}";
    for (name, target, pattern, severity) in [
        (".github/x", json!({}), ".github", "info"),
        (".github/x", json!({"targetPath": "./sub/"}), "sub/.github", "info"),
        (".github/x", json!({"targetPath": "sub"}), "./sub//*/x", "info"),
        ("x.txt.njk", json!({"templateFileExtension": true}), "x.txt", "info"),
        (".github/x", json!({}), "github", "error"),
        ("x", json!({}), "y", "error"),
    ] {
        let steps = json!([fetch(target), step("fs:delete", json!({"files": [pattern]}))]);
        let name = format!("skeleton/{name}");
        let found = found("t/template.yaml", &[(&name, wrong)], &json!({}), &steps);
        assert_eq!(found, [format!("t/{name}: {severity}[undefined-value]")], "{pattern}");
    }
}

#[test]
fn a_descriptor_that_does_not_stay_is_not_judged() {
    for (later, judged) in [
        (step("debug:log", json!({"message": "x"})), true),
        (step("fs:delete", json!({"files": ["catalog-*.yaml"]})), false),
        (step("fs:delete", json!({"files": ["other"]})), true),
        (step("fs:rename", json!({"files": [{"from": "catalog-info.yaml", "to": "x"}]})), false),
        (step("fs:rename", json!({"files": [{"from": "x", "to": "./catalog-info.yaml"}]})), false),
        (step("fs:rename", json!({"files": [{"from": "x", "to": "y"}]})), true),
        (step("catalog:write", json!({"entity": {}})), false),
        (step("catalog:write", json!({"entity": {}, "filePath": "other.yaml"})), true),
        (fetch(json!({"replace": true, "targetPath": "."})), false),
        (fetch(json!({"targetPath": "docs", "replace": true})), true),
        (step("fetch:plain:file", json!({"url": "./x", "targetPath": "catalog-info.yaml"})), false),
        (step("fetch:plain:file", json!({"url": "./x", "targetPath": "x"})), true),
    ] {
        let steps = json!([fetch(json!({})), later]);
        let files = [("skeleton/catalog-info.yaml", "name: x"), ("x", "")];
        // Where the same skeleton is rendered again, the second time is judged.
        let judged = judged || steps[1]["action"] == "fetch:template";
        let found = found("t/template.yaml", &files, &json!({}), &steps);
        let wanted: &[&str] =
            if judged { &["t/skeleton/catalog-info.yaml: error[descriptor-invalid]"] } else { &[] };
        assert_eq!(found, wanted, "{steps}");
    }
}

#[test]
fn files_are_called_as_seen_from_the_template() {
    for (file, name) in [
        ("template.yaml", "../shared/f.txt"),
        ("./template.yaml", "../shared/f.txt"),
        ("./t/template.yaml", "shared/f.txt"),
        ("/a/t/template.yaml", "/a/shared/f.txt"),
    ] {
        let steps = json!([fetch(json!({"url": "../shared"}))]);
        let found = found(file, &[("../shared/f.txt", "${{ values.nmae }}")], &json!({}), &steps);
        assert_eq!(found, [format!("{name}: error[undefined-value]")], "{file}");
    }
}

#[test]
fn who_asks_for_a_value_may_know_that_it_is_not_passed() {
    for (text, own, shared) in [
        ("{% if values.nmae %}x{% endif %}", Some("warning"), None),
        ("${{ values.nmae | default('x') }}", Some("warning"), None),
        ("{% if values.port %}x{% endif %}", Some("info"), None),
        ("${{ values.nmae }}", Some("error"), Some("error")),
    ] {
        for (url, severity) in [("skeleton", own), ("../shared", shared)] {
            let steps = json!([fetch(json!({"url": url}))]);
            let file = format!("{url}/f.txt");
            let found = found("t/template.yaml", &[(&file, text)], &json!({}), &steps);
            let file = if url == "skeleton" { "t/skeleton/f.txt" } else { "shared/f.txt" };
            let wanted: Vec<_> = severity.iter().map(|it| format!("{file}: {it}[undefined-value]")).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }
}

#[test]
fn a_skeleton_far_away_is_read_by_whoever_can() {
    let url = "https://git.example.com/skeletons/tree/main/web";
    let files = |text: &str| {
        let mut tree = Tree::new();
        tree.insert(TreePath::new("a/f.txt").unwrap(), Node::file(text.as_bytes())).unwrap();
        tree
    };
    let answer = move |at: &Url, _: TreeLimits| match at.path() {
        "/skeletons/tree/main/web" => Ok(files("${{ values.nmae }} {% if values.port %}x{% endif %}")),
        "/gone" => Err(Error::new(ErrorKind::NotFound, "not there")),
        _ => Err(Error::new(ErrorKind::Unavailable, "no answer")),
    };
    let unread = (None, vec![("info", "unread-files")]);
    for (reads, action, url, (file, wanted)) in [
        (true, "fetch:template", url, (Some(format!("{url}/a/f.txt")), vec![("error", "undefined-value")])),
        (true, "fetch:template", "https://git.example.com/gone", (None, vec![("error", "missing-files")])),
        (true, "fetch:template", "https://git.example.com/down", unread.clone()),
        (false, "fetch:template", url, unread),
        (true, "fetch:plain", "https://git.example.com/gone", (None, vec![])),
    ] {
        let step = json!({"action": action, "input": {"url": url, "values": {"name": "x"}}});
        let step =
            if action == "fetch:plain" { json!({"action": action, "input": {"url": url}}) } else { step };
        let entity = json!({
            "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
            "spec": {"type": "test", "steps": [step]},
        });
        let template = Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap();
        let mut registry = Registry::new();
        registry.install(&Builtins::default()).unwrap();
        let checker = Checker::new().actions(&registry);
        let checker = if reads { checker.skeletons(answer) } else { checker };
        let findings = checker.check(&template).findings;
        let found: Vec<_> = findings
            .iter()
            .map(|it| (it.diagnostic.severity.to_string(), it.diagnostic.code.to_string()))
            .collect();
        let wanted: Vec<_> = wanted.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        assert_eq!(found, wanted, "{url}");
        let place = findings.first().and_then(|it| it.diagnostic.place.as_ref());
        assert_eq!(place.map(|it| it.source.name().to_owned()), file, "{url}");
    }
}

#[test]
fn what_is_found_several_times_is_said_once_and_as_loud_as_ever() {
    let steps = json!([
        fetch(json!({"targetPath": "a"})),
        fetch(json!({"targetPath": "b"})),
        fetch(json!({"targetPath": "a"})),
        step("fs:delete", json!({"files": ["a"]})),
    ]);
    let text = "${{ values.one + values.two }}";
    let found = found("t/template.yaml", &[("skeleton/f", text)], &json!({}), &steps);
    let wanted = "t/skeleton/f: error[undefined-value]".to_owned();
    assert_eq!(found, [wanted.clone(), wanted]);
}

#[tokio::test]
async fn the_output_shows_what_is_said_of_its_conditions() {
    let parameters = json!({"properties": {
        "domain": {"type": "string"}, "public": {"type": "boolean", "default": false},
        "tags": {"type": "array", "items": {"type": "string"}, "default": []},
    }});
    for (condition, code, shown) in [
        (json!("${{ parameters.domain }}"), Some("shown-without"), true),
        (json!("${{ parameters.domain or false }}"), None, false),
        (json!("${{ not parameters.public and parameters.domain }}"), Some("shown-without"), true),
        (json!("${{ parameters.public or (parameters.domain) }}"), Some("shown-without"), true),
        (json!("${{ (not parameters.public and parameters.domain) or false }}"), None, false),
        (json!("${{ parameters.domain is defined }}"), None, false),
        (json!("${{ parameters.public }}"), None, false),
        (json!("${{ parameters.tags }}"), None, false),
        (json!("${{ parameters.public }} "), Some("literal-condition"), true),
        (json!("parameters.public"), Some("literal-condition"), true),
        (json!("false"), Some("literal-condition"), true),
        (json!("${{ parameters.pubic }}"), Some("undefined-parameter"), true),
        (json!("${{ parameters.public | nothing }}"), Some("unknown-filter"), true),
        (json!("${{ none }}"), Some("unreachable-output"), false),
        (json!(""), Some("unreachable-output"), false),
        (json!(0), Some("unreachable-output"), false),
        (json!(1), Some("literal-condition"), true),
        (json!(true), None, true),
    ] {
        let entity = json!({
            "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
            "spec": {"type": "test", "parameters": parameters, "steps": [], "output": {
                "links": [{"url": "https://example.com", "if": condition}],
            }},
        });
        let template = Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap();
        let findings = Checker::new().check(&template).findings;
        let codes: Vec<_> = findings.iter().map(|it| &*it.diagnostic.code).collect();
        let codes: Vec<_> = codes.into_iter().filter(|it| *it != "unused-parameter").collect();
        assert_eq!(codes, Vec::from_iter(code), "{condition}");
        let request = PlanRequest::with_defaults(&template, &Map::new());
        let plan = Scaffolder::builder(Registry::new()).build().plan(&template, &request).await.unwrap();
        assert_eq!(plan.output["links"].as_array().unwrap().len() == 1, shown, "{condition}");
    }
}

#[test]
fn the_step_runs_with_a_witness() {
    let parameters = json!({"required": ["kind"], "properties": {
        "kind": {"enum": ["a", "b", "c"]}, "one": {"type": "string"}, "two": {"type": "boolean"},
    }});
    for (condition, severity, witness) in [
        ("${{ true }}", "error", Some(json!({"kind": "a"}))),
        ("${{ parameters.kind == 'b' or parameters.kind == 'c' }}", "error", Some(json!({"kind": "b"}))),
        (
            "${{ parameters.kind + '-' + parameters.one == 'a-example' }}",
            "error",
            Some(json!({"kind": "a", "one": "example", "two": true})),
        ),
        ("${{ parameters.kind + 'x' == 'nothing' }}", "warning", None),
        ("${{ steps.first.output.x or failure() }}", "error", Some(json!({"kind": "a"}))),
    ] {
        let first = json!({"id": "first", "action": "elsewhere:do"});
        let then =
            json!({"action": "debug:log", "if": condition, "input": {"message": "${{ parameters.wrong }}"}});
        let report = report("t/template.yaml", &[], &parameters, &json!([first, then]));
        let mut findings = report.findings.into_iter();
        let finding = findings.find(|it| it.diagnostic.code == "undefined-parameter").unwrap();
        assert_eq!(finding.diagnostic.severity.to_string(), severity, "{condition}");
        assert_eq!(finding.witness.map(Value::Object), witness, "{condition}");
    }
}

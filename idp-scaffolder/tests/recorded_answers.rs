//! Compares with what Backstage's own packages answered for real templates, where that recording is at hand.
//!
//! `IDP_CORPUS` names the folder of recordings (by default `shared/corpus` beside the repository). Without it the
//! tests say so and pass.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]
#![allow(
    clippy::print_stdout,
    reason = "how much was compared, and what was skipped, is for the reader of the log"
)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use idp_core::{Node, Registry, Tree, TreeLimits, TreePath};
use idp_scaffolder::{
    Builtins, Engine, Evaluated, Mode, RenderOptions, Scope, TextOptions, check_input, copy_files,
    read_folder, render_files,
};
use serde_json::{Value, json};

fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("IDP_CORPUS").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there are no recorded answers at {}", folder.display());
    None
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// One number is one number, with a fraction or without.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

fn recorded(value: Evaluated) -> Value {
    match value {
        Evaluated::Value(value) => value,
        Evaluated::Undefined => json!({"$undefined": true}),
        Evaluated::NotJson(number) if number.is_nan() => json!({"$number": "NaN"}),
        Evaluated::NotJson(number) => json!({"$number": if number > 0.0 { "Infinity" } else { "-Infinity" }}),
        Evaluated::Unknown(names) => json!({"$unknown": names}),
    }
}

/// Fails where fewer than a share of the answers are equal, and always says how many are.
fn judge(what: &str, total: usize, different: &[String], least: f64) {
    let share = 100.0 * (total - different.len()) as f64 / total.max(1) as f64;
    println!("{what}: {}/{total} equal ({share:.2}%)", total - different.len());
    assert!(share >= least, "{what}: {share:.2}%\n{}", different[..different.len().min(10)].join("\n"));
}

#[test]
fn expressions_of_real_templates() {
    let Some(corpus) = corpus() else { return };
    let contexts: Value =
        serde_json::from_str(&fs::read_to_string(corpus.join("oracle/contexts.json")).unwrap()).unwrap();
    let (engine, mut different) = (Engine::new(Mode::Backstage), Vec::new());
    let all = lines(&corpus.join("oracle/expressions.ndjson"));
    for line in &all {
        let mut scope = Scope::from(&contexts[line["contextId"].as_str().unwrap()]["context"]);
        if line["kind"] == "input" || line["kind"] == "each" || line.get("each").is_some() {
            scope.set("secrets", json!({}));
        }
        if let Some(each) = line.get("each").filter(|each| !each.is_null()) {
            scope.set("each", each.clone());
        }
        let template = line["template"].as_str().unwrap();
        let got = recorded(engine.render_value(template, &scope).unwrap().value);
        let reprinted = reprinted(&engine, template);
        assert!(
            same(&got, &recorded(engine.render_value(&reprinted, &scope).unwrap().value)) || got == template
        );
        if !same(&got, &line["value"]) {
            different.push(format!("{}: {} gave {got}", line["id"], line["template"]));
        }
    }
    judge("expressions", all.len(), &different, 99.0);
}

/// A template in another spelling, which means the same.
fn reprinted(engine: &Engine, template: &str) -> String {
    engine.reprint(template, TextOptions::default()).unwrap_or_else(|_| template.to_owned())
}

#[test]
fn probes_of_the_language() {
    let Some(corpus) = corpus() else { return };
    let probes = corpus.join("../spec/templating-oracle.jsonl");
    if !probes.is_file() {
        println!("skipped: there are no probes at {}", probes.display());
        return;
    }
    let rows = lines(&probes);
    let scope = Scope::from(&rows[0]["ctx"]);
    for (mode, key) in
        [(Mode::Backstage, "current"), (Mode::BackstageLegacy, "legacy"), (Mode::Backstage, "text")]
    {
        let (engine, mut different) = (Engine::new(mode), Vec::new());
        for row in &rows[1..] {
            let template = row["template"].as_str().unwrap();
            if key == "text" {
                let text = |source: &str| engine.render_text(source, &scope, TextOptions::default()).ok();
                assert_eq!(text(template), text(&reprinted(&engine, template)), "{template}");
            }
            let equal = match key {
                "text" => {
                    let got = engine.render_text(template, &scope, TextOptions::default()).ok();
                    got.as_deref() == row["text"].get("ok").and_then(Value::as_str)
                }
                // These were recorded as JSON, in which NaN is null.
                _ => match engine.render_value(template, &scope).unwrap().value {
                    Evaluated::NotJson(_) => row[key].is_null(),
                    value => same(&recorded(value), &row[key]),
                },
            };
            if !equal {
                different.push(template.to_owned());
            }
        }
        judge(key, rows.len() - 1, &different, 99.0);
    }
}

/// Names and contents, folders left out: version control keeps no empty ones.
fn listing(tree: &Tree) -> HashMap<String, (String, bool)> {
    let show = |(path, node): (&TreePath, &Node)| match node {
        Node::File { bytes, mode } => {
            Some((path.to_string(), (idp_core::Digest::of_bytes(bytes).to_string(), mode & 0o100 != 0)))
        }
        Node::Symlink { target } => Some((path.to_string(), (format!("-> {target}"), false))),
        Node::Folder => None,
    };
    tree.iter().filter_map(show).collect()
}

/// The whole input of a recorded step.
fn input(line: &Value) -> Value {
    let mut input = json!({"url": line["url"]});
    if line["action"] == "fetch:template" && !line["values"].is_null() {
        input["values"] = line["values"].clone();
    }
    for part in ["options", "otherInput"] {
        for (key, value) in line[part].as_object().into_iter().flatten() {
            input[key] = value.clone();
        }
    }
    input
}

#[test]
fn skeletons_of_real_templates() {
    let Some(corpus) = corpus() else { return };
    let renders = corpus.join("oracle/renders");
    let (engine, mut different) = (Engine::new(Mode::Backstage), Vec::new());
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).unwrap();
    let all = lines(&renders.join("index.ndjson"));
    for line in &all {
        let action = registry.find_action(line["action"].as_str().unwrap()).unwrap().info();
        if check_input(&action, &input(line)).is_err() {
            if line["ok"] == true {
                different.push(format!("{}: the input is refused", line["id"]));
            }
            continue;
        }
        let skeleton =
            read_folder(&corpus.join(line["skeleton"].as_str().unwrap()), TreeLimits::default()).unwrap();
        let options: RenderOptions = serde_json::from_value(line["options"].clone()).unwrap();
        let mut out = Tree::new();
        let done = match line["action"] == "fetch:plain" {
            true => copy_files(&skeleton, &options.target_path, &mut out),
            false => render_files(&engine, &skeleton, &line["values"], &options, &mut out),
        };
        let equal = match line["ok"] == true {
            false => done.is_err(),
            true => {
                let want = renders.join("trees").join(line["id"].as_str().unwrap());
                let want = if want.is_dir() {
                    read_folder(&want, TreeLimits::default()).unwrap()
                } else {
                    Tree::new()
                };
                let names = |tree: &Tree| {
                    listing(tree)
                        .into_iter()
                        .map(|(name, (content, _))| (name, content))
                        .collect::<HashMap<_, _>>()
                };
                done.is_ok() && names(&out) == names(&want)
            }
        };
        if !equal {
            different.push(format!("{}: {}", line["id"], line["skeleton"]));
        }
    }
    judge("skeletons", all.len(), &different, 100.0);
}

//! Faults in steps.

use serde_json::{Value, json};

use super::super::checking::Sample;
use super::{Fault, changed, fault, steps, texts_below};

pub(super) fn plant(sample: &Sample, found: &mut Vec<Fault>) {
    let document = sample.value();
    for (pointer, step) in steps(document) {
        actions(document, &pointer, step, found);
        inputs(document, &pointer, step, found);
        conditions(document, &pointer, step, found);
        order(document, &pointer, step, found);
        files(sample, &pointer, step, found);
    }
}

fn actions(document: &Value, pointer: &str, step: &Value, found: &mut Vec<Fault>) {
    let Some(action) = step["action"].as_str() else { return };
    if known(action) {
        let at = format!("{pointer}/action");
        let wrong = changed(document, &at, |it| *it = format!("{action}x").into());
        found.push(fault("misspelt action", &["unknown-action"], false, &at, wrong));
    }
    if let (Some(_), Some(first)) = (step["id"].as_str(), document["spec"]["steps"][0]["id"].as_str())
        && !pointer.ends_with("/0")
        && step["id"].as_str() != Some(first)
    {
        let at = format!("{pointer}/id");
        let wrong = changed(document, &at, |it| *it = first.into());
        found.push(fault("duplicate id", &["duplicate-step"], false, &at, wrong));
    }
    if step.get("input").is_some() {
        let wrong = changed(document, pointer, |it| rename(it, "input", "inputs"));
        found.push(fault("misspelt key of a step", &["unknown-step-key"], false, pointer, wrong));
    }
}

fn known(action: &str) -> bool {
    [
        "fetch:template",
        "fetch:plain",
        "catalog:register",
        "catalog:fetch",
        "debug:log",
        "fs:delete",
        "fs:rename",
    ]
    .contains(&action)
        || ["publish:github", "publish:gitlab", "publish:gitea"].contains(&action)
}

fn inputs(document: &Value, pointer: &str, step: &Value, found: &mut Vec<Fault>) {
    let at = format!("{pointer}/input");
    let required = match step["action"].as_str() {
        Some("fetch:template" | "fetch:plain") => "url",
        Some("publish:github" | "publish:gitlab" | "publish:gitea") => "repoUrl",
        Some("fs:delete" | "fs:rename") => "files",
        _ => return,
    };
    if step["input"].get(required).is_none() {
        return;
    }
    let without = changed(document, &at, |it| drop(it.as_object_mut().unwrap().remove(required)));
    found.push(fault("missing input", &["missing-input"], true, &at, without));
    let misspelt = changed(document, &at, |it| rename(it, required, &format!("{required}s")));
    found.push(fault("misspelt input", &["unknown-input", "missing-input"], true, &at, misspelt));
    let wrong = changed(document, &format!("{at}/{required}"), |it| *it = json!(7));
    found.push(fault("input of a wrong type", &["input-type", "input-invalid"], true, &at, wrong));
    if step["action"] == "fetch:template" && step["input"].get("values").is_some() {
        let wrong = changed(document, &format!("{at}/values"), |it| *it = json!("${{ parameters | dump }}"));
        found.push(fault("values that are a text", &["input-type"], true, &at, wrong));
        let unknown = changed(document, &at, |it| it["overwrite"] = json!(true));
        found.push(fault("unknown input", &["unknown-input"], true, &at, unknown));
    }
}

fn conditions(document: &Value, pointer: &str, step: &Value, found: &mut Vec<Fault>) {
    let at = format!("{pointer}/if");
    let quoted = changed(document, pointer, |it| it["if"] = json!("false"));
    found.push(fault("quoted false", &["literal-condition"], false, &at, quoted));
    let Some(text) = step["if"].as_str().filter(|it| it.starts_with("${{") && it.ends_with("}}")) else {
        return;
    };
    let broken = changed(document, &at, |it| *it = format!("{text}\n").into());
    found.push(fault("condition with a line break", &["literal-condition"], true, &at, broken));
    let bare = text[3..text.len() - 2].trim().to_owned();
    if !bare.contains("}}") {
        let bare = changed(document, &at, |it| *it = bare.into());
        found.push(fault("condition without braces", &["literal-condition"], false, &at, bare));
    }
}

/// Moves a step that another one reads to the end.
fn order(document: &Value, pointer: &str, step: &Value, found: &mut Vec<Fault>) {
    let Some(id) = step["id"].as_str() else { return };
    let others = steps(document).filter(|(other, _)| other != pointer);
    let same = others.filter(|(_, other)| other["id"] == step["id"]).count();
    let reads = |it: &(String, String)| {
        it.1.contains(&format!("steps['{id}'].output")) || it.1.contains(&format!("steps.{id}.output"))
    };
    let read = steps(document)
        .filter(|(other, _)| other != pointer)
        .any(|(other, _)| texts_below(document, &format!("{other}/input")).iter().any(reads));
    if same > 0 || !read {
        return;
    }
    let index: usize = pointer.rsplit('/').next().unwrap().parse().unwrap();
    let moved = changed(document, "/spec/steps", |it| {
        let steps = it.as_array_mut().unwrap();
        let step = steps.remove(index);
        steps.push(step);
    });
    found.push(fault("step after its reader", &["forward-step"], true, pointer, moved));
}

fn files(sample: &Sample, pointer: &str, step: &Value, found: &mut Vec<Fault>) {
    let (document, at) = (sample.value(), format!("{pointer}/input/url"));
    let Some(url) = document.pointer(&at).and_then(Value::as_str).filter(|it| it.starts_with('.')) else {
        return;
    };
    let folder = sample.file.parent().unwrap().join(url);
    if !folder.is_dir() {
        return;
    }
    let gone = changed(document, &at, |it| *it = format!("{}-gone", url.trim_end_matches('/')).into());
    found.push(fault("missing files", &["missing-files"], true, &at, gone));
    let plain = ["copyWithoutTemplating", "templateFileExtension", "cookiecutterCompat", "copyWithoutRender"]
        .iter()
        .all(|key| step["input"].get(*key).is_none());
    let values = step["input"]["values"].as_object();
    if step["action"] != "fetch:template" || !plain {
        return;
    }
    let printed = printed_in(&folder);
    for name in values.into_iter().flat_map(|it| it.keys()) {
        if printed.contains(&format!("${{{{ values.{name} }}}}")) {
            let at = format!("{pointer}/input/values");
            let renamed = changed(document, &at, |it| rename(it, name, &format!("{name}Zz")));
            let what = format!("{at}/{name}");
            found.push(fault("renamed value of a file", &["undefined-value"], true, &what, renamed));
        }
    }
}

/// The texts of every file below a folder.
fn printed_in(folder: &std::path::Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => all.push_str(&printed_in(&path)),
            false => all.push_str(&std::fs::read_to_string(&path).unwrap_or_default()),
        }
    }
    all
}

/// Gives a key of an object another name, in its place.
fn rename(value: &mut Value, from: &str, to: &str) {
    if let Some(map) = value.as_object_mut() {
        *map = std::mem::take(map)
            .into_iter()
            .map(|(key, value)| (if key == from { to.to_owned() } else { key }, value))
            .collect();
    }
}

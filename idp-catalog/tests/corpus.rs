//! Real descriptors against recorded answers, where a corpus is at hand.
//!
//! `IDP_CORPUS` names its folder; without it, `../shared/corpus` beside the checkout is tried.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use idp_catalog::{Model, Verdict, YamlDocument, YamlLimits, javascript_json, parse_yaml};
use idp_core::{Digest, SourceText};
use serde_json::{Value, json};

type Judged = Vec<(YamlDocument, Verdict)>;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("IDP_CORPUS").map_or(beside, PathBuf::from);
    folder.join("oracle/entities.ndjson").is_file().then_some(folder)
}

fn judge(model: &Model, path: &Path) -> Judged {
    let source = SourceText::new(path.display().to_string(), fs::read_to_string(path).unwrap());
    let documents = parse_yaml(&source, &YamlLimits::default()).into_iter();
    documents.map(|document| (model.judge(&source, &document), document)).map(|(v, d)| (d, v)).collect()
}

/// What differs from the recorded answer.
fn difference(want: &Value, (document, verdict): &(YamlDocument, Verdict)) -> Option<String> {
    let hash = document.value().map(|it| Digest::of_bytes(javascript_json(it).as_bytes()).hex());
    if want["jsonSha256"].is_string() && want["jsonSha256"] != json!(hash) {
        return Some("the data differs".to_owned());
    }
    if !want["skip"].is_null() {
        return None;
    }
    let relations: Vec<_> = verdict.relations.iter().map(|declared| &declared.relation).collect();
    let have = if verdict.is_valid() { json!([verdict.entity_ref, relations]) } else { json!(verdict.stage) };
    let expected =
        if want["valid"] == true { json!([want["ref"], want["relations"]]) } else { want["stage"].clone() };
    (have != expected).then(|| format!("wanted {expected}, got {have} {:?}", verdict.diagnostics))
}

#[test]
fn descriptors_are_judged_as_recorded() {
    let Some(corpus) = corpus() else {
        println!("skipped: no corpus of descriptors here (set IDP_CORPUS)");
        return;
    };
    let mut files: HashMap<String, Judged> = HashMap::new();
    let model = Model::backstage();
    let (mut total, mut wrong) = (0, Vec::new());
    for line in fs::read_to_string(corpus.join("oracle/entities.ndjson")).unwrap().lines() {
        let want: Value = serde_json::from_str(line).unwrap();
        let file = want["file"].as_str().unwrap().to_owned();
        let index = usize::try_from(want["document"].as_u64().unwrap()).unwrap();
        let judged = files.entry(file.clone()).or_insert_with(|| judge(&model, &corpus.join(&file)));
        total += 1;
        let problem = match judged.get(index) {
            Some(judged) => difference(&want, judged),
            None => Some("there is no such document".to_owned()),
        };
        wrong.extend(problem.map(|problem| format!("{file}#{index}: {problem}")));
    }
    println!("{} of {total} documents as recorded", total - wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

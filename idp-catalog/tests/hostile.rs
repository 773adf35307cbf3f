//! Hostile documents, and a few that are worse: no panic, no hang, and every one is valid or says why not.
//!
//! `IDP_HOSTILE_FILES` says how many; four hundred where it is not set, ten thousand in CI.
//!
//! Mutations of real descriptors where a corpus is at hand (`IDP_CORPUS`, or `../shared/corpus` beside the checkout), else
//! of this repository's own.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../../fuzz/mutator.rs"]
mod mutator;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use idp_catalog::{Model, Profile, Verdict, YamlDocument, YamlLimits, parse_yaml};
use idp_core::{Diagnostic, SourceText};
use mutator::{Random, mutate};
use serde_json::Value;

/// Files that are judged together.
const BATCH: u64 = 250;
/// Much more than a mebibyte needs in a debug build on a busy machine, much less than a hang.
const SOON: Duration = Duration::from_secs(30);

fn seeds() -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = std::env::var_os("IDP_CORPUS").map_or(here.join("../../shared/corpus"), PathBuf::from);
    let folders = [
        corpus.join("entities"),
        corpus.join("templates"),
        here.join("tests/data"),
        here.join("../examples"),
    ];
    let mut files = Vec::new();
    folders.iter().for_each(|folder| collect(folder, &mut files));
    files.sort();
    assert!(!files.is_empty());
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Small YAML files: one that is large makes slow mutations, and no others.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml")
            && std::fs::metadata(&path).unwrap().len() < 8_000
        {
            files.push(path);
        }
    }
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(map) => map.values().map(nodes).sum(),
        _ => 0,
    }
}

/// Valid without an error, or refused with one; and what was made of the text is bounded by the text and the limits.
fn hold(source: &SourceText, document: &YamlDocument, verdict: &Verdict, limits: &YamlLimits) {
    let errors = verdict.diagnostics.iter().filter(|it| it.is_error()).count();
    assert_eq!(verdict.is_valid(), errors == 0, "{:?}", verdict.diagnostics);
    assert!(verdict.diagnostics.len() <= 500);
    let nodes = document.value().map_or(0, nodes);
    assert!(nodes <= source.text().len() + limits.alias_nodes + 1, "{nodes} nodes");
    for place in verdict.diagnostics.iter().filter_map(|it| it.place.as_ref()) {
        assert!(place.span.start <= place.span.end && place.span.end <= source.text().len());
    }
}

fn codes(text: impl Into<String>) -> Vec<String> {
    let (source, limits) = (SourceText::new("hostile.yaml", text), YamlLimits::default());
    let (model, start) = (Model::backstage(), Instant::now());
    let mut codes = Vec::new();
    for document in parse_yaml(&source, &limits) {
        let verdict = model.judge(&source, &document);
        hold(&source, &document, &verdict, &limits);
        codes.extend(verdict.diagnostics.iter().map(|it: &Diagnostic| it.code.clone().into_owned()));
    }
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    codes
}

#[test]
fn hostile_files_are_judged() {
    let count = std::env::var("IDP_HOSTILE_FILES").ok().and_then(|it| it.parse().ok()).unwrap_or(400_u64);
    let (seeds, limits) = (seeds(), YamlLimits::default());
    let model = Model::backstage().with_profile(Profile::strict());
    let mut documents = 0;
    let mut refused = 0;
    for batch in 0..count.div_ceil(BATCH) {
        let files: Vec<SourceText> = (batch * BATCH..(batch + 1) * BATCH)
            .map(|seed| {
                let bytes = mutate(&seeds, &mut Random::new(seed + 1));
                SourceText::new(format!("seed {seed}"), String::from_utf8_lossy(&bytes).into_owned())
            })
            .collect();
        let start = Instant::now();
        let valid = model.judge_all(&files, &limits, |_, source, document, verdict| {
            hold(source, document, &verdict, &limits);
            verdict.is_valid()
        });
        assert!(start.elapsed() < SOON, "batch {batch} took {:?}", start.elapsed());
        documents += valid.len();
        refused += valid.iter().filter(|valid| !**valid).count();
    }
    println!("{documents} documents, {refused} of them refused");
    assert!(documents as u64 >= count && refused > documents / 4, "they are not hostile enough");
}

#[test]
fn limits_are_told() {
    let component = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n";
    let wide = |count: usize| (0..count).map(|it| format!("k{it}: v\n")).collect::<String>();
    for (text, code) in [
        ("[".repeat(100_000), "yaml-too-deep"),
        ("{a: ".repeat(100_000), "yaml-too-deep"),
        ("- ".repeat(50_000), "yaml-too-deep"),
        (format!("{}{}", wide(5_000), wide(5_000)), "yaml-too-many-problems"),
        ("---\n".repeat(20_000), "yaml-too-many-documents"),
        (format!("{component}spec: {{type: \"{}\"}}\n", "x".repeat(17 << 20)), "yaml-too-large"),
        (format!("{component}  namespace: {}\n", "n".repeat(1 << 20)), "bad-format"),
        (format!("{component}  title: \"a\0b\"\n"), "yaml-syntax"),
        (format!("{component}  name: y\n"), "yaml-duplicate-key"),
        (format!("{component}spec:\n  owner: {}\n", "o".repeat(1 << 20)), "bad-reference"),
    ] {
        let codes = codes(text);
        assert!(codes.iter().any(|it| it == code), "{code} is not among {codes:?}");
    }
}

#[test]
fn an_alias_bomb_costs_its_budget() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        bomb += &format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", "));
    }
    assert!(codes(bomb).contains(&"yaml-alias-budget".to_owned()));
}

/// A file that somebody has named may be large; its documents may not.
#[test]
fn a_line_of_a_hundred_megabytes_is_refused_and_costs_its_neighbours_nothing() {
    let good = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: g}\nspec: {type: team, children: []}\n";
    let text = format!("{good}---\na: {}\n---\n{good}", "x".repeat(100 << 20));
    assert_eq!(codes(text.clone()), ["yaml-too-large"], "as a whole");
    let source = SourceText::new("large.yaml", text);
    let mut limits = YamlLimits::default();
    limits.bytes = 1 << 30;
    let start = Instant::now();
    let verdicts = Model::backstage().judge_all(&[source], &limits, |_, _, _, verdict| verdict);
    assert_eq!(verdicts.iter().map(Verdict::is_valid).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(verdicts[1].diagnostics[0].message, "the document is larger than 16777216 bytes");
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
}

#[test]
fn keys_that_could_not_be_read_again_are_refused() {
    let group = "apiVersion: v1\nkind: Group\nmetadata: {name: a}\nspec: {type: x, children: []";
    for key in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
        assert!(codes(format!("{group}, x: {{'{key}': '1'}}}}")).contains(&"reserved-key".to_owned()));
    }
}

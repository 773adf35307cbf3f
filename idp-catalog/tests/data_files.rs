//! Every file below `tests/data` is a test. Add one, run with `UPDATE_EXPECTED=1`, and read what it wrote.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use idp_catalog::{
    Catalog, DirectorySource, Model, Query, Snapshot, YamlLimits, javascript_json, parse_query, parse_yaml,
};
use idp_core::{Diagnostic, MemoryLog, SourceText};

fn source(path: &Path) -> SourceText {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    SourceText::new(name, fs::read_to_string(path).unwrap())
}

fn write_diagnostics(out: &mut String, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        writeln!(out, "  {diagnostic}").unwrap();
        if let Some(help) = &diagnostic.help {
            writeln!(out, "    help: {help}").unwrap();
        }
    }
}

#[test]
fn yaml() {
    common::each("yaml", "yaml", |path| {
        let mut out = String::new();
        for document in parse_yaml(&source(path), &YamlLimits::default()) {
            let data = document.value().map_or_else(|| "unreadable".to_owned(), javascript_json);
            writeln!(out, "{}: {data}", document.index()).unwrap();
            write_diagnostics(&mut out, document.problems());
        }
        common::expect(path, &out)
    });
}

#[test]
fn check() {
    let model = Model::backstage();
    common::each("check", "yaml", |path| {
        let (mut out, source) = (String::new(), source(path));
        for document in parse_yaml(&source, &YamlLimits::default()) {
            let verdict = model.judge(&source, &document);
            let entity_ref = verdict.entity_ref.as_ref().map_or("-", |it| it.as_str());
            let stage =
                verdict.stage.map_or_else(|| "valid".to_owned(), |stage| format!("refused at {stage}"));
            writeln!(out, "{}: {entity_ref} {stage}", document.index()).unwrap();
            for declared in &verdict.relations {
                writeln!(out, "  {} {}", declared.relation.r#type, declared.relation.target_ref).unwrap();
            }
            write_diagnostics(&mut out, &verdict.diagnostics);
        }
        common::expect(path, &out)
    });
}

async fn fixture() -> Arc<Snapshot> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/catalog");
    let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
    let report = catalog.ingest(&DirectorySource::new("fixture", root).unwrap()).await.unwrap();
    assert!(report.failure.is_none() && report.counts.quarantined == 0, "{report:?}");
    catalog.snapshot()
}

#[tokio::test]
async fn query() {
    let snapshot = fixture().await;
    common::each("query", "query", |path| {
        let text = fs::read_to_string(path).unwrap();
        let mut out = String::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            writeln!(out, "{line}").unwrap();
            match parse_query(line) {
                Ok(predicate) => {
                    for record in snapshot.query(&Query::matching(predicate)).unwrap().items {
                        writeln!(out, "  {}", record.entity_ref()).unwrap();
                    }
                }
                Err(error) => write_diagnostics(&mut out, error.diagnostics()),
            }
        }
        common::expect(path, &out)
    });
}

//! Every file below `tests/data` is a test. Add one, run with `UPDATE_EXPECTED=1`, and read what it wrote.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use idp_catalog::{
    Catalog, DirectorySource, Query, Snapshot, YamlLimits, javascript_json, parse_query, parse_yaml,
};
use idp_core::MemoryLog;

#[test]
fn yaml() {
    common::each("yaml", "yaml", |path| {
        let mut out = String::new();
        for document in parse_yaml(&common::source(path), &YamlLimits::default()) {
            let data = document.value().map_or_else(|| "unreadable".to_owned(), javascript_json);
            writeln!(out, "{}: {data}", document.index()).unwrap();
            common::write_diagnostics(&mut out, document.problems());
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
                Err(error) => common::write_diagnostics(&mut out, error.diagnostics()),
            }
        }
        common::expect(path, &out)
    });
}

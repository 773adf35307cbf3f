//! Entities as JSON, one a line.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::io::{BufReader, Cursor as Bytes, Read};

use common::script::empty;
use idp_catalog::{Catalog, IngestOptions, IngestProgress, IngestReport, LinesLimits, LinesSource};
use idp_core::{Completeness, Cursor, ErrorKind, Predicate, Source, SourceContext};
use serde_json::json;

fn line(name: &str) -> String {
    let entity = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Resource",
        "metadata": {"name": name}, "spec": {"type": "x", "owner": "team"},
    });
    format!("{entity}\n")
}

fn from(bytes: impl Into<Vec<u8>>) -> LinesSource {
    LinesSource::from_reader("s", "in.ndjson", Bytes::new(bytes.into()))
}

async fn ingest(catalog: &Catalog, source: LinesSource) -> IngestReport {
    catalog.ingest(&source).await.unwrap()
}

fn findings(catalog: &Catalog) -> Vec<(String, Option<usize>)> {
    let snapshot = catalog.snapshot();
    let all = snapshot.findings().flat_map(|it| it.diagnostics.clone());
    all.map(|it| (it.code, it.line)).collect()
}

#[tokio::test]
async fn problems_are_told_at_their_line_whatever_the_page() {
    let mut text: String = (0..100).map(|it| line(&format!("r{it}"))).collect();
    text.push_str("\n   \n{\"kind\": \n");
    text.push_str(&line("last").replace("\"owner\"", "\"nobody\""));
    for page_bytes in [1, 1000, usize::MAX] {
        let catalog = empty().await;
        let mut limits = LinesLimits::default();
        limits.page_bytes = page_bytes;
        let report = ingest(&catalog, from(text.clone()).with_limits(limits)).await;
        assert_eq!((report.counts.added, report.completeness), (101, Completeness::Complete), "{report:?}");
        let expected = [("missing-field".to_owned(), Some(104)), ("json-syntax".to_owned(), Some(103))];
        let mut found = findings(&catalog);
        found.sort_by_key(|(code, _)| std::cmp::Reverse(code.clone()));
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn every_one_of_a_million_bad_lines_was_kept_and_copied_with_every_change() {
    let catalog = empty().await;
    let _ = ingest(&catalog, from("{\n".repeat(5_000))).await;
    let found = findings(&catalog);
    assert_eq!(found.len(), 101);
    assert_eq!(found.last().unwrap().0, "more-problems");
    let before = catalog.snapshot();
    let message = &before.findings().last().unwrap().diagnostics[100].message;
    assert_eq!(message, "4900 more problems are not shown");

    let _ = catalog.ingest(&LinesSource::from_reader("t", "t.ndjson", Bytes::new(line("a")))).await.unwrap();
    let after = catalog.snapshot();
    assert_eq!(after.len(), 1);
    let shared = before.findings().zip(after.findings()).all(|(one, other)| std::ptr::eq(one, other));
    assert!(shared, "a change of something else copies none of it");

    let _ = ingest(&catalog, from(line("b"))).await;
    assert_eq!(findings(&catalog), []);
}

#[tokio::test]
async fn a_line_without_end_costs_no_memory_and_nobody_else_anything() {
    // A hundred megabytes that are never there at once.
    let long = std::io::repeat(b'x').take(100 << 20);
    let (before, after) = (Bytes::new(line("a")), Bytes::new(format!("\n{}", line("b"))));
    let reader = BufReader::new(before.chain(long).chain(after));
    let catalog = empty().await;
    let report = ingest(&catalog, LinesSource::from_reader("s", "in.ndjson", reader)).await;
    assert_eq!((report.counts.added, report.completeness), (2, Completeness::Partial));
    assert_eq!(
        report.problems[0].to_string(),
        "in.ndjson:2:1: error[line-too-long]: the line is longer than 1048576 bytes"
    );
}

#[tokio::test]
async fn what_is_not_utf8_is_told_and_nothing_is_removed() {
    let catalog = empty().await;
    let report = ingest(&catalog, from(format!("{}{}", line("a"), line("b")))).await;
    assert_eq!(report.counts.added, 2);
    let bytes = [line("a").as_bytes(), b"\"\xff\"\n"].concat();
    let report = ingest(&catalog, from(bytes)).await;
    assert_eq!((report.completeness, report.counts.removed), (Completeness::Partial, 0));
    assert_eq!(report.problems[0].to_string(), "in.ndjson:2:1: error[not-utf8]: the line is not UTF-8");
}

#[tokio::test]
async fn a_line_that_was_not_utf8_became_an_entity() {
    let latin1 = |name: &str| line(name).replace("team", "t?").into_bytes();
    let latin1 =
        |name: &str| latin1(name).iter().map(|it| if *it == b'?' { 0xe9 } else { *it }).collect::<Vec<_>>();
    let bytes = [line("a").into_bytes(), latin1("b"), line("c").into_bytes(), latin1("d")].concat();
    let catalog = empty().await;
    let report = ingest(&catalog, from(bytes)).await;
    assert_eq!((report.counts.added, report.completeness), (2, Completeness::Partial));
    let told: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["in.ndjson:2:1", "in.ndjson:4:1"].map(|it| format!("{it}: error[not-utf8]: the line is not UTF-8"))
    );

    let report = ingest(&empty().await, from(b"\xff\n".repeat(1000))).await;
    assert_eq!(report.problems.len(), 101);
    let last = report.problems[100].to_string();
    assert!(last.contains("and 900 more lines"), "{last}");
}

#[tokio::test]
async fn a_file_is_read_again_and_again_and_a_reader_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.ndjson");
    std::fs::write(&file, format!("{}{}", line("a"), line("b"))).unwrap();
    let (catalog, source) = (empty().await, LinesSource::new("s", &file).unwrap());
    assert_eq!(catalog.ingest(&source).await.unwrap().counts.added, 2);
    std::fs::write(&file, line("b")).unwrap();
    let report = catalog.ingest(&source).await.unwrap();
    assert_eq!((report.counts.unchanged, report.counts.removed), (1, 1));

    let reader = from(line("a"));
    let cx = SourceContext::default();
    reader.page(&cx, None).await.unwrap();
    assert_eq!(reader.page(&cx, None).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_file_that_changes_between_pages_is_not_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.ndjson");
    std::fs::write(&file, format!("{}{}", line("a"), line("b"))).unwrap();
    let mut limits = LinesLimits::default();
    limits.page_bytes = 1;
    let source = LinesSource::new("s", &file).unwrap().with_limits(limits);
    let cx = SourceContext::default();
    let first = source.page(&cx, None).await.unwrap();
    std::fs::write(&file, line("c")).unwrap();
    assert_eq!(source.page(&cx, first.next.as_ref()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    for foreign in ["x", "at:", "at:1:2", "at:1:2:3:x"] {
        let error = source.page(&cx, Some(&Cursor(foreign.into()))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{foreign}");
    }
}

#[tokio::test]
async fn an_ingestion_tells_how_far_it_is() {
    let (told, heard) = std::sync::mpsc::channel();
    let options = IngestOptions::default().on_progress(move |progress| told.send(progress).unwrap());
    let text: String = (0..10).map(|it| line(&format!("r{it}"))).collect();
    let mut limits = LinesLimits::default();
    limits.page_bytes = text.len() / 2;
    let catalog = empty().await;
    let _ = catalog.ingest_with(&from(text).with_limits(limits), &options).await.unwrap();
    drop(options);
    let (read, writing) =
        (|documents| IngestProgress::Read { documents }, IngestProgress::Writing { changes: 10 });
    assert_eq!(heard.iter().collect::<Vec<_>>(), [read(5), read(10), read(10), writing]);
}

#[tokio::test]
async fn bodies_packed_with_and_without_a_dictionary_come_back_and_go_on_as_they_were() {
    let catalog = empty().await;
    // Few are packed alone; many teach what they have in common.
    for count in [3_usize, 300, 301] {
        let text: String = (0..count).map(|it| line(&format!("r{it}"))).collect();
        let before = catalog.snapshot();
        let report = ingest(&catalog, from(text.clone())).await;
        assert_eq!((report.counts.added, report.counts.unchanged), (count - before.len(), before.len()));
        let snapshot = catalog.snapshot();
        let said: Vec<String> = text.lines().map(str::to_owned).collect();
        for record in snapshot.iter() {
            assert!(said.contains(&record.entity().as_value().to_string()), "{record:?}");
        }
        assert!(before.iter().all(|record| snapshot.get(record.entity_ref()).as_ref() == Some(&record)));
    }
}

/// The line of a resource with something more in its spec.
fn line_with(spec: &str) -> String {
    line("r").replace("\"spec\":{", &format!("\"spec\":{{{spec},"))
}

#[tokio::test]
async fn what_the_reader_of_json_takes_for_something_else_could_never_be_read_again() {
    let catalog = empty().await;
    let raw = line_with(r#""x":{"$serde_json::private::RawValue":"nope"}"#);
    assert_eq!(ingest(&catalog, from(raw)).await.counts.added, 0);
    assert_eq!(findings(&catalog)[0].0, "json-syntax");
    let yaml = line_with(r#""x":{"$serde_json::private::RawValue":"[]"}"#);
    assert_eq!(ingest(&catalog, from(yaml)).await.counts.added, 1, "it is what it says: a list");
    let entity = catalog.snapshot().get(&"resource:default/r".parse().unwrap()).unwrap().entity();
    assert_eq!(entity.at("spec.x"), Some(&json!([])));
}

#[tokio::test]
async fn a_line_says_the_same_however_it_is_written() {
    let catalog = empty().await;
    let report = ingest(&catalog, from(line_with(r#""title":"é/\u0000","n":1.50e1"#))).await;
    assert_eq!(report.counts.added, 1);
    let spaced = line_with(" \"title\" : \"\\u00e9\\/\\u0000\",\t\"n\": 15.0 ");
    let report = ingest(&catalog, from(spaced)).await;
    assert_eq!((report.counts.unchanged, report.counts.updated), (1, 0));
    assert_eq!(ingest(&catalog, from(format!("\u{a0}{}", line("other")))).await.counts.added, 0);
    assert_eq!(findings(&catalog)[0].0, "json-syntax", "only JSON's own blanks may stand before it");
}

#[tokio::test]
async fn what_is_below_a_key_of_half_a_megabyte_was_kept_with_all_of_it() {
    let catalog = empty().await;
    let members: Vec<String> = (0..40_000).map(|it| format!("\"k{it}\":0")).collect();
    let spec = format!("\"{}\":{{{}}},\"seen\":\"yes\"", "x".repeat(500_000), members.join(","));
    assert_eq!(ingest(&catalog, from(line_with(&spec))).await.counts.added, 1);
    assert_eq!(catalog.snapshot().count(&Predicate::equals("spec.seen", "yes")).unwrap(), 1);
}

#[tokio::test]
async fn every_missing_field_looked_for_its_object_from_the_root() {
    let catalog = empty().await;
    let before: Vec<String> = (0..40_000).map(|it| format!("\"a{it}\":0,")).collect();
    let links = vec!["{}"; 100_000].join(",");
    let text = line("r").replace("\"name\"", &format!("{}\"links\":[{links}],\"name\"", before.concat()));
    assert_eq!(ingest(&catalog, from(text)).await.counts.quarantined, 1);
    assert_eq!(findings(&catalog).len(), 201);
}

#[tokio::test]
async fn the_way_to_every_collision_was_written_out() {
    let catalog = empty().await;
    let pairs: Vec<String> = (0..20_000).map(|it| format!("\"a{it}\":0,\"A{it}\":0")).collect();
    let spec = format!("\"{}\":{{{}}}", "x".repeat(500_000), pairs.join(","));
    assert_eq!(ingest(&catalog, from(line_with(&spec))).await.counts.added, 1);
    assert_eq!(findings(&catalog).len(), 201);
}

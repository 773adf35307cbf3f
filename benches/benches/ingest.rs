//! Entities into a catalog, stage by stage; and what a full one costs: changed, watched, opened again, looked back in.

use std::hint::black_box;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};
use idp_benches::{
    Audience, Edits, Plain, SOURCE, Shelf, Synthetic, apply, documents, empty_catalog, full_catalog, ingest,
    now, sizes,
};
use idp_catalog::{Catalog, CatalogOptions, ImagePolicy, LinesSource, Model, YamlLimits, parse_yaml};
use idp_core::{Content, Document, Entity, SourceText};
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};
use serde_json::Value;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for size in sizes() {
        let company = Synthetic::new(size);
        yaml(&mut criterion, company);
        ndjson(&mut criterion, company);
        changes(&mut criterion, company);
        past(&mut criterion, company);
    }
    criterion.final_summary();
}

fn group(criterion: &mut Criterion, name: String, elements: usize) -> BenchmarkGroup<'_, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Elements(elements as u64));
    group
}

/// Each stage includes those before it. The floor is the first one done by a YAML library that keeps no positions.
fn yaml(criterion: &mut Criterion, company: Synthetic) {
    let files = documents(company);
    let texts: Vec<SourceText> = files.iter().filter_map(text).collect();
    let shelf = Shelf::new(SOURCE, files);
    let (model, limits) = (Model::backstage(), YamlLimits::default());
    let mut group = group(criterion, format!("ingest/yaml/{}", company.size()), company.size());
    group.bench_function("floor", |bencher| bencher.iter(|| texts.iter().for_each(plain)));
    group.bench_function("parse", |bencher| {
        bencher.iter(|| texts.iter().for_each(|text| drop(black_box(parse_yaml(text, &limits)))));
    });
    group.bench_function("judge", |bencher| {
        bencher.iter(|| texts.iter().for_each(|text| judge(&model, &limits, text)));
    });
    group.bench_function("whole", |bencher| {
        bencher.iter_batched(empty_catalog, |catalog| filled(catalog, &shelf), BatchSize::PerIteration);
    });
    group.finish();
}

fn text(document: &Document) -> Option<SourceText> {
    match &document.content {
        Content::Text(text) => Some(SourceText::new(document.location.as_str(), text.as_str())),
        Content::Lines { .. } | Content::Entity(_) => None,
    }
}

fn plain(text: &SourceText) {
    let value: Value = serde_yaml::from_str(text.text()).expect("the documents are YAML");
    black_box(value);
}

fn judge(model: &Model, limits: &YamlLimits, text: &SourceText) {
    for document in parse_yaml(text, limits) {
        black_box(model.judge(text, &document));
    }
}

/// Hands the catalog back, so that dropping it is not measured.
fn filled(catalog: Catalog, shelf: &Shelf) -> Catalog {
    black_box(ingest(&catalog, shelf));
    catalog
}

/// An export of one entity a line. The floor only reads the lines.
fn ndjson(criterion: &mut Criterion, company: Synthetic) {
    let lines: String = company.ndjson().collect();
    let source = || LinesSource::from_reader(SOURCE, "company.ndjson", Cursor::new(lines.clone()));
    let mut group = group(criterion, format!("ingest/ndjson/{}", company.size()), company.size());
    group.bench_function("floor", |bencher| {
        bencher.iter(|| {
            lines.lines().for_each(|line| {
                black_box(serde_json::from_str::<Value>(line).expect("a line is JSON"));
            });
        });
    });
    group.bench_function("whole", |bencher| {
        bencher.iter_batched(
            || (empty_catalog(), source()),
            |(catalog, source)| {
                black_box(ingest(&catalog, &source));
                catalog
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// An edit, and the next snapshot shows it. The floor is a host that publishes a list: a copy with one place replaced.
fn changes(criterion: &mut Criterion, company: Synthetic) {
    let catalog = Arc::new(full_catalog(company));
    let mut edits = Edits::of(company);
    let mut group = group(criterion, format!("change/{}", company.size()), 1);
    let floor = Plain::new(company);
    group.bench_function("floor", |bencher| {
        bencher.iter_batched(|| edits.next(), |edit| copy(&floor, edit), BatchSize::PerIteration);
    });
    for (name, count) in [("upsert", 1), ("upserts-1000", 1_000)] {
        let count = count.min(company.size() / 2);
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || edits.delta(count),
                |delta| apply(&catalog, &delta),
                BatchSize::PerIteration,
            );
        });
    }
    let mut audience = Audience::of(&catalog, company, 1_000);
    group.bench_function("audience-of-1000", |bencher| {
        bencher.iter_batched(
            || apply(&catalog, &edits.delta(1)),
            |()| audience.hear(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn copy(floor: &Plain, edit: Option<Entity>) -> Vec<Arc<Entity>> {
    let mut list = floor.list().to_vec();
    list[0] = Arc::new(edit.expect("edits never end"));
    list
}

/// A durable catalog, opened again: from its events, which is the floor, and from an image; and what it was like before
/// its last change.
fn past(criterion: &mut Criterion, company: Synthetic) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("company.db");
    let catalog = opened(&file);
    ingest(&catalog, &Shelf::new(SOURCE, documents(company)));
    let revision = catalog.snapshot().revision();
    apply(&catalog, &Edits::of(company).delta(1));
    let mut group = group(criterion, format!("past/{}", company.size()), company.size());
    group.bench_function("replay", |bencher| bencher.iter(|| opened(&file)));
    assert!(now(catalog.keep_image()).expect("the file takes an image"), "the log keeps images");
    group.bench_function("reopen", |bencher| bencher.iter(|| opened(&file)));
    group.bench_function("as-of", |bencher| {
        bencher.iter(|| now(catalog.as_of(revision)).expect("everything is kept").len());
    });
    group.finish();
}

fn opened(file: &Path) -> Catalog {
    let log = SqliteLog::open(SqliteConfig::new(file)).expect("the folder takes a file");
    let mut options = CatalogOptions::default();
    options.images = ImagePolicy::ByHand;
    now(Catalog::open_with(Arc::new(log), options)).expect("the log reads back")
}

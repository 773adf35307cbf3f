//! Descriptor files into a catalog, stage by stage, and one changed file made visible.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput};
use idp_benches::{Company, Shelf, Synthetic, documents, empty_catalog, full_catalog, ingest, sizes, yaml};
use idp_catalog::{Catalog, Model, YamlLimits, parse_yaml};
use idp_core::{Content, Document, Entity, EntityRef, SourceText};
use serde_json::Value;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for size in sizes(&[100, 1_000], 10_000) {
        stages(&mut criterion, size);
    }
    for size in sizes(&[1_000, 10_000], 100_000) {
        upsert(&mut criterion, size);
    }
    criterion.final_summary();
}

/// Each stage includes those before it. The floor is the first one done by a YAML library that keeps no positions.
fn stages(criterion: &mut Criterion, size: usize) {
    let files = documents(size);
    let texts: Vec<SourceText> = files.iter().filter_map(text).collect();
    let shelf = Shelf::new("company", files);
    let (model, limits) = (Model::backstage(), YamlLimits::default());
    let mut group = criterion.benchmark_group(format!("ingest/{size}"));
    group.sample_size(10).throughput(Throughput::Elements(size as u64));
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

/// A source says something new about one entity, and the next snapshot shows it. The floor is a host that publishes a
/// list: the same file parsed and judged, and a copy of the list with one place replaced.
fn upsert(criterion: &mut Criterion, size: usize) {
    let mut group = criterion.benchmark_group("upsert");
    let (catalog, model) = (full_catalog(size), Model::backstage());
    let company = Company::of(catalog.snapshot());
    let mut edits = Edits::default();
    group.bench_function(format!("engine/{size}"), |bencher| {
        bencher.iter_batched(
            || edits.next(),
            |(mark, text)| publish(&catalog, &mark, text),
            BatchSize::SmallInput,
        );
    });
    group.bench_function(format!("floor/{size}"), |bencher| {
        bencher.iter_batched(|| edits.next().1, |text| copy(&company, &model, &text), BatchSize::SmallInput);
    });
    group.finish();
}

/// Versions of one file, each with another title.
#[derive(Default)]
struct Edits(usize);

impl Edits {
    fn next(&mut self) -> (String, String) {
        self.0 += 1;
        let mark = format!("edit {}", self.0);
        let mut entity = Synthetic::new(100).entity(99);
        entity["metadata"]["name"] = "edited".into();
        entity["metadata"]["title"] = mark.as_str().into();
        (mark, yaml(&entity))
    }
}

fn publish(catalog: &Catalog, mark: &str, text: String) {
    let shelf = Shelf::new("edits", vec![Document::text("edited/catalog-info.yaml", text)]);
    assert_eq!(ingest(catalog, &shelf), 1);
    let edited = EntityRef::new("component", "default", "edited").expect("the parts are good");
    let snapshot = catalog.snapshot();
    assert_eq!(snapshot.get(&edited).and_then(|it| it.entity().title()), Some(mark));
}

fn copy(company: &Company, model: &Model, text: &str) -> Vec<Arc<Entity>> {
    let source = SourceText::new("edited/catalog-info.yaml", text);
    let document = &parse_yaml(&source, &YamlLimits::default())[0];
    let entity = model.judge(&source, document).entity.expect("the file is valid");
    let mut list = company.list.clone();
    list[0] = Arc::new(entity);
    list
}

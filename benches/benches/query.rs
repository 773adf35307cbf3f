//! Questions to a snapshot, each beside the same question to a list of the same entities.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use idp_benches::{Engine, Plain, Question, Synthetic, full_catalog, questions, sizes};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for size in sizes(&[1_000, 10_000], 100_000) {
        let company = Synthetic::new(size);
        let (snapshot, plain) = (full_catalog(company).snapshot(), Plain::new(company));
        for question in questions(company) {
            measure(&mut criterion, size, &question, &[("engine", &*snapshot), ("floor", &plain)]);
        }
    }
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, size: usize, question: &Question, engines: &[(&str, &dyn Engine)]) {
    let mut group = criterion.benchmark_group(format!("query/{}", question.name));
    for (name, engine) in engines {
        let Some(prepared) = engine.prepare(&question.ask) else { continue };
        group.bench_function(BenchmarkId::new(*name, size), |bencher| {
            bencher.iter(|| black_box(&prepared).ask());
        });
    }
    group.finish();
}

//! Questions to a snapshot, and a scan over a list of the same entities.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use idp_benches::{Company, QUESTIONS, Question, sizes};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for size in sizes(&[1_000, 10_000], 100_000) {
        let company = Company::new(size);
        for question in QUESTIONS {
            measure(&mut criterion, &company, question);
        }
    }
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, company: &Company, question: Question) {
    let size = company.list.len();
    let mut group = criterion.benchmark_group(format!("query/{}", question.name));
    for (who, ask) in [("engine", question.engine), ("scan", question.scan)] {
        group.bench_with_input(BenchmarkId::new(who, size), company, |bencher, company| {
            bencher.iter(|| ask(black_box(company)));
        });
    }
    group.finish();
}

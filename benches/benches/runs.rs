//! A small template planned and applied over a log in memory, and its effects made by hand.

use criterion::{BatchSize, Criterion};
use idp_benches::{Notes, apply_by_hand, now, request, scaffolder, template, wanted};
use idp_scaffolder::{Plan, RunOptions, RunStatus, Scaffolder};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    plan(&mut criterion);
    apply(&mut criterion);
    criterion.final_summary();
}

/// A plan with two effects, and the plan that finds everything as wanted.
fn plan(criterion: &mut Criterion) {
    let (template, request) = (template(), request());
    let empty = scaffolder(&Notes::default());
    let notes = Notes::default();
    apply_by_hand(&notes, &wanted());
    let full = scaffolder(&notes);

    let mut group = criterion.benchmark_group("runs/plan");
    for (name, scaffolder) in [("create", &empty), ("nothing-to-do", &full)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| now(scaffolder.plan(&template, &request)).expect("the template is good"));
        });
    }
    group.finish();
}

/// The plan applied to an empty world, journal included. The floor is the provider called for the same two notes.
fn apply(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("runs/apply");
    group.bench_function("engine", |bencher| {
        bencher.iter_batched(planned, |(scaffolder, plan)| applied(scaffolder, &plan), BatchSize::SmallInput);
    });
    let wanted = wanted();
    group.bench_function("by-hand", |bencher| {
        bencher.iter_batched(Notes::default, |notes| by_hand(notes, &wanted), BatchSize::SmallInput);
    });
    group.finish();
}

fn planned() -> (Scaffolder, Plan) {
    let scaffolder = scaffolder(&Notes::default());
    let plan = now(scaffolder.plan(&template(), &request())).expect("the template is good");
    (scaffolder, plan)
}

/// Hands the scaffolder back, so that dropping its log is not measured.
fn applied(scaffolder: Scaffolder, plan: &Plan) -> Scaffolder {
    let run = now(scaffolder.apply(plan, &RunOptions::default())).expect("the world has not moved");
    assert_eq!(run.status, RunStatus::Completed);
    scaffolder
}

fn by_hand(notes: Notes, wanted: &[idp_benches::Note]) -> Notes {
    apply_by_hand(&notes, wanted);
    notes
}

//! An expression and a skeleton, rendered by the engine and by plain minijinja; and the skeleton merely copied.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use idp_benches::{EXPRESSION, plain_environment, plain_values, render_plain, skeleton, values};
use idp_core::Tree;
use idp_scaffolder::{Engine, RenderOptions, Scope, copy_files, render_files};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    value(&mut criterion);
    tree(&mut criterion);
    criterion.final_summary();
}

/// One expression: read and evaluated, and evaluated only.
fn value(criterion: &mut Criterion) {
    let (engine, scope) = (Engine::default(), Scope::new().with("values", values()));
    let compiled = engine.compile_value(EXPRESSION).expect("the expression is good");
    let (environment, context) = (plain_environment(), plain_values());
    let ready = environment.template_from_str(EXPRESSION).expect("the expression is good");

    let mut group = criterion.benchmark_group("render/expression");
    group.bench_function("engine", |bencher| {
        bencher.iter(|| engine.render_value(black_box(EXPRESSION), &scope))
    });
    group.bench_function("minijinja", |bencher| {
        bencher.iter(|| environment.render_str(black_box(EXPRESSION), &context));
    });
    group.bench_function("engine-compiled", |bencher| {
        bencher.iter(|| compiled.render_value(black_box(&scope)))
    });
    group.bench_function("minijinja-compiled", |bencher| bencher.iter(|| ready.render(black_box(&context))));
    group.finish();
}

/// A skeleton of a hundred files.
fn tree(criterion: &mut Criterion) {
    let (engine, environment) = (Engine::default(), plain_environment());
    let (values, options) = (values(), RenderOptions::default());
    let files = skeleton();

    let mut group = criterion.benchmark_group("render/skeleton");
    group.throughput(Throughput::Bytes(files.bytes()));
    group.bench_function("engine", |bencher| {
        bencher.iter(|| {
            let mut out = Tree::new();
            render_files(&engine, black_box(&files), &values, &options, &mut out).expect("it renders");
            out
        });
    });
    group.bench_function("minijinja", |bencher| {
        bencher.iter(|| render_plain(&environment, black_box(&files), &values).expect("it renders"));
    });
    group.bench_function("copy", |bencher| {
        bencher.iter(|| {
            let mut out = Tree::new();
            copy_files(black_box(&files), "", &mut out).expect("there is nothing in the way");
            out
        });
    });
    group.finish();
}

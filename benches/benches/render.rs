//! An expression and a skeleton, rendered by the engine and by plain minijinja; and the skeleton merely copied.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use idp_benches::{
    EXPRESSION, copy_folder, plain_environment, plain_values, render_folder_plain, render_plain, skeleton,
    values,
};
use idp_core::{Tree, TreeLimits};
use idp_scaffolder::{Engine, RenderOptions, Scope, copy_files, read_folder, render_files, write_folder};
use tempfile::TempDir;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    value(&mut criterion);
    tree(&mut criterion);
    folder(&mut criterion);
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

/// A skeleton of a thousand files, in memory.
fn tree(criterion: &mut Criterion) {
    let environment = plain_environment();
    let (values, files) = (values(), skeleton());

    let mut group = criterion.benchmark_group("render/tree");
    group.throughput(Throughput::Bytes(files.bytes()));
    group.bench_function("engine", |bencher| {
        bencher.iter_batched(
            Engine::default,
            |engine| (rendered(&engine, black_box(&files)), engine),
            BatchSize::PerIteration,
        );
    });
    let engine = Engine::default();
    group.bench_function("engine-again", |bencher| bencher.iter(|| rendered(&engine, black_box(&files))));
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

fn rendered(engine: &Engine, files: &Tree) -> Tree {
    let mut out = Tree::new();
    render_files(engine, files, &values(), &RenderOptions::default(), &mut out).expect("it renders");
    out
}

/// The same skeleton from folder to folder: read, rendered, staged and written.
fn folder(criterion: &mut Criterion) {
    let (environment, context) = (plain_environment(), plain_values());
    let from = tempfile::tempdir().expect("there is room for a folder");
    write_folder(&skeleton(), from.path()).expect("the folder is empty");
    let from = from.path();

    let mut group = criterion.benchmark_group("render/folder");
    group.throughput(Throughput::Bytes(skeleton().bytes()));
    measure(&mut group, "engine", |to| {
        let engine = Engine::default();
        render_folder(&engine, from, to);
        engine
    });
    let engine = Engine::default();
    measure(&mut group, "engine-again", |to| render_folder(&engine, from, to));
    measure(&mut group, "minijinja", |to| {
        render_folder_plain(&environment, from, to, &context).expect("it renders");
    });
    measure(&mut group, "copy", |to| copy_folder(from, to).expect("there is nothing in the way"));
    group.finish();
}

/// Measures what fills a new folder, but not how what it answers is dropped.
fn measure<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, fill: impl Fn(&Path) -> T) {
    let new = || tempfile::tempdir().expect("there is room for a folder");
    group.bench_function(name, |bencher| {
        let filled = |folder: TempDir| (fill(folder.path()), folder);
        bencher.iter_batched(new, filled, BatchSize::PerIteration);
    });
}

/// What `fetch:template` does between two folders.
fn render_folder(engine: &Engine, from: &Path, to: &Path) {
    let files = read_folder(from, TreeLimits::default()).expect("it is small");
    write_folder(&rendered(engine, &files), to).expect("there is nothing in the way");
}

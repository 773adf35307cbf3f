//! Expressions and a skeleton, rendered by the engine and by plain minijinja; the skeleton merely copied; a large template
//! checked.
//!
//! `engine` reads every template for the first time. `engine-again` has read them before: what it costs without the front
//! end, which is the lexer, the parser and the lowering to minijinja.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use idp_benches::{
    EXPRESSIONS, builtins, copy_folder, golden_path, golden_skeleton, plain_environment, plain_values,
    render_folder_plain, render_plain, skeleton, values,
};
use idp_core::{Tree, TreeLimits};
use idp_scaffolder::{
    Checker, Engine, RenderOptions, Scope, TextOptions, copy_files, read_folder, render_files, write_folder,
};
use tempfile::TempDir;
use url::Url;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    expressions(&mut criterion);
    tree(&mut criterion);
    folder(&mut criterion);
    check(&mut criterion);
    criterion.final_summary();
}

/// A dozen expressions: read and evaluated, and evaluated only.
fn expressions(criterion: &mut Criterion) {
    let (engine, scope) = (Engine::default(), Scope::new().with("values", values()));
    let (environment, context) = (plain_environment(), plain_values());
    let compiled = EXPRESSIONS.map(|it| engine.compile_text(it, TextOptions::default()).expect("it is good"));
    let ready = EXPRESSIONS.map(|it| environment.template_from_str(it).expect("it is good"));

    let mut group = criterion.benchmark_group("render/expressions");
    group.throughput(Throughput::Elements(EXPRESSIONS.len() as u64));
    group.bench_function("engine", |bencher| {
        let all = |engine: Engine| {
            EXPRESSIONS.iter().for_each(|it| drop(engine.render_text(it, &scope, TextOptions::default())));
            engine
        };
        bencher.iter_batched(Engine::default, all, BatchSize::SmallInput);
    });
    group.bench_function("minijinja", |bencher| {
        bencher
            .iter(|| EXPRESSIONS.iter().for_each(|it| drop(black_box(environment.render_str(it, &context)))));
    });
    group.bench_function("engine-compiled", |bencher| {
        bencher.iter(|| compiled.iter().for_each(|it| drop(black_box(it.render_text(&scope)))));
    });
    group.bench_function("minijinja-compiled", |bencher| {
        bencher.iter(|| ready.iter().for_each(|it| drop(black_box(it.render(&context)))));
    });
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

/// A golden path of 200 fields, 100 steps and 300 files, checked; and the files merely read.
fn check(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    write_folder(&golden_skeleton(), folder.path()).expect("the folder is empty");
    let base = Url::from_directory_path(folder.path()).expect("the path is absolute");
    let template = golden_path(&base).expect("the template is good");
    let checker = Checker::new().actions(&builtins().expect("their names differ"));

    let mut group = criterion.benchmark_group("render/check");
    group.sample_size(10);
    group.bench_function("engine", |bencher| bencher.iter(|| checker.check(black_box(&template))));
    group.bench_function("read", |bencher| {
        bencher.iter(|| read_folder(folder.path(), TreeLimits::default()).expect("it is small"));
    });
    group.finish();
}

//! Skeletons meant to do harm: each is refused within its limits, with the file it is about, and nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use std::time::{Duration, Instant};

use idp_core::{Error, ErrorKind, Node, Tree, TreeError, TreeLimits, TreePath};
use idp_scaffolder::{
    Engine, Limits, Mode, RenderError, RenderOptions, read_folder, render_files, write_folder,
};
use serde_json::{Value, json};

fn path(text: &str) -> TreePath {
    TreePath::new(text).unwrap()
}

fn skeleton<'f>(files: impl IntoIterator<Item = (String, &'f str)>) -> Tree {
    let mut tree = Tree::new();
    for (name, content) in files {
        tree.insert(path(&name), Node::file(content.as_bytes())).unwrap();
    }
    tree
}

/// Values that names should not be made of.
fn values() -> Value {
    json!({"up": "..", "root": "/", "nul": "a\0b", "backslash": "..\\x", "long": "x".repeat(5000), "name": "link"})
}

fn render(engine: &Engine, files: &Tree, out: &mut Tree) -> Result<(), RenderError> {
    let options: RenderOptions = serde_json::from_value(json!({"replace": true})).unwrap();
    render_files(engine, files, &values(), &options, out).map(drop)
}

/// Refused, the destination as it was.
fn refused(engine: &Engine, files: &Tree, limits: TreeLimits) -> RenderError {
    let mut out = Tree::with_limits(limits);
    out.insert(path("old"), Node::file(*b"x")).unwrap();
    let before = out.clone();
    let error = render(engine, files, &mut out).unwrap_err();
    assert_eq!(out, before, "{error}");
    error
}

#[test]
fn names_do_not_lead_out_of_the_destination() {
    for (name, why) in [
        ("${{ values.up }}/x", "outside"),
        ("a/${{ values.up }}/${{ values.up }}/x", "outside"),
        ("a${{ values.root }}${{ values.up }}/x", "outside"),
        ("${{ values.nul }}", "not usable"),
        ("${{ values.backslash }}", "not usable"),
        ("a/${{ values.long }}", "not usable"),
    ] {
        let files = skeleton([(name.to_owned(), "x"), ("a".repeat(9), "y")]);
        let error = refused(&Engine::default(), &files, TreeLimits::default());
        assert!(matches!(&error, RenderError::Path { path, .. } if path == name), "{name}: {error}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn an_absolute_name_comes_to_nothing() {
    let mut out = Tree::new();
    let files = skeleton([("${{ values.root }}etc/passwd".to_owned(), "x")]);
    render(&Engine::default(), &files, &mut out).unwrap();
    assert!(out.is_empty());
}

#[test]
fn nothing_is_written_through_a_link_of_the_skeleton() {
    let mut files = skeleton([("${{ values.name }}/x".to_owned(), "x")]);
    files.insert(path("link"), Node::Symlink { target: "/etc".to_owned() }).unwrap();
    let error = refused(&Engine::default(), &files, TreeLimits::default());
    assert!(matches!(error, RenderError::Path { error: TreeError::Clash(_), .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_of_the_target_folder() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["folder", "file"] {
        std::os::unix::fs::symlink(outside.path().join(name), folder.path().join(name)).unwrap();
    }
    std::fs::create_dir(outside.path().join("folder")).unwrap();
    for name in ["folder/x", "folder/deep/x", "file"] {
        let error = write_folder(&skeleton([(name.to_owned(), "x")]), folder.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{name}");
    }
    assert_eq!(std::fs::read_dir(outside.path().join("folder")).unwrap().count(), 0);
    assert!(!outside.path().join("file").exists());
}

#[test]
fn a_million_files_are_not_read() {
    let mut tree = Tree::new();
    let names = (0..1_000_000).map(|number| format!("{}/{number}", number % 1000));
    let failed = names.map(|name| tree.insert(path(&name), Node::file(*b""))).position(|it| it.is_err());
    assert_eq!(failed, Some(TreeLimits::default().nodes));

    let folder = tempfile::tempdir().unwrap();
    write_folder(&skeleton((0..60).map(|number| (format!("{}/{number}", number % 7), "x"))), folder.path())
        .unwrap();
    for (nodes, bytes, allowed) in [(60, 60, true), (59, 60, false), (5, 60, false), (60, 59, false)] {
        let mut limits = TreeLimits::default();
        (limits.nodes, limits.bytes) = (nodes, bytes);
        let read = read_folder(folder.path(), limits);
        let too_much = |error: &Error| error.kind() == ErrorKind::LimitExceeded;
        assert!(if allowed { read.is_ok() } else { read.as_ref().is_err_and(too_much) }, "{nodes}: {read:?}");
    }
}

#[test]
fn what_all_files_come_to_is_limited() {
    let megabyte = "{% for x in range(1000) %}${{ 'x' | center(1000) }}{% endfor %}";
    let files = skeleton((0..100).map(|number| (format!("{number:03}"), megabyte)));
    let mut limits = TreeLimits::default();
    limits.bytes = 70_000_000;
    let error = refused(&Engine::default(), &files, limits);
    assert!(
        matches!(&error, RenderError::Path { path, error: TreeError::Limit(_) } if path == "069"),
        "{error}"
    );
}

#[test]
fn the_work_of_all_files_is_limited() {
    let mut limits = Limits::default();
    limits.skeleton_work = 1_000_000;
    let engine = Engine::builder(Mode::Backstage).limits(limits).build();
    let busy = "{% for x in range(1000) %}{% if x %}{% endif %}{% endfor %}";
    let files = skeleton((0..10_000).map(|number| (format!("{number:05}"), busy)));
    let begun = Instant::now();
    let first = refused(&engine, &files, TreeLimits::default());
    assert!(matches!(first, RenderError::Work { .. }), "{first}");
    assert_eq!(Error::from(first.clone()).kind(), ErrorKind::LimitExceeded);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    // Wherever threads were, it is too much at the same file.
    for _ in 0..3 {
        assert_eq!(refused(&engine, &files, TreeLimits::default()), first);
    }
}

#[test]
fn what_an_earlier_file_makes_is_not_rendered_again() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    let names = (0..2000).map(|number| format!("{{# {number:04} #}}x"));
    let mut files = skeleton(names.map(|name| (name, endless)));
    files.insert(path("x"), Node::file(*b"as it is")).unwrap();
    files.insert(path("!"), Node::file(*b"{% set y = 1 %}")).unwrap();
    // The first in the order of paths, and the only one of its name that is rendered.
    files.insert(path("${{ 'x' }}"), Node::file(*b"first")).unwrap();
    let mut out = Tree::new();
    let begun = Instant::now();
    let report =
        render_files(&Engine::default(), &files, &values(), &RenderOptions::default(), &mut out).unwrap();
    assert_eq!((report.written.len(), report.kept.len()), (2, 2001));
    assert_eq!(out.get(&path("x")), Some(&Node::file(*b"first")));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn what_is_kept_counts_no_work() {
    let mut limits = Limits::default();
    limits.skeleton_work = 50_000;
    let engine = Engine::builder(Mode::Backstage).limits(limits).build();
    let busy = "{% for x in range(1000) %}{% if x %}{% endif %}{% endfor %}";
    let files = skeleton((0..20).map(|number| (format!("x{{# {number} #}}"), busy)));
    let mut out = Tree::new();
    let options = RenderOptions::default();
    let report = render_files(&engine, &files, &values(), &options, &mut out).unwrap();
    assert_eq!((report.written.len(), report.kept.len()), (1, 19));
}

#[test]
fn the_first_error_is_that_of_the_first_file() {
    let bad = |number: usize| number % 97 == 41;
    let files = skeleton((0..2000).map(|number| {
        (format!("{number:04}"), if bad(number) { "${{ 1 | nosuch }}" } else { "${{ values.name }}" })
    }));
    for _ in 0..5 {
        let error = refused(&Engine::default(), &files, TreeLimits::default());
        assert!(error.to_string().starts_with("0041:1:5:"), "{error}");
    }
}

//! What `fetch:template` does with a skeleton.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use idp_core::{Node, Tree, TreePath};
use idp_scaffolder::{Engine, Mode, RenderError, RenderOptions, copy_files, render_files};
use proptest::prelude::*;
use serde_json::{Value, json};

fn path(text: &str) -> TreePath {
    TreePath::new(text).unwrap()
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (name, content) in files {
        let node = if name.ends_with('/') { Node::Folder } else { Node::file(content.as_bytes()) };
        tree.insert(path(name), node).unwrap();
    }
    tree
}

fn options(options: Value) -> RenderOptions {
    serde_json::from_value(options).unwrap()
}

fn values() -> Value {
    json!({"name": "test-project", "count": 1234, "items": ["first", "second"], "f": false, "t": true, "slash": "x/y", "up": ".."})
}

fn rendered(files: &[(&str, &str)], with: Value) -> Result<Tree, RenderError> {
    let mut out = Tree::new();
    render_files(&Engine::default(), &tree(files), &values(), &options(with), &mut out).map(|_| out)
}

/// Names and contents; folders end with a slash.
fn listing(tree: &Tree) -> Vec<(String, String)> {
    let show = |(path, node): (&TreePath, &Node)| match node {
        Node::File { bytes, .. } => (path.to_string(), String::from_utf8_lossy(bytes).into_owned()),
        Node::Symlink { target } => (path.to_string(), format!("-> {target}")),
        Node::Folder => (format!("{path}/"), String::new()),
    };
    tree.iter().map(show).collect()
}

fn check(files: &[(&str, &str)], with: Value, want: &[(&str, &str)]) {
    let got = listing(&rendered(files, with).unwrap());
    let got: Vec<_> = got.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    assert_eq!(got, want);
}

#[test]
fn names_and_contents_are_rendered() {
    check(
        &[
            ("static.txt", "plain"),
            ("${{ values.name }}.txt", "${{ values.name }}: ${{ values.count }}"),
            ("sub/.${{ values.name }}", "${{ values.items | dump }}"),
            ("empty-${{ values.count }}/", ""),
            ("html", "${{ '<b>' }}${{ values.missing }}${{ parameters.x }}"),
            (
                "actions.yml",
                "a: ${{ \"${{ github.ref }}\" }}{% raw %}${{ github.ref }}{% endraw %}${{ github.ref }}",
            ),
        ],
        json!({}),
        &[
            ("actions.yml", "a: ${{ github.ref }}${{ github.ref }}"),
            ("empty-1234/", ""),
            ("html", "<b>"),
            ("static.txt", "plain"),
            ("sub/.test-project", "[\"first\",\"second\"]"),
            ("test-project.txt", "test-project: 1234"),
        ],
    );
}

#[test]
fn a_name_that_comes_to_nothing_is_left_out() {
    check(
        &[
            ("{% if values.f %}x.txt{% else %}{% endif %}", "a"),
            ("${{ 'y.txt' if values.f else '' }}", "b"),
            ("${{ 'dir' if values.f }}/z.txt", "c"),
            ("a/${{ 'dir' if values.f }}/deep/z.txt", "d"),
            ("a/${{ '' }}/", ""),
            ("a/${{ 'z' if values.f }}", "e"),
            ("a/${{ 'kept' if values.t }}/z.txt", "f"),
            ("${{ values.slash }}.txt", "g"),
        ],
        json!({}),
        &[("a/kept/z.txt", "f"), ("x/y.txt", "g")],
    );
}

#[test]
fn nothing_leaves_the_destination() {
    for (name, with) in [
        ("${{ values.up }}/x", json!({})),
        ("a/${{ values.up }}/${{ values.up }}/x", json!({})),
        ("x", json!({"targetPath": "../"})),
        ("x", json!({"targetPath": "a/../../b"})),
        ("x", json!({"targetPath": "/etc"})),
    ] {
        let error = rendered(&[(name, "a")], with).unwrap_err();
        assert!(matches!(error, RenderError::Path { .. }), "{name}: {error}");
        assert!(error.to_string().contains("outside"), "{error}");
    }
}

#[test]
fn everything_goes_below_the_target_path() {
    check(&[("a/b", "x")], json!({"targetPath": "./out/"}), &[("out/a/b", "x")]);
    let mut out = Tree::new();
    copy_files(&tree(&[("${{ a }}", "${{ b }}")]), "out", &mut out).unwrap();
    assert_eq!(listing(&out), [("out/${{ a }}".to_owned(), "${{ b }}".to_owned())]);
}

#[test]
fn links_modes_and_binaries_stay_as_they_are() {
    let mut skeleton = Tree::new();
    let link = Node::Symlink { target: "../${{ values.name }}".to_owned() };
    skeleton.insert(path("${{ values.name }}-link"), link.clone()).unwrap();
    let script = Node::File { bytes: b"${{ values.name }}".as_slice().into(), mode: 0o755 };
    skeleton.insert(path("run.sh"), script).unwrap();
    let binary = Node::file(*b"\x89PNG\x00${{ values.name }}");
    skeleton.insert(path("logo.png"), binary.clone()).unwrap();
    let mut out = Tree::new();
    render_files(&Engine::default(), &skeleton, &values(), &RenderOptions::default(), &mut out).unwrap();
    assert_eq!(out.get(&path("test-project-link")), Some(&link));
    assert_eq!(out.get(&path("logo.png")), Some(&binary));
    let want = Node::File { bytes: b"test-project".as_slice().into(), mode: 0o755 };
    assert_eq!(out.get(&path("run.sh")), Some(&want));
}

#[test]
fn bytes_that_are_no_utf8_survive() {
    let mut skeleton = Tree::new();
    let latin = b"na\xefve caf\xe9 in a long enough line of text ${{ values.name }}\r\n";
    skeleton.insert(path("latin"), Node::file(*latin)).unwrap();
    skeleton.insert(path("bom"), Node::file(*b"\xef\xbb\xbfa\r\n${{ values.count }}\r\n")).unwrap();
    skeleton.insert(path("empty"), Node::file(*b"")).unwrap();
    let mut out = Tree::new();
    render_files(&Engine::default(), &skeleton, &values(), &RenderOptions::default(), &mut out).unwrap();
    let read = |name: &str| out.read(&path(name)).unwrap().to_vec();
    assert_eq!(read("latin"), b"na\xefve caf\xe9 in a long enough line of text test-project\r\n");
    assert_eq!(read("bom"), b"\xef\xbb\xbfa\r\n1234\r\n");
    assert_eq!(read("empty"), b"");
}

#[test]
fn files_that_are_there_are_kept_unless_replaced() {
    for (replace, want) in [(false, "old"), (true, "new")] {
        let mut out = tree(&[("a", "old")]);
        let skeleton = tree(&[("a", "new"), ("b", "new")]);
        let with = options(json!({"replace": replace}));
        let report = render_files(&Engine::default(), &skeleton, &values(), &with, &mut out).unwrap();
        assert_eq!(out.read(&path("a")).unwrap().as_ref(), want.as_bytes());
        assert_eq!(report.kept.len(), usize::from(!replace));
        assert!(out.exists(&path("b")));
    }
}

#[test]
fn a_file_that_fails_leaves_the_destination_untouched() {
    let mut out = tree(&[("old", "x")]);
    let before = out.clone();
    let skeleton = tree(&[("a", "fine"), ("b", "one\n  ${{ 1 | nosuch }}"), ("c", "fine")]);
    let error = render_files(&Engine::default(), &skeleton, &values(), &RenderOptions::default(), &mut out)
        .unwrap_err();
    assert_eq!(error.to_string(), "b:2:7: Unknown template filter \"nosuch\"");
    assert_eq!(out, before);
}

#[test]
fn content_is_copied_where_a_pattern_says_so() {
    let files = [
        (".unprocessed/${{ values.name }}", "${{ 1 }}"),
        (".unprocessed/sub/process-${{ values.name }}", "${{ 1 }}"),
        ("x.txt", "${{ 1 }}"),
    ];
    let copied = [
        (".unprocessed/sub/process-test-project", "${{ 1 }}"),
        (".unprocessed/test-project", "${{ 1 }}"),
        ("x.txt", "1"),
    ];
    check(&files, json!({"copyWithoutTemplating": [".unprocessed"]}), &copied);
    let mut excluded = copied;
    excluded[0].1 = "1";
    check(&files, json!({"copyWithoutTemplating": [".unprocessed", "!**/process-*"]}), &excluded);
    let workflows = [(".github/workflows/a.yml", "${{ x }}"), (".github/workflows/sub/b.yml", "${{ 1 }}")];
    check(
        &workflows,
        json!({"copyWithoutTemplating": [".github/workflows/*.yml"]}),
        &[workflows[0], (workflows[1].0, "1")],
    );
}

#[test]
fn copy_without_render_belongs_to_the_mode() {
    let files = tree(&[("keep/${{ values.name }}", "${{ 1 }}")]);
    let with = options(json!({"copyWithoutRender": ["keep"]}));
    for (mode, want) in [
        (Mode::Backstage, ("keep/test-project", "1")),
        (Mode::BackstageLegacy, ("keep/${{ values.name }}", "${{ 1 }}")),
        (Mode::Strict, ("keep/${{ values.name }}", "${{ 1 }}")),
    ] {
        let mut out = Tree::new();
        render_files(&Engine::new(mode), &files, &values(), &with, &mut out).unwrap();
        assert_eq!(listing(&out), [(want.0.to_owned(), want.1.to_owned())], "{mode:?}");
    }
}

#[test]
fn a_template_extension_chooses_what_is_rendered() {
    let files = [
        ("${{ values.name }}.md", "${{ 1 }}"),
        ("a.txt.njk", "${{ 1 }}"),
        ("b.jinja2", "${{ 1 }}"),
        ("c.njk/d", "e"),
    ];
    let njk = [("a.txt", "1"), ("b.jinja2", "${{ 1 }}"), ("c.njk/d", "e"), ("test-project.md", "${{ 1 }}")];
    check(&files, json!({"templateFileExtension": true}), &njk);
    let jinja = [("a.txt.njk", "${{ 1 }}"), ("b", "1"), ("c.njk/d", "e"), ("test-project.md", "${{ 1 }}")];
    check(&files, json!({"templateFileExtension": "jinja2"}), &jinja);
    check(&files, json!({"templateFileExtension": ".jinja2"}), &jinja);
    for other in [json!({"cookiecutterCompat": true}), json!({"copyWithoutTemplating": ["a"]})] {
        let mut with = other;
        with["templateFileExtension"] = json!(true);
        assert!(matches!(rendered(&files, with), Err(RenderError::Options { .. })));
    }
}

#[test]
fn cookiecutter_templates_have_their_delimiters() {
    check(
        &[(
            "{{ cookiecutter.name }}",
            "{{ cookiecutter.items | jsonify }}${{ cookiecutter.name }}{{ True }}",
        )],
        json!({"cookiecutterCompat": true}),
        &[("test-project", "[\n    \"first\",\n    \"second\"\n]$test-projecttrue")],
    );
}

#[test]
fn blocks_can_be_trimmed() {
    let sample = "A\n{% if values.t %}\nB\n{% endif %}\nC\n  {% if values.t %}\n  D\n  {% endif %}\nE";
    check(&[("a", sample)], json!({"trimBlocks": true}), &[("a", "A\nB\nC\n    D\n  E")]);
    check(&[("a", sample)], json!({"trimBlocks": true, "lstripBlocks": true}), &[("a", "A\nB\nC\n  D\nE")]);
}

proptest! {
    #[test]
    fn any_bytes_render_or_are_refused(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut skeleton = Tree::new();
        skeleton.insert(path("a"), Node::file(content.clone())).unwrap();
        let mut out = Tree::new();
        let done = render_files(&Engine::default(), &skeleton, &values(), &RenderOptions::default(), &mut out);
        let has_delimiters = content.windows(2).any(|two| matches!(two, b"{%" | b"{#" | b"{{"));
        if done.is_ok() && !has_delimiters {
            prop_assert_eq!(out.read(&path("a")).unwrap().as_ref(), content.as_slice());
        }
        prop_assert!(done.is_ok() || out.is_empty());
    }

    #[test]
    fn no_name_leaves_the_destination(name in "[a-z./{}$ '%]{1,30}") {
        let mut skeleton = Tree::new();
        if let Ok(path) = TreePath::new(&name) {
            skeleton.insert(path, Node::file(*b"x")).unwrap();
            let mut out = Tree::new();
            let _ = render_files(&Engine::default(), &skeleton, &json!({}), &RenderOptions::default(), &mut out);
        }
    }
}

#[test]
fn a_filter_whose_dots_have_blanks_around_is_called_by_one_thread() {
    let mut skeleton = Tree::new();
    for number in 0..100 {
        let content = &b"${{ 'x' | acme . here }}"[..];
        skeleton.insert(path(&format!("f{number:03}")), Node::file(content)).unwrap();
    }
    let own = thread::current().id();
    let here = move |_: &[Value]| {
        // Long enough for another thread to take part.
        thread::sleep(Duration::from_millis(2));
        Ok(Some(json!(thread::current().id() == own)))
    };
    let engine = Engine::builder(Mode::Backstage).filter("acme.here", here).build();
    let mut out = Tree::new();
    render_files(&engine, &skeleton, &json!({}), &RenderOptions::default(), &mut out).unwrap();
    assert!(out.iter().all(|(_, node)| *node == Node::file(&b"true"[..])));
}

/// A host's function that remembers gives the same files every time, whatever else is rendered beside them.
#[test]
fn what_a_host_added_is_called_in_one_order() {
    for (mode, filtered) in
        [(Mode::Backstage, "'x' | count"), (Mode::Strict, "['x'] | map('co' ~ 'unt') | first")]
    {
        let called = format!("${{{{ next() }}}} ${{{{ {filtered} }}}}");
        let mut skeleton = Tree::new();
        for number in 0..500 {
            let content = if number % 5 == 0 { &*called } else { "${{ values.name }}" };
            skeleton.insert(path(&format!("f{number:03}")), Node::file(content.as_bytes())).unwrap();
        }
        let counter = || {
            let count = AtomicU64::new(0);
            move |_: &[Value]| Ok(Some(json!(count.fetch_add(1, Ordering::Relaxed))))
        };
        let engine = Engine::builder(mode).function("next", counter()).filter("count", counter()).build();
        let mut out = Tree::new();
        render_files(&engine, &skeleton, &json!({"name": "n"}), &RenderOptions::default(), &mut out).unwrap();
        for number in 0..500 {
            let called = number / 5;
            let wanted = if number % 5 == 0 { format!("{called} {called}") } else { "n".to_owned() };
            let written = out.get(&path(&format!("f{number:03}")));
            assert_eq!(written, Some(&Node::file(wanted.into_bytes())));
        }
    }
}

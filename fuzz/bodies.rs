//! What is fuzzed. Each body takes any bytes, must come back soon, and may panic only where a promise is broken. The
//! fuzzer calls them with what it finds, and a test of the workspace with seeded mutations (`examples/tests/fuzz.rs`).
#![allow(dead_code, unreachable_pub, reason = "every target uses one of them")]

use idp_catalog::{
    Matcher, Model, Profile, Verdict, YamlDocument, YamlLimits, parse_filter, parse_query, parse_yaml,
    predicate_from_json,
};
use idp_core::{
    Diagnostic, Entity, EntityRef, Node, RefDefaults, Registry, SourceText, Tree, TreeLimits, TreePath,
};
use idp_scaffolder::{
    Builtins, Checker, Engine, Limits, Mode, RenderOptions, Scope, Template, TextOptions, render_files,
};
use serde_json::{Value, json};

/// Takes anything, and panics where a promise is broken.
pub type Body = fn(&[u8]);

/// Every target, by its name.
pub const TARGETS: [(&str, Body); 10] = [
    ("yaml", yaml),
    ("judge", judge),
    ("model_layer", model_layer),
    ("entity_ref", entity_ref),
    ("query_text", query_text),
    ("predicate_json", predicate_json),
    ("template_expression", template_expression),
    ("template_check", template_check),
    ("template_parse", template_parse),
    ("template_files", template_files),
];

/// Bytes as a file's text: what is not UTF-8 becomes replacement characters.
pub fn file(bytes: &[u8]) -> SourceText {
    SourceText::new("fuzzed.yaml", String::from_utf8_lossy(bytes).into_owned())
}

/// YAML: every document is data, or says why not; what it costs is bounded by its length and the limits.
pub fn yaml(bytes: &[u8]) {
    let (source, limits) = (file(bytes), YamlLimits::default());
    for document in parse_yaml(&source, &limits) {
        check_document(&source, &document, &limits);
    }
}

/// A document is good or says what is wrong.
pub fn check_document(source: &SourceText, document: &YamlDocument, limits: &YamlLimits) {
    let errors = document.problems().iter().filter(|it| it.is_error()).count();
    assert!(document.value().is_some() || errors > 0, "an unreadable document says nothing");
    assert!(document.problems().len() <= 2 * (limits.problems + 1), "too many problems are kept");
    let nodes = document.value().map_or(0, nodes);
    assert!(nodes <= source.text().len() + limits.alias_nodes + 1, "{nodes} nodes are too many");
    check_diagnostics(source, document.problems());
}

/// The model: refused with an error, or valid without one.
pub fn judge(bytes: &[u8]) {
    let model = Model::backstage().with_profile(Profile::strict());
    let source = file(bytes);
    for document in parse_yaml(&source, &YamlLimits::default()) {
        check_verdict(&source, &model.judge(&source, &document));
    }
}

/// A verdict is valid, or says what is wrong.
pub fn check_verdict(source: &SourceText, verdict: &Verdict) {
    let errors = verdict.diagnostics.iter().filter(|it| it.is_error()).count();
    assert_eq!(verdict.is_valid(), errors == 0, "{:?}", verdict.diagnostics);
    assert!(verdict.diagnostics.len() <= 500, "too many problems are kept");
    check_diagnostics(source, &verdict.diagnostics);
}

fn check_diagnostics(source: &SourceText, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        assert!(!diagnostic.code.is_empty() && !diagnostic.message.is_empty());
        if let Some(place) = &diagnostic.place {
            assert!(place.span.start <= place.span.end && place.span.end <= source.text().len());
            assert!(place.line() > 0 && place.column() > 0);
        }
    }
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(map) => map.values().map(nodes).sum(),
        _ => 0,
    }
}

/// Layers of the model: taken, or refused with a reason that has a place.
pub fn model_layer(bytes: &[u8]) {
    let source = file(bytes);
    match Model::backstage().with_layers([source.clone()]) {
        Ok(model) => {
            for document in parse_yaml(&source, &YamlLimits::default()) {
                check_verdict(&source, &model.judge(&source, &document));
            }
        }
        Err(error) => {
            assert!(error.diagnostics().iter().any(|it| it.is_error() && it.place.is_some()), "{error}");
        }
    }
}

/// References: what is read prints as what is read again.
pub fn entity_ref(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let defaults = [RefDefaults::default(), RefDefaults { kind: Some("Component"), namespace: Some("shop") }];
    for made in defaults.iter().filter_map(|defaults| EntityRef::parse(&text, *defaults).ok()) {
        let again: EntityRef = made.as_str().parse().expect("a printed reference reads back");
        assert_eq!(again, made);
    }
}

/// Queries: understood and ready to be asked, or refused with a place in the text.
pub fn query_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for parsed in [parse_query(&text), parse_filter(&text)] {
        match parsed {
            Ok(predicate) => drop(Matcher::new(&predicate)),
            Err(error) => {
                for diagnostic in error.diagnostics() {
                    let end = diagnostic.place.as_ref().map_or(0, |place| place.span.end);
                    assert!(end <= text.len(), "{diagnostic} points behind the text");
                }
            }
        }
    }
}

/// Predicates as JSON: understood and ready to be asked, or refused.
pub fn predicate_json(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes)
        && let Ok(predicate) = predicate_from_json(&value)
    {
        drop(Matcher::new(&predicate));
    }
}

/// Expressions and texts of templates, with values to work on.
pub fn template_expression(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut limits = Limits::default();
    limits.work = 50_000;
    let values = json!({"name": "cart", "tags": ["a", "b"], "nested": {"x": 1.5, "y": null}, "n": 3});
    let scope = Scope::new().with("parameters", values.clone()).with("values", values);
    for mode in [Mode::Backstage, Mode::Strict] {
        let engine = Engine::builder(mode).limits(limits).build();
        let _ = engine.render_value(&text, &scope);
        let _ = engine.render_text(&text, &scope, TextOptions::default());
    }
}

/// The lexer, the parser and the printer: refused with a place in the text, or printed as what reads back and is printed
/// the same.
pub fn template_parse(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut cookiecutter = TextOptions::default();
    cookiecutter.cookiecutter = true;
    for (mode, options) in [
        (Mode::Backstage, TextOptions::default()),
        (Mode::Backstage, cookiecutter),
        (Mode::BackstageLegacy, TextOptions::default()),
    ] {
        let engine = Engine::new(mode);
        match engine.reprint(&text, options) {
            Ok(printed) if mode == Mode::Backstage => {
                let again = engine.reprint(&printed, options).expect("what is printed reads back");
                assert_eq!(again, printed, "it is printed another way the second time");
            }
            Ok(_) => (),
            Err(error) => {
                let span = error.span();
                assert!(span.start <= span.end && span.end <= text.len(), "{error} points behind the text");
            }
        }
    }
}

/// A skeleton whose names and contents are lines of the input: rendered within its limits and inside of its folder, the
/// same every time, or refused and the destination untouched.
pub fn template_files(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut limits = Limits::default();
    (limits.work, limits.skeleton_work) = (20_000, 100_000);
    let engine = Engine::builder(Mode::Backstage).limits(limits).build();
    let (head, lines) = text.split_once('\n').unwrap_or((&text, &text));
    let options: RenderOptions = serde_json::from_str(head).unwrap_or_default();
    let values = json!({"name": "cart", "up": "..", "root": "/", "tags": ["a", "b"]});
    let mut skeleton = Tree::new();
    for line in lines.lines().take(40) {
        let (name, content) = line.split_once(": ").unwrap_or((line, line));
        let Ok(path) = TreePath::new(name) else { continue };
        // A name that is a folder already is one of two that clash.
        let _ = skeleton.insert(path, Node::file(content.as_bytes()));
    }
    let mut allowed = TreeLimits::default();
    (allowed.bytes, allowed.nodes) = (10_000, 20);
    let before = Tree::with_limits(allowed);
    let (mut once, mut twice) = (before.clone(), before.clone());
    let first = render_files(&engine, &skeleton, &values, &options, &mut once);
    let second = render_files(&engine, &skeleton, &values, &options, &mut twice);
    assert_eq!((&first, &once), (&second, &twice), "the same files are rendered another way the second time");
    assert!(first.is_ok() || once == before, "a refused rendering leaves something behind");
    assert!(once.bytes() <= allowed.bytes && once.len() <= allowed.nodes);
    let inside = |path: &TreePath| path.as_str().split('/').all(|part| !matches!(part, "" | "." | ".."));
    assert!(once.iter().all(|(path, _)| inside(path)));
}

/// Templates: checked without a panic, every finding with a place inside a text.
pub fn template_check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).expect("the built-in actions");
    let checker = Checker::new().actions(&registry);
    let source = SourceText::new("template.yaml", text.clone());
    let written =
        parse_yaml(&source, &YamlLimits::default()).into_iter().filter_map(|it| it.value().cloned());
    // What is no template is the text of one.
    let made = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
        "spec": {
            "type": "service", "parameters": {"properties": {"name": {"type": "string"}, "tags": {"type": "array"}}},
            "steps": [{"action": "debug:log", "if": text, "input": {"message": text, "extra": {"x": text}}}],
        },
    });
    for value in written.chain([made]) {
        let template = Entity::from_value(value).and_then(|entity| Template::from_entity(entity, None));
        let Ok(template) = template else { continue };
        for finding in checker.check(&template).findings {
            assert!(!finding.diagnostic.message.is_empty(), "{finding:?}");
        }
    }
}

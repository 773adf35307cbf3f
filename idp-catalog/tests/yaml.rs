//! The YAML reader against anything, and against another reader.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use idp_catalog::{Model, YamlDocument, YamlLimits, parse_yaml};
use idp_core::SourceText;
use proptest::prelude::*;
use serde_json::Value;

fn parse(text: &str) -> Vec<YamlDocument> {
    parse_yaml(&SourceText::new("t.yaml", text), &YamlLimits::default())
}

fn codes(text: &str) -> Vec<String> {
    parse(text).iter().flat_map(YamlDocument::problems).map(|it| it.code.clone().into_owned()).collect()
}

/// Everything hostile is refused within a second, with a code.
fn refused(text: &str, code: &str) {
    let start = Instant::now();
    assert_eq!(codes(text), [code]);
    assert!(start.elapsed() < Duration::from_secs(1), "{code} took {:?}", start.elapsed());
}

#[test]
fn alias_bombs_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{}]", vec![alias; 10].join(", ")).unwrap();
    }
    refused(&bomb, "yaml-alias-budget");
    let long = "y".repeat(100_000);
    refused(&format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 1000].join(", ")), "yaml-alias-budget");
}

#[test]
fn depth_is_limited() {
    refused(&"[".repeat(50_000), "yaml-too-deep");
    refused(&(0..5_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>(), "yaml-too-deep");
    refused(&"- ".repeat(50_000), "yaml-too-deep");
}

#[test]
fn size_and_number_are_limited() {
    let mut limits = YamlLimits::default();
    limits.bytes = 10;
    let documents = parse_yaml(&SourceText::new("t", "a: 1\nb: 2\nc: 3\n"), &limits);
    assert_eq!(documents[0].problems()[0].code, "yaml-too-large");
    limits.bytes = 1000;
    limits.documents = 2;
    let documents = parse_yaml(&SourceText::new("t", "a\n---\nb\n---\nc\n"), &limits);
    assert_eq!(documents.len(), 3);
    assert_eq!(documents[2].problems()[0].code, "yaml-too-many-documents");
}

/// A file that is nothing but mistakes is answered soon, and not with all of them.
#[test]
fn problems_are_limited() {
    let start = Instant::now();
    let keys: String = (0..20_000).map(|i| format!("k{i}: 1\n")).collect();
    let twice = parse(&format!("{keys}{keys}"));
    assert_eq!(twice[0].problems().len(), 102);
    let labels: String = (0..20_000).map(|i| format!("    -{i}: 1\n")).collect();
    let text = format!("apiVersion: v1\nkind: K\nmetadata:\n  name: n\n  labels:\n{labels}");
    let source = SourceText::new("t", text);
    let verdict = Model::backstage().judge(&source, &parse_yaml(&source, &YamlLimits::default())[0]);
    assert_eq!(verdict.diagnostics.len(), 201);
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
}

#[test]
fn every_node_has_its_place() {
    let text = "# ü\nkey:\n  - one\n  - {b: \"twö\", \"c/d\": 3}\nlast: |\n  text\n";
    let documents = parse(text);
    let document = &documents[0];
    for (pointer, value, key) in [
        ("/key/0", "one", None),
        ("/key/1/b", "\"twö\"", Some("b")),
        ("/key/1/c~1d", "3", Some("\"c/d\"")),
        ("/key", "- one\n  - {b: \"twö\", \"c/d\": 3}", Some("key")),
    ] {
        let span = document.locate(pointer);
        assert_eq!(&text[span.start..span.end], value, "{pointer}");
        if let Some(key) = key {
            let span = document.locate_key(pointer);
            assert_eq!(&text[span.start..span.end], key, "{pointer}");
        }
    }
    let missing = document.locate("/key/1/nothing/at/all");
    assert_eq!(&text[missing.start..missing.end], "{b: \"twö\", \"c/d\": 3}");
}

/// Data without the spots where two readers may differ: plain words that mean something in YAML 1.1.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1_000_000_i64..1_000_000).prop_map(Value::from),
        "[a-z]{1,8}( [a-z]{1,8})?|\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z][a-z0-9/.-]{0,8}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn separators_of_yaml_1_1_are_characters() {
    for separator in ['\u{85}', '\u{2028}', '\u{2029}'] {
        for text in [
            format!("a: 'x{separator}  y'\n"),
            format!("a: \"x{separator}  y\"\n"),
            format!("a: x{separator}  y\n"),
        ] {
            let documents = parse(&text);
            let want = serde_json::json!({"a": format!("x{separator}  y")});
            assert_eq!(documents[0].value(), Some(&want), "{text:?}");
        }
    }
}

proptest! {
    #[test]
    fn anything_is_read_without_panic(text in "(\\PC|[\n:\\-\\[\\]{}&*!|>'\"%@#?, ]){0,200}") {
        let source = SourceText::new("t", text);
        for document in parse_yaml(&source, &YamlLimits::default()) {
            let _ = Model::backstage().judge(&source, &document);
        }
    }

    // The other writer is of YAML 1.1, where U+2028 and U+2029 end a line: it indents behind them. In YAML 1.2, which
    // descriptors are, they are characters as any other (`separators_of_yaml_1_1_are_characters`).
    #[test]
    fn what_another_writer_wrote_reads_back(
        value in values().prop_filter("a line break of YAML 1.1", |it| {
            !it.to_string().contains(['\u{2028}', '\u{2029}'])
        })
    ) {
        let text = serde_yaml::to_string(&value).unwrap();
        let documents = parse(&text);
        prop_assert_eq!(documents.len(), 1, "{}", text);
        prop_assert_eq!(documents[0].value(), Some(&value), "{}", text);
    }

    #[test]
    fn json_is_yaml(value in values()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let documents = parse(&text);
        prop_assert_eq!(documents[0].value(), Some(&value), "{}", text);
    }
}

/// `1` and `"1"` are two keys, and so are `a` and `A`.
#[test]
fn each_of_many_keys_that_are_nearly_the_same_was_looked_for_among_all_others() {
    let start = Instant::now();
    let pairs: String = (0..30_000).map(|it| format!("    {it}: x\n    \"{it}\": y\n")).collect();
    let cases: String = (0..30_000).map(|it| format!("    a{it}: x\n    A{it}: y\n")).collect();
    let text =
        format!("apiVersion: v1\nkind: K\nmetadata: {{name: n}}\nspec:\n  pairs:\n{pairs}  cases:\n{cases}");
    let source = SourceText::new("t", text);
    let document = &parse_yaml(&source, &YamlLimits::default())[0];
    assert!(document.problems().is_empty());
    assert_eq!(document.value().unwrap()["spec"]["pairs"]["29999"], "y");
    let verdict = Model::backstage().judge(&source, document);
    assert!(verdict.diagnostics.iter().any(|it| it.code == "case-collision"));
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
}

#[test]
fn problems_beyond_the_limit_were_dropped_in_silence() {
    let labels: String = (0..300).map(|it| format!("    -{it}: 1\n")).collect();
    let text = format!("apiVersion: v1\nkind: K\nmetadata:\n  name: n\n  labels:\n{labels}spec: []\n");
    let source = SourceText::new("t", text);
    let verdict = Model::backstage().judge(&source, &parse_yaml(&source, &YamlLimits::default())[0]);
    let last = verdict.diagnostics.last().unwrap();
    assert_eq!(last.code, "more-problems");
    assert!(last.is_error(), "what is not shown refuses too");
    let more: usize = last.message.split(' ').next().unwrap().parse().unwrap();
    assert!(more > 100, "{last}");
    assert_eq!(verdict.diagnostics.len(), 201);
}

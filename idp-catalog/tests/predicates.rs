//! Predicates: the index and the evaluator agree, and what is printed is read again.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::given::{history, location, names, snapshot};
use idp_catalog::{
    Dialect, Matcher, Query, Snapshot, parse_filters, parse_predicate, parse_query, predicate_from_json_in,
    print_predicate,
};
use idp_core::{Comparison, ErrorKind, Predicate, Test};
use proptest::prelude::*;
use serde_json::{Value, json};

fn found(snapshot: &Snapshot, text: &str) -> Vec<String> {
    let answer = snapshot.query(&Query::matching(parse_predicate(text).unwrap())).unwrap();
    names(&answer.items).into_iter().map(str::to_owned).collect()
}

#[test]
fn elements_keep_their_values_together() {
    let snapshot = snapshot(vec![
        location("apart", json!({"list": [{"x": 1, "y": "p"}, {"x": 2, "y": "q"}]})),
        location("together", json!({"list": [{"x": 1, "y": "Q", "tags": ["a", "b"]}]})),
        location("nested", json!({"deep": {"list": [[{"x": 1}], {"y": {"z": "q"}}]}})),
        location("scalars", json!({"list": ["go", 7]})),
    ]);
    for (text, want) in [
        ("spec.list.x = 1 and spec.list.y = q", vec!["apart", "together"]),
        ("spec.list has (x = 1 and y = q)", vec!["together"]),
        ("SPEC.list has (X = 1 and y exactly in (q))", vec![]),
        ("spec.list has (not x = 1)", vec!["apart", "scalars"]),
        ("not spec.list has (x = 1)", vec!["nested", "scalars"]),
        ("spec.list has (tags = a and tags.b exists)", vec!["together"]),
        ("spec.list has (tags has (\"\" = b))", vec!["together"]),
        ("spec.deep.list has (x = 1)", vec!["nested"]),
        ("spec.deep.list has (y.z = q)", vec!["nested"]),
        ("spec.list has (\"\" = go)", vec!["scalars"]),
        ("spec.list has (\"\" > 5)", vec!["scalars"]),
        ("spec has (x = 1)", vec![]),
    ] {
        assert_eq!(found(&snapshot, text), want, "{text}");
    }
}

#[test]
fn relations_are_a_list_too() {
    let resource = |name: &str, on: Value| {
        json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": {"name": name},
               "spec": {"type": "t", "owner": "team", "dependsOn": on}})
    };
    let snapshot = snapshot(vec![resource("a", json!(["resource:b"])), resource("b", json!([]))]);
    let text = "relations has (type = dependsOn and targetRef starts with resource:)";
    assert_eq!(found(&snapshot, text), ["a"]);
    assert_eq!(found(&snapshot, "relations has (type = dependencyOf)"), ["b"]);
}

#[test]
fn case_counts_where_it_is_asked_for() {
    let snapshot = snapshot(vec![
        location("a", json!({"v": "Java"})),
        location("b", json!({"v": "java"})),
        location("c", json!({"v": "JAVASCRIPT"})),
    ]);
    for (text, want) in [
        ("spec.v = JAVA", vec!["a", "b"]),
        ("spec.v == Java", vec!["a"]),
        ("spec.v exactly in (java, JAVA)", vec!["b"]),
        ("spec.v exactly starts with J", vec!["a", "c"]),
        ("spec.v exactly ~ ava", vec!["a", "b"]),
        ("spec.v matches /^[A-Z]+$/", vec!["a", "b", "c"]),
        ("spec.v exactly matches /^[A-Z]+$/", vec!["c"]),
        ("spec.v not exactly matches /^[A-Z]+$/", vec!["a", "b"]),
    ] {
        assert_eq!(found(&snapshot, text), want, "{text}");
    }
}

#[test]
fn dates_compare_as_instants() {
    let snapshot = snapshot(vec![
        location("day", json!({"at": "2026-03-01"})),
        location("early", json!({"at": "2026-03-01T01:00:00+02:00"})),
        location("late", json!({"at": "2026-03-01T12:00:00.5Z"})),
        location("word", json!({"at": "soon"})),
    ]);
    for (text, want) in [
        ("spec.at < 2026-03-01", vec!["early"]),
        ("spec.at >= '2026-03-01T00:00:00Z'", vec!["day", "late"]),
        ("spec.at between 2026-02-01 and 2026-03-01", vec!["day", "early"]),
        ("spec.at in 2026-03-01..2026-03-02", vec!["day", "late"]),
    ] {
        assert_eq!(found(&snapshot, text), want, "{text}");
    }
}

#[test]
fn a_predicate_that_cannot_be_asked_is_an_error_everywhere() {
    let snapshot = snapshot(vec![location("a", json!({}))]);
    let nested = |depth| (0..depth).fold(Predicate::exists("kind"), |it, _| it.negate());
    for bad in [
        Predicate::matches("kind", "("),
        Predicate::between("kind", "1", "x"),
        nested(200),
        Predicate::All(vec![Predicate::exists("kind"); 10_001]),
        Predicate::Any(vec![Predicate::matches("kind", "x"); 101]),
    ] {
        let entity_ref = "location:a".parse().unwrap();
        for error in [
            Matcher::new(&bad).unwrap_err(),
            snapshot.query(&Query::matching(bad.clone())).unwrap_err(),
            snapshot.count(&bad).unwrap_err(),
            snapshot.matches(&bad, &entity_ref).unwrap_err(),
            snapshot.facets(&Query::matching(bad.clone()), &[]).unwrap_err(),
            snapshot.by_refs([], &bad).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }
}

/// A regular expression that a backtracking engine would never finish with.
#[test]
fn patterns_take_linear_time() {
    let snapshot = snapshot(vec![location("a", json!({"v": "a".repeat(200)}))]);
    assert_eq!(found(&snapshot, "spec.v matches /^(a|a|aa)*$/"), ["a"]);
    assert!(found(&snapshot, "spec.v matches /^(a+)+b$/").is_empty());
}

fn fields() -> impl Strategy<Value = String> {
    let fields = [
        "spec.a",
        "spec.B",
        "spec.c",
        "metadata.name",
        "spec.a.x",
        "kind",
        "spec.nothing",
        "x",
        "",
        "relations",
        "relations.ownedBy",
        "type",
        "targetRef",
    ];
    prop::sample::select(fields.to_vec()).prop_map(str::to_owned)
}

fn words() -> impl Strategy<Value = String> {
    let words = [
        "x",
        "Y",
        "1",
        "2.5",
        "true",
        "l1",
        "",
        "2026-03-01",
        "2026-03-01T00:00:00Z",
        "X y",
        "Σας",
        "dependsOn",
        "group:default/x",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

fn tests() -> impl Strategy<Value = Test> {
    let comparisons = [Comparison::Less, Comparison::AtMost, Comparison::AtLeast, Comparison::Greater];
    let patterns = ["", "x", "^[A-Z]$", "l[0-9]+", "(?i)TRUE", r"\d", "."];
    prop_oneof![
        prop::collection::vec(words(), 0..3).prop_map(Test::In),
        words().prop_map(Test::Prefix),
        words().prop_map(Test::Substring),
        prop::sample::select(patterns.to_vec()).prop_map(|it| Test::Pattern(it.to_owned())),
        (prop::sample::select(comparisons.to_vec()), words()).prop_map(|(side, it)| Test::Compare(side, it)),
        (-2_i32..3, -2_i32..5).prop_map(|(from, to)| Test::Between(from.to_string(), to.to_string())),
        words().prop_map(|it| Test::Between(it.clone(), it)),
    ]
}

fn joined(leaf: impl Strategy<Value = Predicate> + 'static) -> impl Strategy<Value = Predicate> {
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            several.clone().prop_map(Predicate::All),
            several.prop_map(Predicate::Any),
            inner.clone().prop_map(Predicate::negate),
            (fields(), inner).prop_map(|(field, element)| Predicate::has(field, element)),
        ]
    })
}

fn predicates() -> impl Strategy<Value = Predicate> {
    joined(prop_oneof![
        fields().prop_map(Predicate::Exists),
        (fields(), tests()).prop_map(|(field, test)| Predicate::Value(field, test)),
        (fields(), tests()).prop_map(|(field, test)| Predicate::Exactly(field, test)),
    ])
}

/// Predicates with any texts in them, as long as they can be asked.
fn wild_predicates() -> impl Strategy<Value = Predicate> {
    let test = prop_oneof![
        prop::collection::vec(any::<String>(), 0..3).prop_map(Test::In),
        any::<String>().prop_map(Test::Prefix),
        any::<String>().prop_map(Test::Substring),
        any::<String>().prop_map(|it| Test::Compare(Comparison::Less, it)),
        any::<String>().prop_map(|it| Test::Between(it.clone(), it)),
        "[a-z/ '\"]*".prop_map(Test::Pattern),
        tests(),
    ];
    joined(prop_oneof![
        any::<String>().prop_map(Predicate::Exists),
        (any::<String>(), test.clone()).prop_map(|(field, test)| Predicate::Value(field, test)),
        ("[a-z]* ?|not|in|all|=|~x|a\\.\\.b", test).prop_map(|(field, test)| Predicate::Exactly(field, test)),
    ])
}

fn specs() -> impl Strategy<Value = Value> {
    let scalar =
        prop_oneof![Just(Value::Null), words().prop_map(Value::from), Just(json!(1)), Just(json!(true)),];
    let object = scalar.clone().prop_map(|it| json!({ "x": it }));
    let value = prop_oneof![
        scalar.clone(),
        object.clone(),
        prop::collection::vec(prop_oneof![scalar, object], 0..3).prop_map(Value::from),
    ];
    prop::collection::btree_map(prop::sample::select(vec!["a", "b", "c"]), value, 0..3)
        .prop_map(|map| json!(map))
}

/// Entities that depend on each other in turn.
fn named(specs: Vec<Value>) -> Vec<Value> {
    let name = |i: usize| format!("l{i}");
    let entity = |(i, extra): (usize, Value)| {
        let mut entity = location(&name(i), extra);
        entity["kind"] = json!("Resource");
        entity["spec"]["owner"] = json!("x");
        entity["spec"]["dependsOn"] = json!([format!("resource:{}", name(i / 2))]);
        entity
    };
    specs.into_iter().enumerate().map(entity).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// The index is asked on a snapshot that was built by change and removal.
    #[test]
    fn the_index_finds_what_the_evaluator_accepts(
        before in prop::collection::vec(specs(), 0..12),
        after in prop::collection::vec(specs(), 0..12),
        predicates in prop::collection::vec(predicates(), 1..8),
    ) {
        let snapshot = history(&[named(before), named(after)]).pop().unwrap();
        for predicate in predicates {
            let found = snapshot.query(&Query::matching(predicate.clone())).unwrap();
            let accepted: Vec<_> = snapshot
                .iter()
                .filter(|record| snapshot.matches(&predicate, record.entity_ref()).unwrap())
                .collect();
            prop_assert_eq!(&found.items, &accepted, "{}", print_predicate(&predicate));
            prop_assert_eq!(found.total, snapshot.count(&predicate).unwrap());
        }
    }

    #[test]
    fn what_is_printed_is_read_again(predicate in wild_predicates()) {
        let text = print_predicate(&predicate);
        prop_assert_eq!(parse_predicate(&text).map_err(|error| error.chain()), Ok(predicate), "{}", text);
    }

    #[test]
    fn what_is_serialised_is_read_again(predicate in wild_predicates()) {
        let json = serde_json::to_string(&predicate).unwrap();
        prop_assert_eq!(serde_json::from_str::<Predicate>(&json).unwrap(), predicate);
    }

    #[test]
    fn reading_never_panics_and_what_is_read_can_be_asked(
        text in "(([a-c]|[ (),=~!<>'\"/.\\\\]|not|in|matches|has|between|and|all\\(){0,12})|\\PC*",
    ) {
        let read = [
            parse_predicate(&text),
            parse_query(&text),
            parse_filters([text.as_str()], Dialect::Backstage),
            parse_filters([text.as_str()], Dialect::Extended),
        ];
        for predicate in read.into_iter().flatten() {
            prop_assert!(Matcher::new(&predicate).is_ok(), "{}", text);
        }
    }

    #[test]
    fn reading_json_never_panics(text in "[{}\\[\\]:,\"$a-z0-9]{0,30}", key in prop::sample::select(vec!["$all", "$not", "a"])) {
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        for dialect in [Dialect::Backstage, Dialect::Extended] {
            let _ = predicate_from_json_in(&json!({ key: value }), dialect);
        }
    }
}

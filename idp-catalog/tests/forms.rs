//! What is written as others before is not read as they were; it has to come to the same.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;

use common::script::Script;
use idp_catalog::{Catalog, CatalogOptions, FacetRequest, Model, Profile, Query, Snapshot};
use idp_core::{Content, Document, MemoryLog, Predicate, SourceText};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

/// A kind whose fields are asked for everything that can be asked of a field, and rules for annotations and labels.
const LAYER: &str = r#"
layer: acme
kinds:
  - kind: Queue
    apiVersions: [acme.io/v1]
    spec:
      required: [type]
      properties:
        type: {type: string}
        short: {type: string, minLength: 1, maxLength: 3}
        matching: {type: string, pattern: "^[ab]"}
        one: {enum: [a, b]}
        either: {anyOf: [{type: string, maxLength: 1}, {type: array, items: {type: string, minLength: 1}}]}
        lists:
          anyOf:
            - {type: array, items: {type: object, properties: {a: {type: string}, n: {type: string}}}}
            - {type: array, items: {type: object, properties: {a: {enum: [a, b]}, n: {type: integer}}}}
        nested: {type: object, required: [a], properties: {a: {type: string, minLength: 1}}}
    relations:
      - {field: owner, type: ownedBy, reverse: ownerOf, defaultKind: Group, allowedKinds: [Group, User]}
      - {field: dependsOn, type: dependsOn, reverse: dependencyOf}
annotations:
  - {key: acme.io/tier, value: {type: string, maxLength: 4}}
"#;

/// Texts that some fields accept and others do not.
const TEXTS: [&str; 21] = [
    "Σ",
    "a",
    "b",
    "abc",
    "group:default/shop",
    "component:a/b",
    "https://example.com",
    "",
    " ",
    "ä",
    "ΑΣ",
    "A",
    "a b",
    "a:",
    "x:y/z",
    "\"",
    "\u{1}",
    "true",
    "javascript:x",
    "JavaScript:",
    "Grüße",
];

fn text() -> impl Strategy<Value = Value> {
    let long = prop_oneof![Just("a".repeat(64)), Just("b ".repeat(150))];
    prop_oneof![20 => prop::sample::select(TEXTS.to_vec()).prop_map(Value::from), 1 => long.prop_map(Value::from)]
}

/// Other things that may stand in place of a text.
fn other() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(1),
        json!(1.5),
        json!(null),
        json!(false),
        json!({"$text": "a"}),
        json!(["a", ""]),
        json!([]),
        json!(["a", 1]),
    ])
}

/// Where in an entity something is put that may be odd.
const PLACES: [&str; 25] = [
    "/metadata/name",
    "/metadata/namespace",
    "/metadata/title",
    "/metadata/tags/0",
    "/metadata/tags/1",
    "/metadata/links/0/url",
    "/metadata/links/0/title",
    "/metadata/labels/a",
    "/metadata/annotations/acme.io~1tier",
    "/metadata/annotations/backstage.io~1view-url",
    "/spec/lifecycle",
    "/spec/owner",
    "/spec/system",
    "/spec/definition",
    "/spec/short",
    "/spec/matching",
    "/spec/one",
    "/spec/dependsOn/0",
    "/spec/dependsOn/1",
    "/spec/nested/a",
    "/spec/x/0",
    "/spec/either",
    "/spec/either/0",
    "/spec/type",
    "/spec/lists/0/a",
];

/// An entity about which there is nothing to say, in one of few forms.
fn good(name: &str, kind: usize, form: usize) -> Value {
    let (kind, api_version) =
        [("Component", "backstage.io/v1alpha1"), ("API", "backstage.io/v1alpha1"), ("Queue", "acme.io/v1")]
            [kind];
    let either = if form == 1 { json!(["a", "b"]) } else { json!("a") };
    let mut entity = json!({
        "apiVersion": api_version, "kind": kind,
        "metadata": {
            "name": name, "namespace": "a", "title": "a", "tags": ["a", "b"], "links": [{"url": "https://a", "title": "a"}],
            "labels": {"a": "a"}, "annotations": {"backstage.io/view-url": "a", "acme.io/tier": "a"},
        },
        "spec": {
            "type": "service", "lifecycle": "a", "owner": "shop", "system": "a", "definition": "a", "short": "a",
            "matching": "a", "one": "a", "dependsOn": ["component:a", "component:b"], "nested": {"a": "a"}, "x": ["a", "b"],
            "either": either,
        },
    });
    match form {
        2 => entity["spec"]["x.a"] = json!("taken"),
        3 => entity["spec"]["x"] = json!(["a", {"b": "a"}]),
        4 => entity["spec"]["lists"] = json!([{"a": "a", "n": 1}]),
        5 => entity["spec"]["x"] = json!(["a"]),
        _ => {}
    }
    entity
}

/// Entities of which most have the form of another one, and names of their own.
fn entity() -> impl Strategy<Value = Value> {
    let change = (prop::sample::select(PLACES.to_vec()), prop_oneof![9 => text(), 1 => other()]);
    ("[a-z]{12}", 0..3_usize, 0..6_usize, prop::collection::vec(change, 0..3)).prop_map(
        |(name, kind, form, changes)| {
            let mut entity = good(&name, kind, form);
            for (place, value) in changes {
                if let Some(known) = entity.pointer_mut(place) {
                    *known = value;
                }
            }
            entity
        },
    )
}

const FIELDS: [&str; 20] = [
    "kind",
    "metadata.name",
    "metadata.title",
    "metadata.tags",
    "metadata.tags.a",
    "metadata.tags.ασ",
    "metadata.links.url",
    "metadata.labels.a",
    "metadata.annotations.acme.io/tier",
    "spec.owner",
    "spec.short",
    "spec.dependson",
    "spec.either",
    "spec.lists.a",
    "spec.x.ς",
    "spec.x",
    "spec.x.a",
    "spec.x.b",
    "relations.ownedby",
    "relations.dependson",
];

/// Everything that there is to know of what was read.
fn told(snapshot: &Snapshot) -> Vec<String> {
    let entities = snapshot.iter().map(|record| {
        format!(
            "{} {:?} {:?} {:?}",
            record.entity_ref(),
            record.entity(),
            record.relations(),
            record.diagnostics()
        )
    });
    let fields = FIELDS
        .map(|field| format!("{:?}", snapshot.facets(&Query::all(), &[FacetRequest::new(field)]).unwrap()));
    let implied = FIELDS.map(|field| {
        let (there, implied) = (Predicate::exists(field), Predicate::equals(field, "true"));
        format!("{:?} {:?}", snapshot.count(&there), snapshot.count(&implied))
    });
    entities.chain(fields).chain(implied).collect()
}

/// What becomes of lines.
async fn read(lines: &[String], profile: &Profile) -> (Vec<String>, String) {
    let model = Model::backstage().with_layers([SourceText::new("acme.yaml", LAYER)]).unwrap();
    let mut options = CatalogOptions::default();
    options.model = model.with_profile(profile.clone());
    let catalog = Catalog::open_with(Arc::new(MemoryLog::new()), options).await.unwrap();
    let content = Content::Lines { text: lines.join("\n"), first: 1 };
    let document = Document { location: "all.ndjson".to_owned(), content };
    let report = catalog.ingest(&Script::says("s", vec![document])).await.unwrap();
    (told(&catalog.snapshot()), format!("{report:?} {:?}", catalog.snapshot().findings().collect::<Vec<_>>()))
}

/// Holds what becomes of entities to what becomes of them where none is recognised.
async fn hold(entities: &[Value], profile: &Profile) -> Result<(), TestCaseError> {
    let lines: Vec<String> = entities.iter().map(Value::to_string).collect();
    // No form is learnt of what is not written as a tree of values is.
    let spaced: Vec<String> = lines.iter().map(|line| format!("{line} ")).collect();
    let ((told, report), (want, want_report)) = (read(&lines, profile).await, read(&spaced, profile).await);
    // The first difference: all of it is hard to read.
    prop_assert_eq!(told.iter().zip(&want).find(|(told, want)| told != want), None);
    prop_assert_eq!(told.len(), want.len());
    prop_assert_eq!(report, want_report);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn documents_of_a_form_say_what_each_of_them_says(
        entities in prop::collection::vec(entity(), 1..200),
        is_strict: bool,
    ) {
        let profile = if is_strict { Profile::strict() } else { Profile::backstage() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(hold(&entities, &profile))?;
    }
}

/// A form is learnt of the first entity, which is odd in some way; it has to be right for the second one, and the other way
/// round.
#[tokio::test]
async fn what_is_learnt_of_an_odd_entity_is_right_for_others() {
    for (form, place, odd, plain) in [
        (0, "/metadata/labels/a", "", "a b"),
        (0, "/metadata/annotations/acme.io~1tier", "", "abcde"),
        (0, "/spec/owner", "", "shop"),
        (0, "/spec/owner", "component:a/b", "user:a/b"),
        (5, "/spec/x/0", "Σ", "a"),
        (0, "/spec/definition", &"long ".repeat(60), "short"),
        (2, "/spec/x/0", "a", "b"),
        (4, "/spec/lists/0/a", "a", "abc"),
    ] {
        let entity = |name: &str, text: &str| {
            let mut entity = good(name, 2, form);
            *entity.pointer_mut(place).unwrap() = json!(text);
            entity
        };
        for [first, second] in [[odd, plain], [plain, odd]] {
            let entities = [entity("first", first), entity("second", second), good("third", 2, form)];
            for profile in [Profile::backstage(), Profile::strict()] {
                hold(&entities, &profile).await.unwrap();
            }
        }
    }
}

use idp_core::SourceText;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

#[test]
fn the_layers_that_come_with_the_library_are_good() {
    Model::empty().with_layers([SourceText::new("backstage.yaml", BACKSTAGE)]).unwrap();
    let names = |model: &Model| model.kinds().map(|kind| kind.name().to_owned()).collect::<Vec<_>>();
    let kinds = ["Component", "API", "Resource", "System", "Domain", "Group", "User", "Location", "Template"];
    assert_eq!(names(&Model::backstage()), kinds);
    let layers = [Model::optional_layer("ai").unwrap(), Model::optional_layer("ai").unwrap()];
    let model = Model::backstage().with_layers(layers).unwrap();
    assert!(names(&model).contains(&"AiResource".to_owned()));
}

/// What a field may be: mostly the first, which is good.
fn field(name: &'static str, others: Vec<Value>) -> impl Strategy<Value = Option<(String, Value)>> {
    let (good, rest) = (others[0].clone(), prop::sample::select(others));
    let value = prop_oneof![12 => Just(good), 1 => rest];
    prop::option::weighted(0.97, value.prop_map(move |value| (name.to_owned(), value)))
}

fn object(fields: Vec<BoxedStrategy<Option<(String, Value)>>>) -> impl Strategy<Value = Value> {
    fields.prop_map(|fields| fields.into_iter().flatten().collect::<Map<_, _>>().into())
}

fn metadata() -> impl Strategy<Value = Value> {
    object(vec![
        field("name", vec![json!("cart"), json!("Cart"), json!("-"), json!(""), json!(1)]).boxed(),
        field("namespace", vec![json!("shop"), json!("Shop"), json!(""), json!(null)]).boxed(),
        field("title", vec![json!("Cart"), json!(""), json!([])]).boxed(),
        field("labels", vec![json!({"a/b": "c"}), json!({"a": 1, "A": "c"}), json!({"-": "c"})]).boxed(),
        field("annotations", vec![json!({"a.b/c": "\"\u{e9}"}), json!({"a/b/c": ""}), json!("a")]).boxed(),
        field("tags", vec![json!(["java"]), json!(["Java"]), json!([1]), json!({})]).boxed(),
        field("links", vec![json!([{"url": "https://h"}]), json!([{"url": "h"}]), json!([{}])]).boxed(),
    ])
}

fn spec() -> impl Strategy<Value = Value> {
    object(vec![
        field("type", vec![json!("service"), json!(""), json!(1), json!({"$text": "./type"})]).boxed(),
        field("lifecycle", vec![json!("production"), json!(null)]).boxed(),
        field("owner", vec![json!("shop"), json!("component:x"), json!("a:b:c"), json!({})]).boxed(),
        field("dependsOn", vec![json!(["api:x"]), json!(["x"]), json!([1]), json!("component:x")]).boxed(),
        field("lifecycel", vec![json!("production")]).boxed(),
        field("deep", vec![json!(1.5), json!([[[{}]]])]).boxed(),
    ])
}

fn document() -> impl Strategy<Value = Value> {
    let root = (metadata(), spec()).prop_flat_map(|(metadata, spec)| {
        object(vec![
            field("apiVersion", vec![json!("backstage.io/v1alpha1"), json!("v9"), json!("")]).boxed(),
            field("kind", vec![json!("Component"), json!("Group"), json!("Queue"), json!(1)]).boxed(),
            field("metadata", vec![metadata, json!([])]).boxed(),
            field("spec", vec![spec, json!(null)]).boxed(),
        ])
    });
    let extra = prop::option::weighted(0.1, prop::sample::select(vec!["relations", "x", "Kind"]));
    (root, extra).prop_map(|(mut root, extra)| {
        if let Some(key) = extra {
            root[key] = json!([]);
        }
        root
    })
}

#[test]
fn what_is_approved_is_what_a_judge_has_nothing_to_say_about() {
    let models = [Profile::backstage(), Profile::strict()].map(|it| Model::backstage().with_profile(it));
    let config = ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(document in document(), is_strict: bool)| {
        let model = &models[usize::from(is_strict)];
        let text = document.to_string();
        let approved = model.approve(&serde_json::from_str(&text).unwrap());
        let verdict = model.judge(&SourceText::new("x", ""), &YamlDocument::from_value(document));
        let is_fine = verdict.is_valid() && verdict.diagnostics.is_empty();
        prop_assert_eq!(approved.as_ref().map(|it| &it.entity_ref), verdict.entity_ref.as_ref().filter(|_| is_fine));
        if let (Some(approved), Some(entity)) = (approved, verdict.entity) {
            prop_assert_eq!(&approved.relations, &model.relations(&entity));
            prop_assert_eq!(approved.relations, verdict.relations);
        }
    });
}

#[test]
fn what_is_written_twice_is_not_approved() {
    let text = r#"{"apiVersion":"backstage.io/v1alpha1","kind":"Group","metadata":{"name":"a"},
        "spec":{"type":"team","type":"team","children":[]}}"#;
    assert!(Model::backstage().approve(&serde_json::from_str(text).unwrap()).is_none());
    let once = text.replacen("\"type\":\"team\",", "", 1);
    let approved = Model::backstage().approve(&serde_json::from_str(&once).unwrap());
    assert_eq!(approved.unwrap().entity_ref.as_str(), "group:default/a");
}

//! Forms meant to do harm, and forms made up at random: each is asked within a moment and has an end.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use std::time::{Duration, Instant};

use idp_core::{Entity, Secret};
use idp_scaffolder::{Form, Question, QuestionKind, Template, check_parameters, with_defaults};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Much more than a few questions need in an unoptimised build, much less than a hang.
const SOON: Duration = Duration::from_secs(60);

/// How many questions are answered.
const QUESTIONS: usize = 15;

fn template(parameters: &Value) -> Template {
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
        "spec": {"type": "test", "parameters": parameters, "steps": []},
    });
    Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap()
}

/// Something to try.
fn guesses(question: &Question) -> Vec<Value> {
    let mut guesses =
        vec![json!("text"), json!(1), json!(true), json!(false), json!([]), json!({}), json!(["text"])];
    if let QuestionKind::Choice(choices) = &question.kind {
        guesses.extend(choices.iter().map(|it| it.value.clone()));
    }
    guesses
}

/// Answers the question that is asked; false where nothing will do.
fn answer(form: &mut Form, question: &Question) -> bool {
    question.kind == QuestionKind::Secret && form.answer_secret(Secret::new("secret")).is_ok()
        || guesses(question).into_iter().any(|guess| form.answer(guess).is_ok())
        || form.skip().is_ok()
}

#[test]
fn each_is_asked_within_a_moment() {
    let whole = json!({"$ref": "#"});
    let tree = json!({
        "type": "object", "required": ["a", "b"],
        "properties": {"a": whole, "b": whole, "name": {"type": "string"}, "l": {"type": "array", "items": whole}},
    });
    let mut endless = tree.clone();
    endless["allOf"] = json!([whole, {"if": whole, "then": whole, "else": whole}]);
    endless["oneOf"] = json!([whole, whole]);
    let many: Map<_, _> =
        (0..3_000).map(|at| (format!("p{at}"), json!({"type": "string", "default": "x"}))).collect();
    let deep = (0..60)
        .fold(json!({"type": "string"}), |inner, _| json!({"type": "object", "properties": {"a": inner}}));
    let branches: Vec<_> = (0..300)
        .map(|at| json!({"properties": {"k": {"const": at}, format!("f{at}"): {"type": "string"}}}))
        .collect();
    let conditions: Vec<_> =
        (0..300).map(|at| json!({"if": {"required": [format!("x{at}")]}, "else": {"properties": {format!("y{at}"): {"default": at}}}})).collect();
    let nested = (0..4).fold(json!({"type": "string"}), |inner, _| {
        json!({"type": "array", "minItems": 20, "maxItems": 20, "items": {"type": "object", "properties": {"l": inner}}})
    });
    let constants: Map<_, _> = (0..10_000).map(|at| (format!("c{at}"), json!({"const": at}))).collect();
    let names: Vec<_> = (0..60_000).map(|at| format!("n{}", at / 2)).collect();
    let doubling = |key: &str| {
        let link = |at: usize| json!({"$ref": format!("#/definitions/d{at}")});
        let definitions: Map<_, _> =
            (0..28).map(|at| (format!("d{at}"), json!({key: [link(at + 1), link(at + 1)]}))).collect();
        let last = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let mut page = json!({"properties": {"x": link(0)}, "allOf": [{"if": link(0), "then": link(0)}]});
        page["definitions"] = Value::Object(definitions);
        page["definitions"]["d28"] = last;
        page
    };
    let mut refused = Vec::new();
    for (name, page) in [
        ("alternatives that double", doubling("anyOf")),
        ("one of alternatives that double", doubling("oneOf")),
        ("demands that double", doubling("allOf")),
        (
            "the same names required again and again",
            json!({"properties": {"a": {"type": "string"}}, "required": names}),
        ),
        ("lists in lists that multiply", json!({"properties": {"l": nested}})),
        ("many constants", json!({"properties": constants})),
        ("a schema without end", endless),
        ("a form inside of itself", tree),
        ("many fields", json!({"properties": many})),
        ("deep fields", deep),
        ("many alternatives", json!({"properties": {"k": {"type": "integer"}}, "oneOf": branches})),
        ("many conditions", json!({"allOf": conditions, "properties": {"a": {"type": "string"}}})),
        (
            "more elements than there is room for",
            json!({"properties": {"l": {
                "type": "array", "minItems": u64::MAX, "items": {"type": "object", "properties": {"a": {"type": "string"}}},
            }}}),
        ),
    ] {
        let start = Instant::now();
        let Ok(mut form) = Form::new(template(&page)) else {
            assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
            refused.push(name);
            continue;
        };
        for _ in 0..QUESTIONS {
            let Some(question) = form.next_question() else { break };
            if !answer(&mut form, &question) {
                break;
            }
        }
        assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
    }
    let too_much = [
        "alternatives that double",
        "one of alternatives that double",
        "demands that double",
        "a schema without end",
    ];
    assert_eq!(refused, too_much);
}

/// The schema of a field.
fn field() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "string", "default": "text", "ui:widget": "textarea"})),
        Just(json!({"type": "integer", "minimum": 0})),
        Just(json!({"type": "boolean", "default": false})),
        Just(json!({"enum": ["text", 1], "enumNames": ["Text", "One"]})),
        Just(json!({"oneOf": [{"const": 1, "title": "One"}, {"const": "text"}]})),
        Just(json!({"type": "array", "items": {"type": "string"}, "default": ["text"]})),
        Just(json!({"type": "string", "ui:field": "Secret"})),
        Just(json!({"const": true})),
        Just(json!({"type": "null"})),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            object(inner.clone()),
            object(inner.clone()).prop_map(|items| json!({"type": "array", "items": items, "maxItems": 2})),
            (object(inner.clone()), object(inner.clone()))
                .prop_map(|(one, two)| json!({"type": "object", "oneOf": [one, two]})),
            (object(inner.clone()), object(inner))
                .prop_map(|(one, two)| json!({"type": "object", "properties": {"k": {"enum": [1, "text"]}}, "dependencies": {"k": {
                    "oneOf": [{"properties": {"k": {"const": 1}, "then": one}}, {"properties": {"k": {"const": "text"}, "then": two}}],
                }}})),
        ]
    })
}

fn object(field: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map("[a-d]", field, 1..4);
    (fields, prop::bool::ANY).prop_map(|(fields, required)| {
        let names: Vec<_> = fields.keys().filter(|_| required).cloned().collect();
        json!({"type": "object", "properties": fields, "required": names})
    })
}

fn has_ui(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.iter().any(|(key, value)| key.starts_with("ui:") || has_ui(value)),
        Value::Array(items) => items.iter().any(has_ui),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_form_has_an_end_and_what_it_says_is_accepted(pages in prop::collection::vec(object(field()), 1..3)) {
        let template = template(&Value::Array(pages));
        let mut form = Form::new(template.clone()).unwrap();
        let mut count = 0;
        while let Some(question) = form.next_question() {
            count += 1;
            prop_assert!(count < 500, "no end: {question:?}");
            let before = form.values().clone();
            if !answer(&mut form, &question) {
                prop_assert_eq!(form.values(), &before, "a refused answer leaves no trace");
                break;
            }
        }
        if let Ok(answers) = form.finish() {
            prop_assert_eq!(check_parameters(&template, &answers.parameters), Ok(answers.parameters.clone()));
        }
        prop_assert!(!template.forms().iter().any(|page| has_ui(&page.schema)));
    }

    #[test]
    fn defaults_are_filled_in_once_and_take_nothing_away(pages in prop::collection::vec(object(field()), 1..3)) {
        let template = template(&Value::Array(pages));
        let given = json!({"a": 1, "b": {"a": "x"}, "c": [{}], "other": null}).as_object().unwrap().clone();
        let filled = with_defaults(&template, &given);
        prop_assert_eq!(&with_defaults(&template, &filled), &filled);
        for (name, value) in &given {
            let kept = &filled[name];
            prop_assert!(kept == value || value.is_object() && kept.is_object() || value.is_array() && kept.is_array());
        }
    }
}

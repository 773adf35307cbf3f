//! Secrets of forms: hidden wherever they stand, and never among the parameters.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

mod asking;

use std::collections::BTreeMap;

use asking::{form, run, template};
use idp_core::Secret;
use idp_scaffolder::{Form, PlanRequest, Question, QuestionKind};
use serde_json::{Map, Value, json};

#[test]
fn secrets_are_no_parameters() {
    let spec = json!({
        "parameters": {"properties": {"token": {"type": "string", "minLength": 4, "ui:field": "Secret", "title": "A token"}}},
        "secrets": {"schema": {"type": "object", "required": ["token", "key"], "properties": {
            "token": {"type": "string", "minLength": 5}, "key": {"type": "string", "title": "A key"},
        }}},
    });
    let mut form = Form::new(template(spec.clone())).unwrap();
    let Question { title, kind, required, .. } = form.next_question().unwrap();
    assert_eq!((title.as_str(), kind, required), ("A token", QuestionKind::Secret, true));
    assert!(form.answer(json!("hunter2")).is_err(), "in clear it is no answer");
    let error = form.answer_secret(Secret::new("abc")).unwrap_err();
    assert_eq!(
        (error.field.as_str(), error.rule.as_str()),
        ("/token", "/spec/secrets/schema/properties/token/minLength")
    );
    assert!(!format!("{error:?}").contains("abc"));
    form.answer_secret(Secret::new("hunter2")).unwrap();
    let question = form.next_question().unwrap();
    assert_eq!((question.title.as_str(), question.page, question.required), ("A key", 1, true));
    assert_eq!(form.clone().finish().unwrap_err()[0].field, "/key");
    form.answer_secret(Secret::new("swordfish")).unwrap();
    assert!(form.next_question().is_none());
    assert!(!format!("{form:?}").contains("hunter2"));
    let answers = form.finish().unwrap();
    assert_eq!(Value::Object(answers.parameters), json!({"token": "****"}));
    let secrets: Vec<_> = answers.secrets.iter().map(|(name, it)| (name.as_str(), it.expose())).collect();
    assert_eq!(secrets, [("key", "swordfish"), ("token", "hunter2")]);

    // One that the template does not need may be left open, and is not asked for twice.
    let mut optional = spec.clone();
    optional["secrets"]["schema"]["required"] = json!([]);
    let mut form = Form::new(template(optional)).unwrap().secret("key", Secret::new("k"));
    form.skip().unwrap();
    assert!(form.next_question().is_none());

    // One that comes among the values is taken out of them, and one that comes by itself is not asked for.
    let given = Map::from_iter([("token".to_owned(), json!("hunter2"))]);
    let form = Form::new(template(spec)).unwrap().given(given).secret("key", Secret::new("k"));
    let answers = run(form, &[]);
    assert_eq!(Value::Object(answers.parameters), json!({"token": "****"}));
    assert_eq!(answers.secrets["token"].expose(), "hunter2");
}

#[test]
fn a_secret_is_hidden_also_where_nobody_asks_for_it() {
    let page = json!({
        "if": {"required": ["private"]}, "then": {"properties": {"token": {"type": "string", "ui:field": "Secret"}}},
    });
    let answers =
        form(page).given(json!({"token": "hunter2"}).as_object().unwrap().clone()).finish().unwrap();
    assert_eq!(Value::Object(answers.parameters), json!({"token": "***"}));
}

fn secret_page() -> Value {
    json!({"required": ["token"], "properties": {"token": {"type": "string", "ui:field": "Secret"}}})
}

#[test]
fn a_required_secret_can_be_given_where_nobody_is_asked() {
    let answers = form(secret_page()).secret("token", Secret::new("hunter2")).finish().unwrap();
    assert_eq!(Value::Object(answers.parameters), json!({"token": "***"}));
    assert_eq!(answers.secrets["token"].expose(), "hunter2");
}

#[test]
fn stars_and_nothing_are_no_secret() {
    for given in ["***", ""] {
        let given = Map::from_iter([("token".to_owned(), json!(given))]);
        let mut form = form(secret_page()).given(given);
        assert_eq!(form.clone().finish().unwrap_err()[0].field, "/token");
        assert_eq!(form.next_question().unwrap().kind, QuestionKind::Secret);
        form.answer_secret(Secret::new("hunter2")).unwrap();
        assert_eq!(form.finish().unwrap().secrets["token"].expose(), "hunter2");
    }
}

#[test]
fn secrets_are_hidden_wherever_they_stand_and_whatever_they_are() {
    let token = json!({"type": "string", "ui:field": "Secret"});
    let object = json!({"type": "object", "properties": {"token": token}});
    let list = json!({"type": "array", "items": object});
    for (schema, given, hidden) in [
        (
            json!({"ports": list}),
            json!({"ports": [{"token": "hunter2"}]}),
            json!({"ports": [{"token": "***"}]}),
        ),
        (
            json!({"o": {"oneOf": [{"properties": {"k": {"const": 1}}}, {"properties": {"k": {"const": 2}, "token": token}}]}}),
            json!({"o": {"k": 1, "token": "hunter2"}}),
            json!({"o": {"k": 1, "token": "***"}}),
        ),
        (json!({"token": {"ui:field": "Secret"}}), json!({"token": 1234}), json!({"token": "***"})),
        (json!({"token": token}), json!({"token": {"pin": 1234}}), json!({"token": "***"})),
        (json!({"token": {"$ref": "#/definitions/t"}}), json!({"token": "hunter2"}), json!({"token": "***"})),
        (
            json!({"token": {"$ref": "#/definitions/text", "ui:field": "Secret"}}),
            json!({"token": "hunter2"}),
            json!({"token": "***"}),
        ),
    ] {
        let page = json!({"properties": schema, "definitions": {"t": token, "text": {"type": "string"}}});
        let template = template(json!({"parameters": page}));
        let given = given.as_object().unwrap();
        let form = Form::new(template.clone()).unwrap().given(given.clone());
        assert_eq!(Value::Object(form.values().clone()), hidden);
        let request = PlanRequest::with_defaults(&template, given);
        assert_eq!(Value::Object(request.parameters), hidden);
        let name = if schema["ports"].is_null() { "token" } else { "ports.0.token" };
        assert!(request.secrets.contains_key(name), "{schema}");
    }
}

#[test]
fn every_element_of_a_list_has_a_secret_of_its_own() {
    let server = json!({"type": "object", "properties": {"host": {"type": "string"}, "token": {"type": "string", "ui:field": "Secret"}}});
    let page = json!({"properties": {"servers": {"type": "array", "items": server}, "token": {"ui:field": "Secret"}}});
    let names = |secrets: &BTreeMap<String, Secret>| -> Vec<(String, String)> {
        secrets.iter().map(|(name, it)| (name.clone(), it.expose().to_owned())).collect()
    };
    let wanted = [("servers.0.token", "one"), ("servers.1.token", "two"), ("token", "own")];
    let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));

    let mut form = form(page.clone());
    let mut secrets = ["one", "two", "own"].into_iter();
    let mut more = [true, true, false].into_iter();
    while let Some(question) = form.next_question() {
        match question.kind {
            QuestionKind::Secret => form.answer_secret(Secret::new(secrets.next().unwrap())),
            QuestionKind::Another { .. } => form.answer(more.next().unwrap().into()),
            _ => form.answer(json!("host")),
        }
        .unwrap();
    }
    assert_eq!(names(&form.finish().unwrap().secrets), wanted);

    let given = json!({"servers": [{"token": "one"}, {"token": "two"}], "token": "own"});
    let request =
        PlanRequest::with_defaults(&template(json!({"parameters": page})), given.as_object().unwrap());
    assert_eq!(names(&request.secrets), wanted);
}

#[test]
fn the_elements_of_a_list_that_are_secrets_are_asked_for_one_by_one() {
    let secret = json!({"type": "string", "minLength": 4, "ui:field": "Secret"});
    for items in [secret.clone(), json!({"$ref": "#/definitions/secret"})] {
        let page = json!({
            "properties": {"tokens": {"type": "array", "minItems": 1, "maxItems": 2, "items": items}},
            "definitions": {"secret": secret},
        });
        let mut form = form(page);
        let first = form.next_question().unwrap();
        assert_eq!(
            (first.field.as_str(), first.title.as_str(), first.required),
            ("/tokens/0", "tokens 1", true)
        );
        assert_eq!(first.kind, QuestionKind::Secret);
        assert!(form.skip().is_err() && form.answer(json!(["in clear"])).is_err());
        assert_eq!(form.clone().finish().unwrap_err()[0].field, "/tokens/0");
        form.answer_secret(Secret::new("hunter2")).unwrap();
        form.answer(json!(true)).unwrap();
        form.answer_secret(Secret::new("swordfish")).unwrap();
        assert!(form.next_question().is_none());
        let answers = form.finish().unwrap();
        assert_eq!(Value::Object(answers.parameters), json!({"tokens": ["****", "****"]}));
        let secrets: Vec<_> = answers.secrets.iter().map(|(name, it)| (name.as_str(), it.expose())).collect();
        assert_eq!(secrets, [("tokens.0", "hunter2"), ("tokens.1", "swordfish")]);
    }
}

#[test]
fn secrets_in_lists_that_were_given_another_time_are_asked_for() {
    let secret = json!({"type": "string", "ui:field": "Secret"});
    let server = json!({"type": "object", "properties": {"host": {"type": "string"}, "token": secret}});
    let list = |items: &Value| json!({"type": "array", "items": items});
    let page = json!({"properties": {"keys": list(&secret), "servers": list(&server)}});
    let given = json!({"keys": ["***", "a new one"], "servers": [{"host": "a", "token": "***"}]});
    let mut form = form(page).given(given.as_object().unwrap().clone());
    assert_eq!(form.clone().finish().unwrap_err()[0].field, "/keys/0");
    for (field, secret) in [("/keys/0", "one"), ("/servers/0/token", "two")] {
        assert_eq!(form.next_question().unwrap().field, field);
        form.answer_secret(Secret::new(secret)).unwrap();
    }
    assert!(form.next_question().is_none());
    let answers = form.finish().unwrap();
    let secrets: Vec<_> = answers.secrets.iter().map(|(name, it)| (name.as_str(), it.expose())).collect();
    assert_eq!(secrets, [("keys.0", "one"), ("keys.1", "a new one"), ("servers.0.token", "two")]);
}

#[test]
fn secrets_in_lists_of_lists_are_asked_for_as_secrets() {
    let secret = json!({"type": "string", "ui:field": "Secret"});
    let list = |items: Value| json!({"type": "array", "minItems": 1, "maxItems": 1, "items": items});
    let page = json!({"properties": {"tokens": list(list(secret))}});
    let mut form = form(page.clone());
    let question = form.next_question().unwrap();
    assert_eq!((question.field.as_str(), question.title.as_str()), ("/tokens/0/0", "tokens 1 1"));
    form.answer_secret(Secret::new("hunter2")).unwrap();
    assert!(form.next_question().is_none());
    let answers = form.finish().unwrap();
    assert_eq!(Value::Object(answers.parameters), json!({"tokens": [["***"]]}));
    assert_eq!(answers.secrets["tokens.0.0"].expose(), "hunter2");
}

#[test]
fn stars_are_no_repetition() {
    let secret = json!({"type": "string", "ui:field": "Secret"});
    let server = json!({"type": "object", "properties": {"host": {"type": "string"}, "token": secret}});
    let list = |items: &Value| json!({"type": "array", "uniqueItems": true, "items": items});
    let page = json!({"properties": {"keys": list(&secret), "servers": list(&server), "tags": list(&json!({"type": "string"}))}});
    for (given, wanted) in [
        (json!({"keys": ["one", "two"]}), None),
        (json!({"servers": [{"token": "one"}, {"token": "two"}]}), None),
        (json!({"servers": [{"token": "one"}, {"host": "a"}, {"host": "a"}]}), Some("/servers")),
        (json!({"tags": ["***", "***"]}), Some("/tags")),
    ] {
        let mut form = form(page.clone()).given(given.as_object().unwrap().clone());
        let errors: Vec<_> = form.reopen().into_iter().map(|it| it.field).collect();
        assert_eq!(errors, wanted.into_iter().collect::<Vec<_>>(), "{given}");
    }
}

#[test]
fn a_password_is_a_parameter_that_is_not_seen_while_it_is_typed() {
    let password = json!({"type": "string", "ui:widget": "password"});
    let mut form =
        form(json!({"properties": {"pin": password, "pins": {"type": "array", "items": password}}}));
    let hidden = QuestionKind::Text { multiline: false, hidden: true };
    assert_eq!(form.next_question().unwrap().kind, hidden);
    form.answer(json!("2718")).unwrap();
    assert_eq!(form.next_question().unwrap().kind, QuestionKind::List(Box::new(hidden)));
    form.answer(json!(["314"])).unwrap();
    let answers = form.finish().unwrap();
    assert_eq!(Value::Object(answers.parameters), json!({"pin": "2718", "pins": ["314"]}));
    assert!(answers.secrets.is_empty());
}

#[test]
fn secrets_of_a_list_that_is_asked_for_again_are_asked_for_again() {
    let server = json!({"type": "object", "properties": {"host": {"type": "string"}, "token": {"type": "string", "ui:field": "Secret"}}});
    let page = json!({"properties": {"servers": {"type": "array", "minItems": 2, "items": server}}});
    let given = json!({"servers": [{"host": "a", "token": "of a"}]});
    let mut form = form(page).given(given.as_object().unwrap().clone());
    assert_eq!(form.reopen().len(), 1);
    let mut secrets = ["of b", "of c"].into_iter();
    while let Some(question) = form.next_question() {
        match question.kind {
            QuestionKind::Secret => form.answer_secret(Secret::new(secrets.next().unwrap())),
            QuestionKind::Another { .. } => form.answer(json!(false)),
            _ => form.answer(json!("host")),
        }
        .unwrap();
    }
    assert_eq!(secrets.next(), None);
    let answers = form.finish().unwrap();
    assert_eq!(answers.secrets["servers.0.token"].expose(), "of b");
}

#[test]
fn secrets_of_different_fields_have_different_names() {
    let secret = json!({"type": "string", "ui:field": "Secret"});
    let list = |inner: Value| json!({"type": "array", "items": {"type": "object", "properties": inner}});
    let inner = json!({"a.b": secret, "a": {"type": "object", "properties": {"b": secret}}, r"a\": {"type": "object", "properties": {"b": secret}}});
    let page = json!({"properties": {"l": list(inner), "l.0.a.b": secret, r"l\.0\.a\.b": secret, "own.name": secret}});
    let given = json!({
        "l": [{"a.b": "1", "a": {"b": "2"}, r"a\": {"b": "3"}}],
        "l.0.a.b": "4", r"l\.0\.a\.b": "5", "own.name": "6",
    });
    let template = template(json!({"parameters": page}));
    let request = PlanRequest::with_defaults(&template, given.as_object().unwrap());
    let found: Vec<_> = request.secrets.iter().map(|(name, it)| (name.as_str(), it.expose())).collect();
    let mut wanted = [
        (r"l.0.a\.b", "1"),
        ("l.0.a.b", "2"),
        (r"l.0.a\\.b", "3"),
        (r"l\.0\.a\.b", "4"),
        (r"l\\\.0\\\.a\\\.b", "5"),
        ("own.name", "6"),
    ];
    wanted.sort();
    assert_eq!(found, wanted);
}

#[test]
fn a_secret_that_is_required_and_not_described_is_asked_for() {
    let spec = json!({"parameters": {}, "secrets": {"schema": {"required": ["T"]}}});
    let mut form = Form::new(template(spec)).unwrap();
    let question = form.next_question().unwrap();
    assert_eq!((question.title.as_str(), question.required), ("T", true));
    form.answer_secret(Secret::new("t")).unwrap();
    assert!(form.next_question().is_none());
}

//! Forms, asked question by question.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

mod asking;

use asking::{form, run, template};
use idp_scaffolder::{Form, QuestionKind};
use serde_json::{Value, json};

fn parameters(parameters: Value, script: &[(&str, Value)]) -> Value {
    Value::Object(run(form(parameters), script).parameters)
}

#[test]
fn fields_are_asked_page_by_page_in_the_order_that_is_wanted() {
    let pages = json!([
        {"ui:order": ["b", "*", "a"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}}},
        {"properties": {"d": {"type": "object", "properties": {"e": {"type": "string"}, "f": {"type": "null"}}}}},
    ]);
    let script = ["/b", "/c", "/a", "/d/e"].map(|field| (field, json!(&field[1..])));
    assert_eq!(parameters(pages, &script), json!({"b": "b", "c": "c", "a": "a", "d": {"e": "d/e"}}));
}

#[test]
fn a_page_may_require_what_another_asks_for() {
    let mut form = form(json!([{"required": ["b"]}, {"properties": {"b": {"type": "string"}}}]));
    assert!(form.next_question().unwrap().required);
    assert!(form.skip().is_err());
}

#[test]
fn conditional_fields_are_asked_when_answers_call_for_them() {
    let engine = json!({"type": "string", "enum": ["pg", "my"]});
    for (schema, script, answers) in [
        (
            json!({"if": {"properties": {"kind": {"const": "db"}}, "required": ["kind"]}, "then": {"properties": {"engine": engine}}}),
            vec![("/kind", json!("db")), ("/engine", json!("pg"))],
            json!({"kind": "db", "engine": "pg"}),
        ),
        (
            json!({"if": {"properties": {"kind": {"const": "db"}}, "required": ["kind"]}, "then": {"properties": {"engine": engine}}}),
            vec![("/kind", json!("web"))],
            json!({"kind": "web"}),
        ),
        (
            json!({"dependencies": {"kind": {"oneOf": [
                {"properties": {"kind": {"enum": ["web"]}}},
                {"properties": {"kind": {"enum": ["db"]}, "engine": engine}, "required": ["engine"]},
            ]}}}),
            vec![("/kind", json!("db")), ("/engine", json!("my"))],
            json!({"kind": "db", "engine": "my"}),
        ),
        (
            json!({"dependencies": {"kind": {"properties": {"engine": engine}}}}),
            vec![("/kind", Value::Null)],
            json!({}),
        ),
        (
            json!({"allOf": [{"if": {"required": ["kind"]}, "then": {"properties": {"engine": {"$ref": "#/definitions/e"}}}}]}),
            vec![("/kind", json!("db")), ("/engine", json!("my"))],
            json!({"kind": "db", "engine": "my"}),
        ),
        (
            json!({"oneOf": [
                {"properties": {"kind": {"const": "db"}, "engine": engine}},
                {"properties": {"kind": {"const": "web"}, "port": {"type": "integer"}}},
            ]}),
            vec![("/kind", json!("web")), ("/port", json!(80))],
            json!({"kind": "web", "port": 80}),
        ),
    ] {
        let mut page = schema;
        page["properties"] = json!({"kind": {"type": "string", "enum": ["db", "web"]}});
        page["definitions"] = json!({"e": engine});
        assert_eq!(parameters(page, &script), answers);
    }
}

#[test]
fn a_form_of_several_kinds_asks_which_one() {
    let page = json!({"properties": {"store": {"type": "object", "oneOf": [
        {"title": "A bucket", "required": ["kind", "bucket"], "properties": {"kind": {"const": "s3"}, "bucket": {"type": "string"}}},
        {"properties": {"kind": {"const": "disk"}, "path": {"type": "string"}}},
    ]}}});
    let mut first = form(page.clone());
    let question = first.next_question().unwrap();
    assert_eq!(question.kind, QuestionKind::Variant(vec!["A bucket".to_owned(), "kind, path".to_owned()]));
    assert!(first.answer(json!(2)).is_err(), "there are two");
    let key = question.field;
    let answers = parameters(page, &[(&key, json!(0)), ("/store/bucket", json!("b"))]);
    assert_eq!(answers, json!({"store": {"kind": "s3", "bucket": "b"}}));
}

#[test]
fn a_list_of_objects_is_asked_element_by_element() {
    let page = |more: Value| {
        let mut list = json!({"type": "array", "items": {"required": ["name"], "properties": {
            "name": {"type": "string"}, "open": {"type": "boolean", "default": true},
        }}});
        list.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"required": ["ports"], "properties": {"ports": list}})
    };
    assert_eq!(parameters(page(json!({})), &[("/ports", json!(false))]), json!({"ports": []}));
    let script = [
        ("/ports", json!(true)),
        ("/ports/0/name", json!("http")),
        ("/ports/0/open", Value::Null),
        ("/ports", json!(true)),
        ("/ports/1/name", json!("admin")),
        ("/ports/1/open", json!(false)),
        ("/ports", json!(false)),
    ];
    let two = json!({"ports": [{"name": "http", "open": true}, {"name": "admin", "open": false}]});
    assert_eq!(parameters(page(json!({})), &script), two);
    let bounded: Vec<_> = script.iter().filter(|(field, _)| *field != "/ports").cloned().collect();
    assert_eq!(parameters(page(json!({"minItems": 2, "maxItems": 2})), &bounded), two);
}

#[test]
fn a_list_that_wants_endless_elements_is_asked_for_few() {
    let page = json!({"properties": {"l": {
        "type": "array", "minItems": u64::MAX, "items": {"properties": {"hidden": {"ui:widget": "hidden"}}},
    }}});
    let question = form(page).next_question().unwrap();
    assert!(matches!(question.kind, QuestionKind::Another { count } if count < 100), "{question:?}");
}

#[test]
fn a_value_that_is_no_object_is_asked_for_again_by_its_fields() {
    let page = json!({"properties": {"o": {"type": "object", "properties": {"a": {"type": "string"}}}, "oneOf": {}}, "oneOf": [
        {"title": "One", "properties": {"x": {"type": "string"}}}, {"title": "Two", "properties": {"y": {"type": "string"}}},
    ]});
    let given = json!({"o": 5, "oneOf": "a name like any other"}).as_object().unwrap().clone();
    let mut form = form(page).given(given);
    assert_eq!(form.reopen().iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["/o"]);
    assert_eq!(form.next_question().unwrap().field, "/o/a");
    form.answer(json!("b")).unwrap();
    assert_eq!(
        form.next_question().unwrap().kind,
        QuestionKind::Variant(vec!["One".to_owned(), "Two".to_owned()])
    );
}

#[test]
fn every_kind_of_field_is_recognised() {
    let choice = json!({"enum": ["s", "m"], "enumNames": ["Small", "Medium"]});
    let text = |multiline: bool, hidden: bool| json!({"text": {"multiline": multiline, "hidden": hidden}});
    for (schema, kind) in [
        (json!({"type": "string"}), text(false, false)),
        (json!({"type": "string", "ui:widget": "textarea"}), text(true, false)),
        (json!({"type": "string", "ui:options": {"widget": "textarea"}}), text(true, false)),
        (json!({"type": "string", "ui:widget": "password"}), text(false, true)),
        (json!({"pattern": "a"}), text(false, false)),
        (json!({"type": ["null", "integer"]}), json!({"number": {"integer": true}})),
        (json!({"type": "number"}), json!({"number": {"integer": false}})),
        (json!({"type": "boolean"}), json!("boolean")),
        (
            choice.clone(),
            json!({"choice": [{"value": "s", "label": "Small"}, {"value": "m", "label": "Medium"}]}),
        ),
        (json!({"enum": [1], "ui:enumNames": ["One"]}), json!({"choice": [{"value": 1, "label": "One"}]})),
        (
            json!({"oneOf": [{"const": 1, "title": "One"}, {"enum": [2]}]}),
            json!({"choice": [{"value": 1, "label": "One"}, {"value": 2, "label": "2"}]}),
        ),
        (
            json!({"type": "array", "items": choice}),
            json!({"choices": [{"value": "s", "label": "Small"}, {"value": "m", "label": "Medium"}]}),
        ),
        (json!({"type": "array", "items": {"type": "string"}}), json!({"list": text(false, false)})),
        (json!({"type": "array"}), json!("value")),
        (json!({"type": "object"}), json!("value")),
        (json!({}), json!("value")),
        (json!({"type": "string", "ui:field": "Secret"}), json!("secret")),
        (
            json!({"type": "string", "ui:field": "OwnerPicker"}),
            json!({"entity": {
                "filter": {"value": ["kind", {"in": ["Group", "User"]}]}, "defaultKind": "group",
                "defaultNamespace": "default", "arbitrary": true,
            }}),
        ),
        (
            json!({"type": "array", "ui:field": "MultiEntityPicker", "ui:options": {"allowArbitraryValues": false}}),
            json!({"entities": {"defaultNamespace": "default", "arbitrary": false}}),
        ),
        (
            json!({"type": "array", "ui:field": "EntityTagsPicker"}),
            json!({"tags": {"defaultNamespace": "default", "arbitrary": true}}),
        ),
    ] {
        let question = form(json!({"properties": {"f": schema.clone()}})).next_question().unwrap();
        assert_eq!(serde_json::to_value(&question.kind).unwrap(), kind, "{schema}");
    }
    let picker = json!({"type": "string", "ui:field": "RepoUrlPicker", "ui:options": {"allowedHosts": ["github.com"]}});
    let question = form(json!({"properties": {"f": picker}})).next_question().unwrap();
    assert!(matches!(question.kind, QuestionKind::RepoUrl(options) if options.hosts == ["github.com"]));
}

#[test]
fn an_answer_that_will_not_do_is_refused_and_asked_again() {
    let page = json!({
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$", "errorMessage": {"pattern": "small letters"}},
            "port": {"type": "integer", "maximum": 10},
            "repo": {"type": "string", "ui:field": "RepoUrlPicker", "ui:options": {"allowedHosts": ["github.com"]}},
            "entry": {"type": "string", "ui:field": "EntityNamePicker"},
        },
        "allOf": [{"properties": {"port": {"minimum": 5}}}],
    });
    let mut form = form(page);
    for (field, wrong, message, right) in [
        ("/name", json!("A"), "small letters", json!("a")),
        ("/port", json!(11), "11 is greater than the maximum of 10", json!(7)),
        (
            "/repo",
            json!("gitlab.com?owner=a&repo=b"),
            "the host is one of github.com",
            json!("github.com?owner=a&repo=b"),
        ),
        (
            "/entry",
            json!("a b"),
            "not a name: letters and digits with `-`, `_` or `.` between them, at most 63 characters",
            json!("a-b"),
        ),
    ] {
        let asked = form.next_question().unwrap();
        let error = form.answer(wrong).unwrap_err();
        assert_eq!((error.field.as_str(), error.message.as_str()), (field, message));
        assert_eq!(form.next_question(), Some(asked));
        if field == "/port" {
            // What another part of the schema says counts as much, and names its own place.
            let error = form.answer(json!(3)).unwrap_err();
            assert_eq!(error.rule, "/spec/parameters/allOf/0/properties/port/minimum");
        }
        if field == "/name" {
            assert!(form.skip().is_err() && form.answer(json!("")).is_err(), "it is required");
        }
        form.answer(right).unwrap();
    }
    assert!(form.next_question().is_none());
    form.finish().unwrap();
}

#[test]
fn what_is_given_is_not_asked_for_and_what_is_wrong_of_it_is_asked_again() {
    let page = json!({
        "required": ["name", "owner", "size"],
        "properties": {
            "name": {"type": "string"}, "owner": {"type": "string"}, "size": {"type": "integer"},
            "tier": {"type": "string", "default": "gold"},
        },
    });
    let given = json!({"name": "a", "size": "big", "extra": 1}).as_object().unwrap().clone();
    let all = form(page.clone()).given(given.clone()).finish().unwrap_err();
    let fields: Vec<_> = all.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["/owner", "/size"], "missing and wrong ones, all at once");

    let mut form = form(page).given(given);
    let wrong = form.reopen();
    assert_eq!(wrong.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["/size"]);
    let answers = run(form, &[("/owner", json!("me")), ("/size", json!(3)), ("/tier", Value::Null)]);
    assert_eq!(
        Value::Object(answers.parameters),
        json!({"name": "a", "extra": 1, "owner": "me", "size": 3, "tier": "gold"})
    );
}

#[test]
fn answers_can_be_taken_back() {
    let page = json!({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
    let mut form = form(page);
    assert!(!form.back());
    form.answer(json!("one")).unwrap();
    form.skip().unwrap();
    assert!(form.next_question().is_none());
    assert!(form.back() && form.back());
    assert_eq!(form.next_question().unwrap().field, "/a");
    assert!(form.values().is_empty());
}

#[test]
fn pages_that_see_different_things_in_a_field_have_an_end() {
    let fields = json!({"properties": {"x": {"type": "string"}}});
    let pages = json!([
        {"properties": {"a": {"type": "array", "items": fields}}},
        {"properties": {"a": {"type": "object", "properties": {"y": {"type": "string"}}}}},
    ]);
    let script = [("/a", json!(true)), ("/a/0/x", json!("x")), ("/a", json!(false))];
    let mut form = form(pages);
    for (field, answer) in script {
        assert_eq!(form.next_question().unwrap().field, field);
        form.answer(answer).unwrap();
    }
    assert!(form.next_question().is_none());
    assert_eq!(form.finish().unwrap_err()[0].field, "/a", "no value is right for both");
}

#[test]
fn nobody_is_asked_for_what_nobody_may_answer() {
    let page = json!({
        "required": ["fixed"],
        "properties": {
            "hidden": {"type": "string", "ui:widget": "hidden", "default": "h"},
            "fixed": {"type": "string", "ui:readonly": true, "default": "f"},
            "flagged": {"type": "string", "ui:backstage": {"featureFlag": "x"}},
            "constant": {"const": 7},
        },
    });
    let unasked = Value::Object(form(page.clone()).finish().unwrap().parameters);
    assert_eq!(unasked, json!({"constant": 7, "fixed": "f", "hidden": "h"}));
    assert_eq!(parameters(page, &[]), json!({"constant": 7, "fixed": "f", "hidden": "h"}));
}

#[test]
fn a_schema_that_cannot_be_used_makes_no_form() {
    let errors =
        Form::new(template(json!({"parameters": {"properties": {"a": {"type": "strin"}}}}))).unwrap_err();
    assert_eq!(errors[0].rule, "/spec/parameters/properties/a/type");
}

#[test]
fn a_schema_that_refers_to_itself_has_an_end() {
    let page = json!({"properties": {"name": {"type": "string"}, "a": {"$ref": "#"}, "b": {"$ref": "#"}}});
    let question = form(page).next_question().unwrap();
    assert_eq!(question.field, "/name");
}

#[test]
fn a_form_inside_of_itself_is_asked_for_as_far_as_somebody_chooses_it() {
    let again = json!({"$ref": "#/definitions/rule"});
    for (key, required) in [("oneOf", json!(["not"])), ("anyOf", json!([]))] {
        let rule = json!({"type": "object", key: [
            {"title": "not", "required": required, "properties": {"not": again}},
            {"title": "is", "required": ["is"], "properties": {"is": {"type": "string"}}},
        ]});
        let page = json!({"required": ["x"], "properties": {"x": again}, "definitions": {"rule": rule}});
        let mut form = form(page);
        let mut choices = [0, 0, 1].into_iter();
        while let Some(question) = form.next_question() {
            match question.kind {
                QuestionKind::Variant(_) => form.answer(json!(choices.next().unwrap())),
                _ => form.answer(json!("v")),
            }
            .unwrap();
        }
        let answers = form.finish().unwrap();
        assert_eq!(
            Value::Object(answers.parameters),
            json!({"x": {"not": {"not": {"is": "v"}}}}),
            "{required}"
        );
    }
}

#[test]
fn a_form_inside_of_itself_is_asked_for_where_an_answer_requires_it() {
    let page = json!({
        "required": ["kind"], "properties": {"kind": {"enum": ["leaf", "node"]}},
        "if": {"properties": {"kind": {"const": "node"}}, "required": ["kind"]},
        "then": {"required": ["inner"], "properties": {"inner": {"$ref": "#"}}},
    });
    let mut form = form(page);
    let mut kinds = ["node", "node", "leaf"].into_iter();
    while form.next_question().is_some() {
        form.answer(json!(kinds.next().unwrap())).unwrap();
    }
    let parameters = Value::Object(form.finish().unwrap().parameters);
    assert_eq!(parameters, json!({"kind": "node", "inner": {"kind": "node", "inner": {"kind": "leaf"}}}));
}

#[test]
fn a_list_of_itself_has_an_end() {
    let list = json!({"$ref": "#/definitions/l"});
    let page = json!({
        "properties": {"l": list}, "definitions": {"l": {"type": "array", "items": list}},
    });
    let given = json!({"l": [[]]}).as_object().unwrap().clone();
    assert!(form(page.clone()).given(given).next_question().is_none());
    assert_eq!(form(page).next_question().unwrap().field, "/l");
}

#[test]
fn a_name_that_is_a_number_is_no_element() {
    let ports = json!({"type": "object", "properties": {"8080": {"type": "string"}, "18446744073709551615": {"type": "string"}}});
    let mut form = form(json!({"properties": {"ports": ports}}));
    for name in ["8080", "18446744073709551615"] {
        assert_eq!(form.next_question().unwrap().title, name);
        form.answer(json!("x")).unwrap();
    }
}

#[test]
fn a_constant_may_call_for_another_one() {
    let page = json!({
        "properties": {"a": {"const": 1}},
        "if": {"required": ["a"]}, "then": {"properties": {"b": {"const": 2}}},
    });
    assert_eq!(Value::Object(form(page).finish().unwrap().parameters), json!({"a": 1, "b": 2}));
}

#[test]
fn what_a_chosen_alternative_hides_is_filled_in() {
    let alternative = |name: &str, hidden: &str| {
        json!({"required": [name], "properties": {
            name: {"type": "string"}, "kind": {"type": "string", "default": hidden, "ui:widget": "hidden"},
        }})
    };
    let page = json!({"type": "object", "oneOf": [alternative("a", "first"), alternative("b", "second")]});
    let mut form = form(json!({"properties": {"o": page}}));
    assert!(matches!(form.next_question().unwrap().kind, QuestionKind::Variant(_)));
    form.answer(json!(1)).unwrap();
    assert_eq!(form.next_question().unwrap().field, "/o/b");
    form.answer(json!("x")).unwrap();
    assert!(form.next_question().is_none());
    assert_eq!(form.errors(), []);
    assert_eq!(json!(form.values()), json!({"o": {"b": "x", "kind": "second"}}));
}

#[test]
fn what_is_given_is_held_against_the_rules_of_the_extensions() {
    let field = |extension: &str| json!({"type": "string", "ui:field": extension, "ui:options": {"allowedHosts": ["github.com"]}});
    let page = json!({"properties": {"repoUrl": field("RepoUrlPicker"), "name": field("EntityNamePicker")}});
    let given = json!({"repoUrl": "evil.example?owner=x&repo=y", "name": "a b"});
    let mut form = form(page).given(given.as_object().unwrap().clone());
    let errors = form.clone().finish().unwrap_err();
    assert_eq!(errors.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["/repoUrl", "/name"]);
    assert_eq!(errors[0].message, "the host is one of github.com");
    assert_eq!(form.reopen().len(), 2, "it is asked for again");
    assert_eq!(form.next_question().unwrap().field, "/repoUrl");
}

#[test]
fn a_form_extension_asks_more_of_an_answer_than_its_schema() {
    for (extension, options, wrong, right) in [
        ("OwnerPicker", json!({"defaultNamespace": false}), json!("shop"), json!("group:eu/shop")),
        ("EntityPicker", json!({"defaultNamespace": false}), json!("system:shop"), json!("system:eu/shop")),
        ("EntityPicker", json!({"defaultNamespace": "eu"}), json!(1), json!("system:shop")),
        (
            "MultiEntityPicker",
            json!({"defaultNamespace": false}),
            json!(["system:shop"]),
            json!(["system:eu/shop"]),
        ),
        ("RepoOwnerPicker", json!({"excludedOwners": ["bots"]}), json!("bots"), json!("shop")),
        ("RepoBranchPicker", json!({}), json!("my branch"), json!("feature/my-branch")),
    ] {
        let kind = if right.is_array() { "array" } else { "string" };
        let field = json!({"type": kind, "ui:field": extension, "ui:options": options});
        let mut form = form(json!({"properties": {"x": field}}));
        assert!(form.answer(wrong.clone()).is_err(), "{extension} {wrong}");
        form.answer(right.clone()).unwrap();
        assert_eq!(form.finish().unwrap().parameters["x"], right, "{extension}");
    }
}

#[test]
fn what_stands_beside_a_reference_is_said_of_the_field() {
    let page = json!({
        "properties": {
            "token": {"$ref": "#/definitions/alias", "ui:field": "Secret"},
            "name": {"$ref": "#/definitions/alias", "title": "A name", "default": "a"},
        },
        "definitions": {"alias": {"$ref": "#/definitions/text"}, "text": {"type": "string", "title": "A text"}},
    });
    let mut form = form(page);
    let token = form.next_question().unwrap();
    assert_eq!((token.kind, token.title.as_str()), (QuestionKind::Secret, "A text"));
    form.skip().unwrap();
    let name = form.next_question().unwrap();
    assert_eq!((name.title.as_str(), name.default), ("A name", Some(json!("a"))));
    assert_eq!(name.schema, json!({"type": "string", "title": "A name", "default": "a"}));
    assert_eq!(Value::Object(form.finish().unwrap().parameters), json!({"name": "a"}));
}

#[test]
fn alternatives_may_be_references() {
    let page = json!({
        "properties": {"store": {"oneOf": [{"$ref": "#/definitions/s3"}, {"$ref": "#/definitions/disk"}]}},
        "definitions": {
            "s3": {"title": "A bucket", "properties": {"kind": {"const": "s3"}, "bucket": {"type": "string"}}},
            "disk": {"properties": {"kind": {"const": "disk"}, "path": {"type": "string"}}},
        },
    });
    let question = form(page.clone()).next_question().unwrap();
    assert_eq!(question.kind, QuestionKind::Variant(vec!["A bucket".to_owned(), "kind, path".to_owned()]));
    let chosen = parameters(page.clone(), &[(&question.field, json!(1)), ("/store/path", json!("p"))]);
    assert_eq!(chosen, json!({"store": {"kind": "disk", "path": "p"}}));
    // What is given chooses without a question.
    let given = json!({"store": {"kind": "s3"}}).as_object().unwrap().clone();
    assert_eq!(form(page).given(given).next_question().unwrap().field, "/store/bucket");
}

#[test]
fn a_dependency_says_more_than_its_alternatives() {
    let page = json!({
        "properties": {"kind": {"type": "string"}},
        "dependencies": {"kind": {
            "properties": {"owner": {"type": "string"}},
            "oneOf": [
                {"properties": {"kind": {"const": "web"}, "port": {"type": "integer"}}},
                {"properties": {"kind": {"const": "db"}, "engine": {"type": "string"}}},
            ],
        }},
    });
    let script = [("/kind", json!("db")), ("/owner", json!("me")), ("/engine", json!("pg"))];
    assert_eq!(parameters(page, &script), json!({"kind": "db", "owner": "me", "engine": "pg"}));
}

#[test]
fn the_default_of_an_object_holds_for_the_members_that_are_not_given() {
    let limit = json!({"type": "integer"});
    let page = json!({"properties": {
        "limits": {"type": "object", "default": {"cpu": 2, "mem": 4}, "properties": {"cpu": limit, "mem": limit}},
        "ports": {
            "type": "array", "minItems": 1, "default": [{"name": "http"}],
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    }});
    let mut form = form(page).given(json!({"limits": {"cpu": 8}}).as_object().unwrap().clone());
    let question = form.next_question().unwrap();
    assert_eq!((question.field.as_str(), &question.default), ("/limits/mem", &Some(json!(4))));
    let answers = run(form, &[("/limits/mem", Value::Null), ("/ports", json!(false))]);
    assert_eq!(
        Value::Object(answers.parameters),
        json!({"limits": {"cpu": 8, "mem": 4}, "ports": [{"name": "http"}]})
    );
}

#[test]
fn the_elements_of_a_given_list_are_mended() {
    let page = json!({"properties": {"ports": {"type": "array", "items": {
        "required": ["name", "number"], "properties": {"name": {"type": "string"}, "number": {"type": "integer"}},
    }}}});
    let given = json!({"ports": [{"name": "a", "number": 1}, {"number": "x"}]});
    let mut form = form(page).given(given.as_object().unwrap().clone());
    assert_eq!(form.reopen().iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["/ports/1/number"]);
    let answers = run(form, &[("/ports/1/name", json!("b")), ("/ports/1/number", json!(2))]);
    assert_eq!(answers.parameters["ports"], json!([{"name": "a", "number": 1}, {"name": "b", "number": 2}]));
}

#[test]
fn a_constant_that_is_hidden_is_taken() {
    let page = json!({"properties": {"kind": {"const": "s3", "ui:widget": "hidden"}}});
    assert_eq!(parameters(page, &[]), json!({"kind": "s3"}));
}

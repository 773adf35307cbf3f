use std::sync::Arc;

use idp_core::{Diagnostic, Entity, Redactor, Secret, SourceText, Span};
use serde_json::{Map, Value, json};

use super::*;
use crate::{Places, Template};

fn template(parameters: Value) -> Template {
    let entity = Entity::from_value(json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
        "spec": {"type": "service", "parameters": parameters, "steps": []},
    }));
    Template::from_entity(entity.unwrap(), None).unwrap()
}

fn check(parameters: Value, given: Value) -> Result<Value, Vec<String>> {
    check_parameters(&template(parameters), given.as_object().unwrap())
        .map(Value::Object)
        .map_err(|errors| errors.into_iter().map(|it| Diagnostic::from(it).to_string()).collect())
}

/// The field and the rule of every error.
fn errors(parameters: Value, given: Value) -> Vec<(String, String)> {
    let errors = field_errors(&template(parameters), given.as_object().unwrap());
    errors.into_iter().map(|it| (it.field, it.rule)).collect()
}

#[test]
fn every_page_is_checked_against_the_whole() {
    let pages = json!([
        {"required": ["a"], "properties": {"a": {"type": "string"}}},
        {"required": ["b"], "properties": {"b": {"type": "integer", "default": 3}}},
    ]);
    assert_eq!(
        check(pages.clone(), json!({"a": "x", "extra": true})),
        Ok(json!({"a": "x", "extra": true, "b": 3}))
    );
    assert_eq!(check(pages, json!({"b": "no"})).unwrap_err().len(), 2);
}

#[test]
fn defaults_reach_nested_and_conditional_fields() {
    let page = json!({
        "properties": {
            "kind": {"type": "string", "default": "db"},
            "opts": {"type": "object", "properties": {"size": {"default": "small"}, "none": {}}},
            "list": {"type": "array", "items": {"properties": {"on": {"default": true}}}},
        },
        "dependencies": {"kind": {"oneOf": [
            {"properties": {"kind": {"enum": ["none"]}, "engine": {"default": "no"}}},
            {"properties": {"kind": {"enum": ["db"]}, "engine": {"default": "pg"}}},
        ]}},
        "if": {"properties": {"kind": {"const": "db"}}}, "then": {"properties": {"port": {"default": 5432}}},
    });
    assert_eq!(
        check(page, json!({"list": [{}, {"on": false}]})),
        Ok(json!({
            "list": [{"on": true}, {"on": false}], "kind": "db", "opts": {"size": "small"},
            "port": 5432, "engine": "pg",
        }))
    );
}

#[test]
fn defaults_are_those_of_the_branch_that_was_chosen() {
    let alternatives = json!([
        {"properties": {"kind": {"const": "a"}, "x": {"default": 1}}},
        {"properties": {"kind": {"const": "b"}, "y": {"$ref": "#/definitions/two"}}},
    ]);
    for (page, given, filled) in [
        (json!({"oneOf": alternatives}), json!({"kind": "b"}), json!({"kind": "b", "y": 2})),
        (json!({"anyOf": alternatives}), json!({"kind": "a"}), json!({"kind": "a", "x": 1})),
        (json!({"oneOf": alternatives}), json!({"kind": "c"}), json!({"kind": "c"})),
        (json!({"oneOf": alternatives}), json!({}), json!({})),
        (
            json!({"properties": {"o": {"oneOf": alternatives}}}),
            json!({"o": {"kind": "a"}}),
            json!({"o": {"kind": "a", "x": 1}}),
        ),
        (
            json!({"allOf": [{"if": {"required": ["p"]}, "then": {"properties": {"q": {"default": 1}}}}]}),
            json!({"p": 0}),
            json!({"p": 0, "q": 1}),
        ),
        // A default of a later branch chooses, too.
        (
            json!({
                "if": {"required": ["late"]}, "then": {"properties": {"z": {"default": 3}}},
                "allOf": [{"properties": {"late": {"default": true}}}],
            }),
            json!({}),
            json!({"late": true, "z": 3}),
        ),
    ] {
        let mut page = page;
        page["definitions"] = json!({"two": {"default": 2}});
        let filled_in = with_defaults(&template(page.clone()), given.as_object().unwrap());
        assert_eq!(Value::Object(filled_in), filled, "{page}");
    }
}

#[test]
fn what_belongs_to_a_feature_flag_has_no_default() {
    let pages = json!([
        {"properties": {"a": {"default": 1, "ui:backstage": {"featureFlag": "x"}}, "b": {"default": 2}}},
        {"backstage:featureFlag": "x", "properties": {"c": {"default": 3}}},
    ]);
    assert_eq!(Value::Object(with_defaults(&template(pages), &Default::default())), json!({"b": 2}));
}

#[test]
fn a_schema_that_refers_to_itself_has_an_end() {
    let page = json!({"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "c": {"default": 1}}, "allOf": [{"$ref": "#"}, {"$ref": "#"}]});
    assert_eq!(with_defaults(&template(page), &Default::default())["c"], 1);
}

#[test]
fn an_error_names_its_field_and_its_rule() {
    let page = json!({
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$"},
            "list": {"type": "array", "items": {"properties": {"port": {"type": "integer"}}}},
        },
        "dependencies": {"list": {"required": ["a/b"]}},
    });
    for (given, field, rule) in [
        (json!({}), "/name", "/required"),
        (json!({"name": "A"}), "/name", "/properties/name/pattern"),
        (
            json!({"name": "a", "a/b": 1, "list": [{}, {"port": "x"}]}),
            "/list/1/port",
            "/properties/list/items/properties/port/type",
        ),
        (json!({"name": "a", "list": []}), "/a~1b", "/dependencies/list/required"),
    ] {
        for (form, base) in [(page.clone(), "/spec/parameters"), (json!([{}, page]), "/spec/parameters/1")] {
            assert_eq!(errors(form, given.clone()), [(field.to_owned(), format!("{base}{rule}"))]);
        }
    }
}

#[test]
fn an_error_of_alternatives_is_that_of_the_one_that_was_chosen() {
    let page = json!({
        "properties": {"kind": {"enum": ["web", "db", "none"]}},
        "dependencies": {"kind": {"oneOf": [
            {"properties": {"kind": {"enum": ["web"]}, "port": {"type": "integer"}}},
            {"properties": {"kind": {"const": "db"}, "db": {"oneOf": [
                {"required": ["size"], "properties": {"engine": {"const": "pg"}, "size": {"minimum": 3}}},
                {"properties": {"engine": {"const": "my"}}},
            ]}}, "required": ["db"]},
        ]}},
    });
    let branch = "/spec/parameters/dependencies/kind/oneOf";
    for (given, field, rule) in [
        (json!({"kind": "web", "port": "x"}), "/port", "/0/properties/port/type"),
        (json!({"kind": "db"}), "/db", "/1/required"),
        (json!({"kind": "db", "db": {"engine": "pg"}}), "/db/size", "/1/properties/db/oneOf/0/required"),
        (
            json!({"kind": "db", "db": {"engine": "pg", "size": 2}}),
            "/db/size",
            "/1/properties/db/oneOf/0/properties/size/minimum",
        ),
        // Nothing goes with this value: the field that decides is the one to change.
        (json!({"kind": "none"}), "/kind", ""),
    ] {
        assert_eq!(errors(page.clone(), given), [(field.to_owned(), format!("{branch}{rule}"))]);
    }
}

#[test]
fn the_author_of_a_template_may_say_what_is_wrong() {
    let page = json!({
        "required": ["name", "other"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$", "errorMessage": {"pattern": "small letters"}},
            "size": {"enum": [1, 2], "errorMessage": "one or two"},
        },
        "errorMessage": {"required": {"other": "say the other"}},
    });
    let given = json!({"name": "A", "size": 3});
    let errors = field_errors(&template(page), given.as_object().unwrap());
    let mut messages: Vec<_> = errors.iter().map(|it| it.message.as_str()).collect();
    messages.sort_unstable();
    assert_eq!(messages, ["one or two", "say the other", "small letters"]);
}

#[test]
fn a_name_that_is_required_twice_is_required_once() {
    let page = json!({"required": ["a", "a"], "properties": {"a": {"type": "string"}, "o": {"required": ["x", "y", "x"]}}});
    assert_eq!(check(page.clone(), json!({"a": "x"})), Ok(json!({"a": "x"})));
    assert_eq!(errors(page.clone(), json!({})).len(), 1);
    assert_eq!(errors(page, json!({"a": "x", "o": {"x": 1}})).len(), 1);
}

#[test]
fn a_broken_schema_is_an_error_that_says_where() {
    let page = json!({"properties": {"a": {"type": "strin"}}});
    assert_eq!(
        errors(page.clone(), json!({})),
        [(String::new(), "/spec/parameters/properties/a/type".to_owned())]
    );
    let problems = check(page, json!({})).unwrap_err();
    assert!(problems[0].contains("schema-invalid"), "{problems:?}");
}

#[test]
fn what_stands_for_an_unknown_value_is_no_parameter() {
    let problems = check(json!({}), json!({"a": {"b": {"$unknown": "steps.x.output.y"}}})).unwrap_err();
    assert_eq!(problems, ["error[parameter-reserved]: `$unknown` is reserved and cannot be a parameter"]);
}

/// A file whose every value stands at the length of its pointer.
#[derive(Debug)]
struct File(SourceText);

impl Places for File {
    fn source(&self) -> &SourceText {
        &self.0
    }

    fn value(&self, pointer: &str) -> Span {
        Span::at(pointer.len())
    }

    fn key(&self, pointer: &str) -> Span {
        self.value(pointer)
    }
}

#[test]
fn an_error_points_at_its_rule_in_the_file() {
    let file = File(SourceText::new("template.yaml", "x".repeat(200)));
    let template = template(json!({"properties": {"a": {"type": "string"}}})).at(Arc::new(file));
    let errors = field_errors(&template, json!({"a": 1}).as_object().unwrap());
    let column = "/spec/parameters/properties/a/type".len() + 1;
    assert_eq!(
        serde_json::to_value(&errors).unwrap(),
        json!([{
            "code": "parameter-invalid", "field": "/a", "rule": "/spec/parameters/properties/a/type",
            "message": "1 is not of type \"string\"", "file": "template.yaml", "line": 1, "column": column,
        }])
    );
}

#[test]
fn an_error_of_a_secret_names_it_and_never_says_it() {
    let schema = json!({
        "type": "object", "required": ["token", "key"], "additionalProperties": false,
        "properties": {
            "token": {"type": "string", "pattern": "^ghp_", "minLength": 30, "enum": ["hunter2"]},
            "key": {"type": "string", "not": {"const": "hunter2-key"}, "format": "email"},
        },
    });
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
        "spec": {"type": "service", "steps": [], "secrets": {"schema": schema}},
    });
    let template = Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap();
    for (given, fields) in [
        (json!({}), vec!["/token", "/key"]),
        (
            json!({"token": "swordfish", "key": "hunter2-key"}),
            vec!["/token", "/token", "/token", "/key", "/key"],
        ),
    ] {
        let secrets = given.as_object().unwrap().values();
        let redactor = Redactor::new(secrets.filter_map(Value::as_str).map(Secret::new));
        let errors = check_secrets(&template, &given, &redactor);
        let mut found: Vec<_> = errors.iter().map(|it| it.field.as_str()).collect();
        found.sort_unstable_by_key(|it| fields.iter().position(|field| field == it));
        assert_eq!(found, fields);
        for error in errors {
            assert_eq!(error.code, "secret-invalid");
            assert!(error.rule.starts_with("/spec/secrets/schema/"), "{error:?}");
            let shown = format!("{error:?} {error} {}", Diagnostic::from(error.clone()));
            assert!(!shown.contains("swordfish") && !shown.contains("hunter2-key"), "{shown}");
        }
    }
}

#[test]
fn an_answer_that_is_too_much_for_its_schema_is_said_to_be() {
    let inside = json!({"properties": {"a": {"$ref": "#"}}});
    let itself = json!({"allOf": [inside, inside], "if": {"$ref": "#/definitions/any"}, "then": {}, "definitions": {"any": {}}});
    let deep = (0..40).fold(json!({}), |inner, _| json!({"a": inner}));
    let link = |at: usize| match at {
        14 => json!({"type": "integer"}),
        at => {
            let next = json!({"$ref": format!("#/definitions/d{}", at + 1)});
            json!({"anyOf": [next, next]})
        }
    };
    let definitions: Map<_, _> = (0..=14).map(|at| (format!("d{at}"), link(at))).collect();
    let list =
        json!({"properties": {"l": {"items": {"$ref": "#/definitions/d0"}}}, "definitions": definitions});
    for (page, given, wanted) in [
        (itself.clone(), json!({"a": {"a": {}}}), None),
        (itself, deep, Some("nested too deeply")),
        (list.clone(), json!({"l": [1, 2, 3]}), None),
        (list, json!({"l": vec!["x"; 10_000]}), Some("too many values")),
    ] {
        let errors = field_errors(&template(json!([page])), given.as_object().unwrap());
        let found = errors.first().map(|error| (error.code, errors.len()));
        assert_eq!(found, wanted.map(|_| ("parameter-invalid", 1)), "{errors:?}");
        assert!(errors.iter().all(|it| it.message.contains(wanted.unwrap_or_default())), "{errors:?}");
    }
}

//! Templates meant to do harm to the checker: each is checked within a moment.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use std::time::{Duration, Instant};

use idp_core::{Entity, Registry};
use idp_scaffolder::{Builtins, Checker, Engine, Mode, Template, TemplateReport};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Much more than a check needs in an unoptimised build, much less than a hang.
const SOON: Duration = Duration::from_secs(30);

fn template(parameters: Value, steps: Value) -> Template {
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
        "spec": {"type": "test", "parameters": parameters, "steps": steps},
    });
    Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap()
}

fn check(parameters: Value, steps: Value) -> TemplateReport {
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).unwrap();
    Checker::new().actions(&registry).check(&template(parameters, steps))
}

fn say(text: &str) -> Value {
    json!([{"action": "debug:log", "input": {"message": text}}])
}

/// A schema in which every part refers to the whole, twice.
fn endless() -> Value {
    let whole = json!({"$ref": "#"});
    json!({
        "type": "object", "required": ["a", "b", "c"],
        "properties": {"a": whole, "b": whole, "c": whole, "name": {"type": "string"}},
        "allOf": [whole, {"if": whole, "then": whole, "else": whole}],
    })
}

/// A schema that says twice what the next one says, which says it twice as well.
fn doubling(key: &str) -> Value {
    let link = |at: usize| json!({"$ref": format!("#/definitions/d{at}")});
    let each = (0..28).map(|at| (format!("d{at}"), json!({key: [link(at + 1), link(at + 1)]})));
    let mut definitions: serde_json::Map<_, _> = each.collect();
    definitions.insert("d28".to_owned(), json!({"type": "object", "properties": {"b": {"type": "string"}}}));
    json!({"required": ["a"], "properties": {"a": link(0)}, "allOf": [{"if": link(0), "then": link(0)}], "definitions": definitions})
}

/// As many branches as there are names in the condition of each.
fn conditions(count: usize, name: impl Fn(usize) -> String) -> String {
    let all: Vec<_> = (0..count).map(name).collect();
    let arm = format!("{{% elif {} %}}${{{{ z }}}}", all.join(" and "));
    format!("{{% if x %}}{}{{% endif %}}", arm.repeat(count))
}

/// Long chains in parentheses: as deep a tree as few characters make.
fn chains(first: &str, link: &str) -> String {
    format!("${{{{ {}{first}{} }}}}", "(".repeat(22), format!("{})", link.repeat(240)).repeat(22))
}

#[test]
fn each_is_checked_within_a_moment() {
    let wide: Vec<String> =
        (0..20_000).map(|index| format!("${{{{ parameters.p{index}.trim() }}}}")).collect();
    let deep = (0..60).fold(json!("${{ x }}"), |inner, _| json!([inner, {"k": "${{ y }}"}]));
    let fields: serde_json::Map<_, _> =
        (0..2_000).map(|index| (format!("p{index}"), json!({"type": "string", "default": 1}))).collect();
    let cases = [
        ("a schema without end", endless(), say("${{ parameters.a.b.c.d.name }}")),
        ("alternatives that double", doubling("anyOf"), say("${{ parameters.a.b.c }}")),
        ("one of alternatives that double", doubling("oneOf"), say("${{ parameters.a.b.c }}")),
        ("demands that double", doubling("allOf"), say("${{ parameters.a.b.c }}")),
        ("many faults in one text", json!({"properties": {}}), say(&wide.join(" "))),
        ("filters in parentheses", json!({"properties": {}}), say(&chains("x", " | trim"))),
        ("members in parentheses", json!({"properties": {}}), say(&chains("parameters", ".b"))),
        ("sums in parentheses", json!({"properties": {}}), say(&chains("1", " + 1"))),
        ("one long chain", json!({"properties": {}}), say(&format!("${{{{ x{} }}}}", " | trim".repeat(240)))),
        ("deep input", json!({"properties": {}}), json!([{"action": "debug:log", "input": {"extra": deep}}])),
        ("many fields", json!({"properties": fields}), say("${{ parameters.p1 }}")),
        (
            "a pattern of repetitions",
            json!({"required": ["a"], "properties": {"a": {"type": "string", "pattern": "^((a{900}){900}){900}$"}}}),
            say("${{ parameters.b }}"),
        ),
        (
            "many values of many parts",
            json!({"properties": {"a": {"enum": (0..30).collect::<Vec<_>>(), "default": 1}}}),
            say(&"${{ parameters.a }}".repeat(500)),
        ),
        (
            "a text that works for long",
            json!({"properties": {"a": {"type": "array", "default": []}}}),
            say(
                "{% for a in range(9999) %}{% for b in range(9999) %}${{ wrong.x() }}{% endfor %}{% endfor %}",
            ),
        ),
        ("a long chain", json!({"properties": {}}), say(&format!("${{{{ 1{} }}}}", " + x".repeat(240)))),
        (
            "many branches",
            json!({"properties": {"a": {"type": "string"}}}),
            say(&format!(
                "{{% if x %}}{}{{% endif %}}",
                "{% elif parameters.a == 'x' and not (parameters.b or y) %}${{ z }}".repeat(240)
            )),
        ),
    ];
    let cases = cases.into_iter().chain([
        (
            "dashes within dashes",
            json!({"properties": {}}),
            say(&format!("${{{{ {}parameters{} }}}}", "(".repeat(40), ".b-user)".repeat(40))),
        ),
        (
            "many faults in a step whose condition works for long",
            json!({"properties": {}}),
            json!([{
                "action": "debug:log",
                "if": "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                "input": {"message": wide.join(" ")},
            }]),
        ),
        (
            "conditions that say the same again and again",
            json!({"properties": {"a": {"type": "string"}}}),
            say(&conditions(240, |_| "parameters.a".to_owned())),
        ),
        (
            "conditions that say something else each time",
            json!({"properties": {}}),
            say(&conditions(240, |index| format!("parameters.a{index}"))),
        ),
    ]);
    for (name, parameters, steps) in cases {
        let start = Instant::now();
        check(parameters, steps);
        assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn operands_with_many_values_are_checked_within_a_moment() {
    let texts: Vec<_> = (0..32).map(|number| format!("text {number}")).collect();
    let field = json!({"enum": texts});
    let parameters = json!({"required": ["a", "b"], "properties": {"a": field, "b": field}});
    let template = template(parameters, say(&"${{ parameters.a - parameters.b }}".repeat(1_500)));
    let start = Instant::now();
    let report = Checker::new().engine(Engine::new(Mode::Strict)).check(&template);
    assert!(report.findings.iter().any(|it| it.diagnostic.code == "operand-types"));
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
}

#[test]
fn what_is_said_of_one_template_has_an_end() {
    let text: String = (0..5_000).map(|index| format!("${{{{ wrong{index} }}}}")).collect();
    let report = check(json!({"properties": {}}), say(&text));
    assert_eq!(report.findings.len(), 1_000);
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("parameters.name".to_owned()),
        Just("parameters.tags".to_owned()),
        Just("parameters.size".to_owned()),
        Just("steps['a-b'].output.x".to_owned()),
        Just("none".to_owned()),
        Just("'x'".to_owned()),
        Just("1".to_owned()),
        "[a-z]{1,4}",
    ];
    leaf.prop_recursive(4, 32, 3, |inner| {
        prop_oneof![
            (inner.clone(), "(and|or|==|===|!=|in|\\+|-|~|<)", inner.clone())
                .prop_map(|(left, op, right)| format!("{left} {op} {right}")),
            (inner.clone(), "(upper|trim|join|length|first|dump|default|int|nope)")
                .prop_map(|(input, filter)| format!("({input}) | {filter}")),
            (inner.clone(), "[a-z]{1,5}").prop_map(|(object, name)| format!("({object}).{name}")),
            (inner.clone(), "(split|join|trim|at|nope)")
                .prop_map(|(object, name)| format!("({object}).{name}('a')")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("{a} if {b} else {c}")),
        ]
    })
}

proptest! {
    #[test]
    fn a_witness_is_accepted_by_the_form(text in expression()) {
        let parameters = json!({"required": ["name"], "properties": {
            "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
            "size": {"type": "object", "properties": {"cpu": {"type": "integer"}}, "default": {}},
        }});
        let text = format!("${{{{ {text} }}}}");
        let steps = json!([{"action": "debug:log", "if": text, "input": {"message": format!("it is {text}"), "extra": text}}]);
        let template = template(parameters.clone(), steps.clone());
        for finding in check(parameters, steps).findings {
            if let Some(witness) = finding.witness {
                prop_assert!(idp_scaffolder::check_parameters(&template, &witness).is_ok());
            }
        }
    }
}

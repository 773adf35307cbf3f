//! The template language, case by case: every line of `data/expressions.ndjson` is a test.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use idp_scaffolder::{Engine, ErrorCode, Evaluated, Evaluation, Limits, Mode, Scope, TextOptions};
use serde_json::{Value, json};

fn scope() -> Scope {
    Scope::from(&json!({
        "parameters": {
            "name": "my-app", "num": 0, "one": 1, "str1": "1", "t": true, "f": false, "nul": null, "arr": ["a", "b"],
            "empty": [], "obj": {"bar": "X", "nested": {"n": 1}}, "es": "", "list": [{"name": "x"}, {"name": "y"}],
        },
        "steps": {"fetch-base": {"output": {"x": "out"}}},
    }))
}

/// What a case wants, in the words of [`Evaluated`].
fn wanted(case: &Value, key: &str) -> Evaluated {
    match (case.get("number").and_then(Value::as_str), case.get(key)) {
        (Some("NaN"), _) => Evaluated::NotJson(f64::NAN),
        (Some(_), _) => Evaluated::NotJson(f64::INFINITY),
        (_, Some(Value::String(text))) if text == "undefined" => Evaluated::Undefined,
        _ if case.get("undefined").is_some() => Evaluated::Undefined,
        (_, value) => Evaluated::Value(value.cloned().unwrap_or(case["template"].clone())),
    }
}

fn agrees(got: &Evaluation, want: &Evaluated, code: Option<&str>) -> bool {
    let value = match (&got.value, want) {
        (Evaluated::NotJson(a), Evaluated::NotJson(b)) => a.to_string() == b.to_string(),
        (a, b) => a == b,
    };
    value && got.error.as_ref().map(|error| error.code().as_str()) == code
}

#[test]
fn every_case_gives_what_backstage_gives() {
    let (engine, scope) = (Engine::new(Mode::Backstage), scope());
    let mut failed = Vec::new();
    for line in include_str!("data/expressions.ndjson").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let template = case["template"].as_str().unwrap();
        let got = engine.render_value(template, &scope).unwrap();
        if !agrees(&got, &wanted(&case, "value"), case.get("error").and_then(Value::as_str)) {
            failed.push(format!("{}: {got:?}", case["case"]));
        }
    }
    assert!(failed.is_empty(), "{} cases:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn older_backstage_reads_values_back_from_json() {
    let (engine, scope) = (Engine::new(Mode::BackstageLegacy), scope());
    for line in include_str!("data/expressions.ndjson").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case.get("legacy").is_some() {
            let got = engine.render_value(case["template"].as_str().unwrap(), &scope).unwrap();
            assert!(agrees(&got, &wanted(&case, "legacy"), None), "{}: {got:?}", case["case"]);
        }
    }
}

#[test]
fn keys_stay_and_missing_values_go() {
    let engine = Engine::default();
    let input = json!({
        "${{ parameters.name }}": "${{ parameters.name | upper }}",
        "gone": "${{ parameters.missing }}",
        "list": ["${{ parameters.missing }}", "x", 1],
        "wrong": "${{ nosuch( }}",
    });
    let tree = engine.render_tree(&input, &scope());
    let want = json!({"${{ parameters.name }}": "MY-APP", "list": [null, "x", 1], "wrong": "${{ nosuch( }}"});
    assert_eq!(tree.value, Some(want));
    assert_eq!(tree.problems.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>(), ["/wrong"]);
}

#[test]
fn unknown_values_spread_to_what_reads_them() {
    let engine = Engine::default();
    let scope = Scope::from(&json!({
        "steps": {"publish": {"output": {"hash": {"$unknown": "steps.publish.output.hash"}, "url": "u"}}},
    }));
    let hash = "steps.publish.output.hash";
    let unknown = |template: &str| match engine.render_value(template, &scope).unwrap().value {
        Evaluated::Unknown(names) => names.into_iter().collect::<Vec<_>>(),
        other => panic!("{template}: {other:?}"),
    };
    for template in [
        "${{ steps.publish.output.hash }}",
        "x${{ steps.publish.output.hash }}",
        "${{ steps.publish.output.hash | upper }}",
        "${{ steps.publish.output.hash.length }}",
        "${{ steps.publish.output.hash.slice(0, 7) }}",
        "${{ steps.publish.output.hash or 'none' }}",
        "${{ 'a' if steps.publish.output.hash else 'b' }}",
        "{% if steps.publish.output.hash %}a{% endif %}",
        "{% for c in steps.publish.output.hash %}a{% endfor %}",
        "${{ steps.publish.output.hash == 'x' }}",
        "${{ steps.publish.output.hash is defined }}",
        "${{ steps.publish.output | dump }}",
        "${{ [steps.publish.output.hash] | join('-') }}",
        "${{ 'x' in [steps.publish.output.hash] }}",
    ] {
        assert_eq!(unknown(template), [hash], "{template}");
    }
    let whole = engine.render_value("${{ steps.publish.output }}", &scope).unwrap().value;
    assert_eq!(whole, Evaluated::Value(json!({"hash": {"$unknown": hash}, "url": "u"})));
    let url = engine.render_value("${{ steps.publish.output.url }}", &scope).unwrap().value;
    assert_eq!(url, Evaluated::Value(json!("u")));
    let tree = engine
        .render_tree(&json!(["${{ steps.publish.output }}", "${{ steps.publish.output.hash }}"]), &scope);
    assert_eq!(tree.unknown.into_iter().collect::<Vec<_>>(), [hash]);
    let error =
        engine.render_text("a ${{ steps.publish.output.hash }}", &scope, TextOptions::default()).unwrap_err();
    assert_eq!((error.code(), error.unknown().len()), (ErrorCode::UnknownValue, 1));
}

#[test]
fn conditions_hold_as_in_backstage() {
    let (engine, scope) = (Engine::default(), scope());
    let holds = |condition: Value| engine.condition(&condition, &scope).unwrap().holds;
    for runs in ["false", "0", "  ", "${{ {} }}", "${{ nosuch( }}", "x${{ false }}", "${{ parameters.name }}"]
    {
        assert_eq!(holds(json!(runs)), Some(true), "{runs}");
    }
    for skips in ["", "${{ [] }}", "${{ 0 }}", "${{ none }}", "${{ parameters.missing }}", "${{ 0 / 0 }}"] {
        assert_eq!(holds(json!(skips)), Some(false), "{skips}");
    }
    assert_eq!(holds(json!(false)), Some(false));
    assert_eq!(holds(json!(0)), Some(true));
    let called = |condition: &str| engine.condition(&json!(condition), &scope).unwrap().status_called;
    assert!(called("${{ always() }}"));
    assert!(called("${{ parameters.f or failure() }}"));
    assert!(!called("${{ parameters.t or always() }}"));
    let failed = engine.with_failed(true).condition(&json!("${{ failure() }}"), &scope).unwrap();
    assert_eq!((failed.holds, failed.status_called), (Some(true), true));
}

#[test]
fn hosts_add_filters_functions_and_values() {
    let engine = Engine::builder(Mode::Backstage)
        .filter("add", |args| {
            Ok(Some(json!(args[0].as_f64().unwrap_or(0.0) + args[1].as_f64().unwrap_or(0.0))))
        })
        .filter("nothing", |_| Ok(None))
        .function("fail", |_| Err("no luck".to_owned()))
        .global("answer", json!(42))
        .build();
    let value = |template: &str| engine.render_value(template, &Scope::new()).unwrap();
    assert_eq!(value("${{ 1 | add(2) }}").value, Evaluated::Value(json!(3)));
    assert_eq!(value("[${{ 1 | nothing }}]").value, Evaluated::Value(json!("[]")));
    assert_eq!(value("${{ answer }}").value, Evaluated::Value(json!(42)));
    assert_eq!(value("${{ fail() }}").error.unwrap().message(), "no luck");
}

#[test]
fn errors_say_where() {
    let error = Engine::default()
        .render_text("one\ntwo ${{ parameters.name | nosuch }}", &scope(), TextOptions::default())
        .unwrap_err();
    assert_eq!((error.line(), error.column(), error.code()), (2, 9, ErrorCode::UnknownFilter));
    assert_eq!(error.span().start, 12);
}

#[test]
fn strict_templates_do_without_guessing() {
    let (engine, scope) = (Engine::new(Mode::Strict), scope());
    let value = |template: &str| engine.render_value(template, &scope);
    assert_eq!(value("${{ parameters.one }}").unwrap().value, Evaluated::Value(json!(1)));
    assert_eq!(value("a ${{ parameters.one + 1 }}").unwrap().value, Evaluated::Value(json!("a 2")));
    for undefined in ["${{ parameters.missing }}", "a ${{ parameters.missing }}"] {
        assert_eq!(value(undefined).unwrap_err().code(), ErrorCode::Undefined, "{undefined}");
    }
    assert_eq!(value("${{ 1 | nosuch }}").unwrap_err().code(), ErrorCode::UnknownFilter);
    let error = value("a\nb ${{ parameters.missing }}").unwrap_err();
    assert_eq!(error.line(), 2);
    let unknown = Scope::new().with("x", json!({"$unknown": "later"}));
    for template in ["${{ x }}", "a${{ x }}", "${{ x.y }}", "${{ x | upper }}", "{% if x %}a{% endif %}"] {
        let got = engine.render_value(template, &unknown).unwrap().value;
        assert_eq!(got, Evaluated::Unknown(["later".to_owned()].into()), "{template}");
    }
}

#[test]
fn a_strict_computation_with_what_is_unknown_is_unknown() {
    let engine = Engine::new(Mode::Strict);
    let unknown = Scope::new().with("x", json!({"port": {"$unknown": "later"}}));
    for template in [
        "${{ x.port + 1 }}",
        "${{ 1 - x.port }}",
        "${{ x.port * 2 }}",
        "${{ -x.port }}",
        "${{ x.port < 2 }}",
        "${{ x.port | int }}",
        "${{ x.port | abs }}",
        "${{ x.port | round(1) }}",
        "${{ x.port | float }}",
        "${{ x.port | split('-') }}",
        "${{ x.port | lines }}",
        "${{ x.port | parseRepoUrl }}",
        "${{ x.port is odd }}",
        "${{ x.port is integer }}",
        "${{ x.port is float }}",
        "${{ x.port is none }}",
        "${{ x.port is true }}",
        "${{ x.port is boolean }}",
        "${{ x.port is string }}",
        "${{ x.port is divisibleby(2) }}",
        "${{ range(x.port) }}",
        "${{ [1, 2][x.port] }}",
        "at ${{ x.port + 1 }}",
        "${{ x.port is upper }}",
        "${{ 1 is sameas(x.port) }}",
        // What takes nothing but a text, or calls what it is given, fails without reading.
        "${{ 'a b' | split(x.port) }}",
        "${{ 1.5 | round(1, x.port) }}",
        "${{ [{'a': 1}] | sort(attribute=x.port) }}",
        "${{ [{'a': 1}] | groupby(x.port) }}",
        "${{ [1] | map(x.port) }}",
        "${{ {'a': 1} | dictsort(by=x.port) }}",
        "${{ {'a': 1} | pick(x.port) }}",
        "${{ x.port | format }}",
        "${{ x.port() }}",
        "{% set name = x.port %}at ${{ [1] | map(name) | join }}",
    ] {
        let got = engine.render_value(template, &unknown).unwrap().value;
        assert_eq!(got, Evaluated::Unknown(["later".to_owned()].into()), "{template}");
    }
}

#[test]
fn what_fails_whatever_is_unknown_is_an_error() {
    let engine = Engine::new(Mode::Strict);
    let unknown = Scope::new().with("x", json!({"$unknown": "later"})).with("l", json!([1]));
    let error = engine.render_value("${{ l.size(x) }}", &unknown).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotCallable);
    let error = engine.render_value("${{ ('a' | int) + (l | map(x) | first) }}", &unknown).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
}

#[test]
fn limits_can_be_tightened() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        Engine::builder(Mode::Backstage).limits(limits).build()
    };
    let code = |engine: Engine, template: &str| {
        engine.render_text(template, &Scope::new(), TextOptions::default()).unwrap_err().code()
    };
    assert_eq!(code(limits(|l| l.source = 10), "${{ 'abcdefgh' }}"), ErrorCode::Limit);
    assert_eq!(code(limits(|l| l.output = 10), "12345${{ '6' }}789012345"), ErrorCode::Limit);
    assert_eq!(code(limits(|l| l.nodes = 3), "${{ 1 }}${{ 1 }}${{ 1 }}"), ErrorCode::Limit);
    assert_eq!(code(limits(|l| l.work = 10), "{% for i in range(9) %}a{% endfor %}"), ErrorCode::Limit);
    assert_eq!(code(limits(|l| l.scratch = 10), "${{ 'abcdefghijk' ~ 'l' }}"), ErrorCode::Limit);
    assert_eq!(code(limits(|l| l.pattern = 2), "${{ r/abc/.test('') }}"), ErrorCode::Limit);
}

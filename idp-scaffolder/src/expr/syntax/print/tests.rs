use proptest::prelude::*;

use super::super::{LexOptions, parse};
use super::*;

fn read(source: &str, cookiecutter: bool) -> Option<Vec<Node>> {
    parse(source, LexOptions { cookiecutter, ..LexOptions::default() }, 100_000).ok()
}

/// A tree without its places.
fn shape(nodes: &[Node]) -> String {
    let text = format!("{nodes:?}");
    let parts = text.split("span: Span {");
    parts
        .map(|part| part.split_once('}').filter(|(span, _)| span.contains("end: ")).map_or(part, |it| it.1))
        .collect()
}

/// What is printed reads back as the tree it was printed from.
fn check(source: &str, cookiecutter: bool) {
    let Some(tree) = read(source, cookiecutter) else { return };
    let printed = print(&tree, cookiecutter);
    let again = read(&printed, cookiecutter);
    assert_eq!(again.as_deref().map(shape), Some(shape(&tree)), "{source:?} is printed as {printed:?}");
}

#[test]
fn every_example_reads_back() {
    let examples = include_str!("../../../../tests/data/expressions.ndjson");
    for line in examples.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        check(line["template"].as_str().unwrap_or_default(), false);
    }
}

#[test]
fn corners_read_back() {
    for source in [
        "{% raw %}${{ x }}{% endraw %}a{% raw %}b{% endraw %}",
        "{% verbatim %}{% endraw %}{% raw %}{% endverbatim %}",
        "{% raw %}a{{% endraw %}{# c #}b{",
        "{% verbatim %}{% raw{% endraw %}{% endverbatim %}",
        "{% raw %}{% endverbatim %}{% raw{% endraw %}",
        "${% if a %}$${% endif %}$${{ b }}",
        "${{ not a // b % c + 1 == d }}${{ not not a in b }}${{ a - -b ** -1 }}",
        "${{ a // b % c // d % e * f // g % h }}${{ (a / b % c) // 1 }}${{ a / b % c // 1 }}",
        "${{ 5 .a }}${{ -5 .a | abs }}${{ x[:] }}${{ x[1::2] }}${{ x['a'].b['c d'] }}",
        "${{ {a: {b: {} } } }}${{ 'it\\'s \\\\ \\n' }}${{ r/a\\/b/gi.test(r / 2) }}",
        "${{ (a, b)(c, d=e) is not f(g) if h else i }}",
        "{% call (a, b=1) (f)() %}x{% endcall %}{% call() (f)() %}{% endcall %}",
        "{% switch a %} {# #} {% case 1 %}{% case 2 %}b{% default %}c{% endswitch %}",
        "{% macro m(a, b=[1]) %}{% set c, d = a %}{% set e %}f{% endset %}{% endmacro %}{% filter replace('a', b) %}x{% endfilter %}",
        "{% for a, b in c if d %}x{% else %}{% endfor %}{% block n %}{% endblock n %}",
    ] {
        assert!(read(source, false).is_some(), "{source:?} is not read");
        check(source, false);
    }
    let huge = format!("${{{{ {} }}}}", "9".repeat(400));
    check(&huge, false);
}

/// Expressions, from names and literals up.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "a", "b.c", "loop", "none", "true", "0", "1.5", "'x'", "\"it's\"", "r/a+/g"
        ])
        .prop_map(str::to_owned),
        "'[ -&(-\\[\\]-~]{0,6}'",
    ];
    leaf.prop_recursive(5, 64, 3, |inner| {
        let operator = prop::sample::select(vec![
            "+", "-", "~", "*", "/", "//", "%", "**", "==", "!=", "===", "<", ">=", "and", "or", "in",
            "not in",
        ]);
        let one = inner.clone();
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            1 => one.clone().prop_map(|a| format!("not {a}")),
            1 => one.clone().prop_map(|a| format!("-{a}")),
            2 => one.clone().prop_map(|a| format!("({a})")),
            1 => (one.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} | f({b}, k={a})")),
            1 => (one.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            1 => (one.clone(), inner.clone()).prop_map(|(a, b)| format!("x[{a}:{b}]")),
            1 => (one.clone(), inner.clone()).prop_map(|(a, b)| format!("{{a: {a}, 'b c': {b} }}")),
            1 => (one.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}].f({a})")),
            1 => one.clone().prop_map(|a| format!("{a} is not defined")),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} if {b} else {c})")),
        ]
    })
}

/// Texts with outputs and tags, from texts up.
fn template() -> impl Strategy<Value = String> {
    let text = "[a{}$%#\\- \n]{0,5}";
    let leaf = prop_oneof![
        text.prop_map(|text| text),
        expression().prop_map(|it| format!("${{{{ {it} }}}}")),
        expression().prop_map(|it| format!("{{{{ {it} -}}}}")),
        text.prop_map(|text| format!("{{% raw %}}{text}{{% endraw %}}")),
        (expression(), text).prop_map(|(it, text)| format!("{{%- set x = {it} %}}{{# {text} #}}")),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let body = prop::collection::vec(inner, 0..4).prop_map(|parts| parts.concat());
        prop_oneof![
            2 => body.clone(),
            1 => (expression(), body.clone(), body.clone())
                .prop_map(|(it, a, b)| format!("{{% if {it} %}}{a}{{% elif x %}}{b}{{% else %}}{a}{{% endif %}}")),
            1 => (expression(), body.clone()).prop_map(|(it, a)| format!("{{% for x, y in {it} %}}{a}{{% endfor %}}")),
            1 => (expression(), body.clone()).prop_map(|(it, a)| {
                format!("{{% macro m(x={it}) %}}{a}{{% endmacro %}}{{% call m({it}) %}}{a}{{% endcall %}}")
            }),
            1 => (expression(), body.clone()).prop_map(|(it, a)| {
                format!("{{% switch {it} %}}{{% case {it} %}}{a}{{% default %}}{a}{{% endswitch %}}")
            }),
            1 => body.prop_map(|a| format!("{{% set x %}}{a}{{% endset %}}{{% filter f %}}{a}{{% endfilter %}}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_read_is_printed_and_reads_back(source in template(), cookiecutter in any::<bool>()) {
        check(&source, cookiecutter);
    }

    #[test]
    fn expressions_read_back(source in expression()) {
        check(&format!("${{{{ {source} }}}}"), false);
    }

    #[test]
    fn anything_that_is_read_reads_back(source in "[a'${}%#|. \\-]{0,24}") {
        check(&source, false);
    }
}

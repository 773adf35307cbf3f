//! Templates meant to do harm: each is refused, or finishes, within a moment.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use std::time::{Duration, Instant};

use idp_scaffolder::{Engine, ErrorCode, Limits, Mode, Scope, TextOptions};
use proptest::prelude::*;
use serde_json::json;

const MODES: [Mode; 3] = [Mode::Backstage, Mode::BackstageLegacy, Mode::Strict];

fn render(mode: Mode, template: &str) -> Result<String, String> {
    let scope = Scope::new().with("parameters", json!({"name": "my-app", "arr": [1, 2], "obj": {"a": "b"}}));
    // A quarter of the default, because these tests also run in unoptimised builds.
    let mut limits = Limits::default();
    limits.work /= 4;
    let engine = Engine::builder(mode).limits(limits).build();
    let _ = engine.render_value(template, &scope);
    engine.render_text(template, &scope, TextOptions::default()).map_err(|error| error.to_string())
}

fn hostile() -> Vec<(&'static str, String)> {
    let nested = |open: &str, close: &str, times: usize| {
        format!("${{{{ {}1{} }}}}", open.repeat(times), close.repeat(times))
    };
    vec![
        ("nested loops", "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}".into()),
        ("long loops", "{% for a in range(100000) %}{% for b in range(99) %}x{% endfor %}{% endfor %}".into()),
        ("doubling text", "{% set x='a' %}{% for i in range(60) %}{% set x = x ~ x %}{% endfor %}${{ x }}".into()),
        ("doubling lists", "{% set x=[1] %}{% for i in range(60) %}{% set x = x.concat(x) %}{% endfor %}".into()),
        ("endless macro", "{% macro f(n) %}${{ f(n) }}{% endmacro %}${{ f(1) }}".into()),
        ("mutual macros", "{% macro f() %}${{ g() }}{% endmacro %}{% macro g() %}${{ f() }}{% endmacro %}${{ f() }}".into()),
        ("deep list by steps", "{% set x=[] %}{% for i in range(50000) %}{% set x=[x] %}{% endfor %}${{ x | dump }}".into()),
        ("deep list by pushing", "{% set r=[] %}{% set x=r %}{% for i in range(20000) %}{% set y=[] %}{% set z=x.push(y) %}{% set x=y %}{% endfor %}${{ r }}".into()),
        ("shared lists", "{% set x=['',''] %}{% for i in range(60) %}{% set x=[x,x] %}{% endfor %}${{ x }}".into()),
        ("shared lists as JSON", "{% set x=[] %}{% for i in range(60) %}{% set x=[x,x] %}{% endfor %}${{ x | dump }}".into()),
        ("shared records as JSON", "{% set x={} %}{% for i in range(60) %}{% set x={a:x,b:x} %}{% endfor %}${{ x | dump }}".into()),
        ("wide centre", "${{ 'x' | center(1000000000) }}".into()),
        ("wide indent", "${{ 'x\ny' | indent(1000000000) }}".into()),
        ("endless range", "${{ range(1000000000000) | length }}".into()),
        ("range without progress", "${{ range(0, 10, 0.0000001) | length }}".into()),
        ("many columns", "${{ [1] | slice(1000000000) }}".into()),
        ("huge batch", "${{ [1] | batch(1000000000, 'x') | length }}".into()),
        ("growing replacement", "{% set x='aaaaaaaaaa' %}{% for i in range(20) %}{% set x = x | replace('a','aaaaaaaaaa') %}{% endfor %}".into()),
        ("growing joins", "{% set l=range(1000) %}{% set s='x' %}{% for i in range(9) %}{% set s = l | join(s) %}{% endfor %}".into()),
        ("catastrophic repetition", "${{ r/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!') }}".into()),
        ("catastrophic alternatives", "${{ r/^(a|a)*$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!') }}".into()),
        ("catastrophic options", format!("${{{{ r/^{}{}$/.test('{}') }}}}", "a?".repeat(50), "a".repeat(50), "a".repeat(50))),
        ("quadratic pattern", "{% set s='a' %}{% for i in range(19) %}{% set s=s~s %}{% endfor %}${{ r/a*b/.test(s) }}".into()),
        ("pattern that is no pattern", "${{ r/(/.test('a') }}".into()),
        ("deep parentheses", nested("(", ")", 50_000)),
        ("deep lists", nested("[", "]", 50_000)),
        ("deep dictionaries", nested("{a:", "}", 20_000)),
        ("deep calls", nested("f(", ")", 50_000)),
        ("deep subscripts", nested("a[", "]", 50_000)),
        ("many nots", format!("${{{{ {} 1 }}}}", "not ".repeat(50_000))),
        ("many signs", format!("${{{{ {} 1 }}}}", "- ".repeat(50_000))),
        ("long sums", format!("${{{{ 1{} }}}}", " + 1".repeat(50_000))),
        ("long members", format!("${{{{ a{} }}}}", ".b".repeat(50_000))),
        ("many filters", format!("${{{{ 1{} }}}}", " | abs".repeat(50_000))),
        ("long or", format!("${{{{ 1{} }}}}", " or 1".repeat(50_000))),
        ("filters in parentheses", format!("${{{{ {}1{} }}}}", "(".repeat(22), format!("{})", " | abs".repeat(240)).repeat(22))),
        ("calls in parentheses", format!("${{{{ {}x{} }}}}", "(".repeat(22), format!("{})", "()".repeat(240)).repeat(22))),
        ("sums in parentheses", format!("${{{{ {}1{} }}}}", "(".repeat(22), format!("{})", " + 1".repeat(240)).repeat(22))),
        ("macros in depth", format!("{{% macro f() %}}${{{{ {}[f()]{} }}}}{{% endmacro %}}${{{{ f() }}}}", "(".repeat(18), format!("{})", " | first".repeat(7)).repeat(18))),
        ("many ifs", "{% if true %}".repeat(50_000)),
        ("many elifs", format!("{{% if false %}}{}{{% endif %}}", "{% elif false %}".repeat(20_000))),
        ("many opens", "${{".repeat(50_000)),
        ("many comments", "{#".repeat(50_000)),
        ("many raws", "{% raw %}".repeat(5_000)),
        ("open string", format!("${{{{ '{}", "a".repeat(100_000))),
        ("join of deep lists", "{% set x=[] %}{% for i in range(2000) %}{% set x=[x] %}{% endfor %}${{ x | join(',') }}".into()),
        ("list in itself", "{% set a=[1] %}{% set b=[a] %}${{ a.push(b) }}".into()),
        ("filled with itself", "{% set a=[1] %}${{ a.fill(a) }}".into()),
        ("sort without order", "${{ ['b',1,'a',none,[2],true,'10',{},-1] | sort | dump }}".into()),
        ("output in a capture", "{% set x %}{% for i in range(100000) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endset %}".into()),
        ("numbers out of range", "${{ 'abc'.slice(-1e999, 99999999999999999999) }}${{ [1].at(-99999999999999999999) }}${{ 9 ** 9999 }}".into()),
        ("digits out of range", "${{ (5).toFixed(101) }}".into()),
    ]
}

#[test]
fn hostile_templates_finish_soon() {
    for mode in [Mode::Backstage, Mode::Strict] {
        for (name, template) in hostile() {
            let start = Instant::now();
            let _ = render(mode, &template);
            // Debug builds on a busy machine are slow; a hang is not a matter of a few seconds.
            assert!(start.elapsed() < Duration::from_secs(10), "{mode:?} {name}: {:?}", start.elapsed());
        }
    }
}

#[test]
fn endless_work_is_an_error() {
    for name in
        ["nested loops", "endless macro", "doubling text", "catastrophic repetition", "quadratic pattern"]
    {
        let hostile = hostile();
        let (_, template) = hostile.iter().find(|(found, _)| *found == name).unwrap();
        assert!(render(Mode::Backstage, template).is_err(), "{name}");
    }
}

/// Long texts and lists that an expression works on without writing them anywhere.
#[test]
fn what_an_expression_goes_through_and_builds_is_work() {
    let long = "é".repeat(1 << 20);
    let keys: Vec<String> = (0..10_000).map(|number| format!("k{number}: 1")).collect();
    for (name, template) in [
        ("doubled", "{% set x='a' %}{% for i in range(25) %}{% set x = x ~ x %}{% endfor %}".to_owned()),
        ("measured", format!("{{% for i in range(999) %}}{{% if '{long}'.length %}}{{% endif %}}{{% endfor %}}")),
        ("compared", format!("{{% set x='{long}' %}}{{% for i in range(999) %}}{{% if x == x ~ 1 %}}{{% endif %}}{{% endfor %}}")),
        ("reversed", "{% set x=range(90000) %}{% for i in range(999) %}{% if x | reverse | length %}{% endif %}{% endfor %}".to_owned()),
        ("looked up", format!("{{% set x={{ {} }} %}}{{% for i in range(9999) %}}${{{{ x.none }}}}{{% endfor %}}", keys.join(","))),
    ] {
        let start = Instant::now();
        let engine = Engine::default();
        let error = engine.render_text(&template, &Scope::new(), TextOptions::default()).unwrap_err();
        assert!(error.message().contains("too much work"), "{name}: {error}");
        assert!(start.elapsed() < Duration::from_secs(10), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn to_look_at_a_value_again_and_again_builds_nothing() {
    let scope = Scope::new().with("values", json!({"name": "x".repeat(1000), "list": vec![1; 1000]}));
    let template = "{% for i in values.list %}${{ values.name.length }}${{ values.list[3] }}{% endfor %}";
    let text = Engine::default().render_text(template, &scope, TextOptions::default());
    assert_eq!(text.unwrap(), "10001".repeat(1000));
}

#[test]
fn a_limit_is_hit_at_a_place() {
    let mut limits = Limits::default();
    (limits.work, limits.output) = (10_000, 1000);
    let engine = Engine::builder(Mode::Backstage).limits(limits).build();
    let filters = format!("{}1{}", "(".repeat(5), format!("{})", " | f".repeat(40)).repeat(5));
    for (template, line) in [
        ("a\n{% for x in range(9999) %}{% set y = x %}{% endfor %}".to_owned(), 2),
        ("{% set x = 1 %}\n\n{% for y in range(9999) %}{% endfor %}".to_owned(), 3),
        (
            "{% for x in range(2) %}\n{% set y = range(99999) %}{% set z = y.concat(y) %}{% endfor %}"
                .to_owned(),
            2,
        ),
        ("${{ 1 }}\n${{ 'x' | center(2000) }}".to_owned(), 2),
        (format!("${{{{ [a] }}}}\n\n${{{{ {filters} }}}}"), 3),
    ] {
        let error = engine.render_text(&template, &Scope::new(), TextOptions::default()).unwrap_err();
        assert_eq!((error.code(), error.line()), (ErrorCode::Limit, line), "{template}: {error}");
    }
}

/// Pieces that templates are made of, so that random ones get further than random text does.
fn template() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "${{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "-",
        " ",
        "\n",
        "if",
        "else",
        "elif",
        "endif",
        "for",
        "in",
        "endfor",
        "set",
        "endset",
        "macro",
        "endmacro",
        "call",
        "endcall",
        "raw",
        "endraw",
        "switch",
        "case",
        "default",
        "endswitch",
        "filter",
        "endfilter",
        "x",
        "y",
        "parameters",
        ".",
        ",",
        ":",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "|",
        "upper",
        "join",
        "dump",
        "replace",
        "sort",
        "'a'",
        "\"",
        "'",
        "1",
        "0.5",
        "+",
        "*",
        "**",
        "//",
        "%",
        "~",
        "==",
        "===",
        "!=",
        "<",
        ">=",
        "=",
        "and",
        "or",
        "not",
        "is",
        "defined",
        "none",
        "true",
        "r/a+/g",
        "é",
        "😀",
        "\\",
        "loop",
        "range(3)",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_panics(text in ".{0,80}") {
        for mode in MODES {
            let _ = render(mode, &text);
        }
    }

    #[test]
    fn no_template_panics(template in template()) {
        for mode in MODES {
            let _ = render(mode, &template);
        }
    }

    #[test]
    fn no_expression_panics(inner in template()) {
        for mode in MODES {
            let _ = render(mode, &format!("${{{{ {inner} }}}}"));
        }
    }

    #[test]
    fn text_without_delimiters_stands_for_itself(text in "[^{$]{0,40}") {
        prop_assert_eq!(render(Mode::Backstage, &text), Ok(text));
    }
}

//! What the checker says of strict templates, held against runs: where it says that something fails, planning with the
//! witness fails; where it says nothing, planning with as little as the form accepts goes well.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

use idp_core::{Entity, Node, Registry, Tree, TreePath};
use idp_scaffolder::{Builtins, Checker, Engine, Finding, Mode, PlanRequest, Scaffolder, Template};
use serde_json::{Map, Value, json};

/// A message of a step, and what is found in it as `severity[code]`.
const MESSAGES: &[(&str, &[&str])] = &[
    // Filters, tests, methods and functions are minijinja's.
    ("${{ parameters.tags | tojson }}", &[]),
    ("${{ parameters.name | upper | default('x') }}", &[]),
    ("${{ parameters.name | split('-') | first }}", &[]),
    ("x ${{ parameters.name is startingwith('a') }}", &[]),
    ("${{ range(3) | join(',') }} ${{ True }}", &[]),
    ("${{ parameters.name | dump }}", &["error[unknown-filter]"]),
    ("${{ parameters.name is sting }}", &["error[unknown-test]"]),
    ("${{ parameters.name.split('-') }}", &["error[unknown-method]"]),
    ("${{ parameters.name.length }}", &["error[undefined-member]"]),
    ("${{ parameters.public | trim }}", &[]),
    ("${{ parameters.tags | round }}", &["error[filter-input]"]),
    ("${{ elsewhere(1) }}", &["error[undefined-name]"]),
    // The grammar is minijinja's as well.
    ("${{ parameters.name === 'a' }}", &["error[template-syntax]"]),
    ("${{ parameters.name && 1 }}", &["error[template-syntax]"]),
    ("${{ 1 < 2 < 3 }} {% with a = 1 %}${{ a }}{% endwith %}", &[]),
    ("{% with a = 1 %}${{ b }}{% endwith %}", &["error[expression-fails]"]),
    // What no value of a type can do always fails.
    ("${{ 'a' + 1 }}", &["error[operand-types]"]),
    ("${{ parameters.name + 1 }}", &["error[operand-types]"]),
    ("${{ parameters.flag + 1 }}", &["error[operand-types]"]),
    ("${{ 7 - parameters.name }}", &["error[operand-types]"]),
    ("${{ parameters.size * 2 }}", &["error[operand-types]"]),
    ("at ${{ (parameters.name ~ 'x') // 2 }}", &["error[operand-types]"]),
    ("{% set x = parameters.name %}${{ x ** 2 }}", &["error[operand-types]"]),
    (
        "{% if parameters.domain is defined %}${{ parameters.domain + 1 }}{% endif %}",
        &["error[operand-types]"],
    ),
    ("${{ parameters.name + 'x' }} ${{ parameters.name * 2 }} ${{ parameters.tags + [1] }}", &[]),
    ("${{ (parameters.name * 2) + 'x' }}", &[]),
    // Operators bind as minijinja has them bind.
    ("at ${{ parameters.name + 3 ~ '-x' }}", &[]),
    ("{% set s = 'a' %}{% if not s + parameters.name %}x{% endif %}", &[]),
    // Lists in parentheses, and lists that are taken apart.
    ("{% set a, b = [1, 2] %}${{ a + 1 }}", &[]),
    ("of ${{ (1, parameters.name) + ('a', parameters.name) }}", &[]),
    // Whoever asks for a kind knows of it; the other kinds are in the other branch.
    (
        "{% if parameters.tags is string %}${{ parameters.tags + ',x' }}{% else %}${{ parameters.tags + ['x'] }}{% endif %}",
        &[],
    ),
    ("{% if parameters.name is number %}${{ parameters.name + 1 }}{% endif %}", &[]),
    ("{% if parameters.name is string %}${{ parameters.name + 1 }}{% endif %}", &["error[operand-types]"]),
    ("${{ parameters.name + 1 if parameters.name is number else parameters.name }}", &[]),
    ("at ${{ parameters.public + 1 }}", &[]),
    // Another answer may do where a text is anybody's.
    ("${{ (parameters.name | length) + (parameters.name | int) }}", &["warning[expression-fails]"]),
    // So with the other arguments of a filter.
    ("${{ parameters.name | replace('a', parameters.nam) }}", &["error[undefined-parameter]"]),
    ("${{ parameters.name | replace('a', nam) }}", &["error[undefined-name]"]),
    ("${{ parameters.name | replace('a', parameters.domain) }}", &["warning[maybe-undefined]"]),
    ("${{ parameters.domain | default(parameters.repo.owner) }}", &["warning[maybe-undefined]"]),
    ("${{ parameters.domain | default(parameters.size.ram) }}", &["error[undefined-member]"]),
    ("${{ parameters.tags | join(parameters.size) }}", &[]),
    ("${{ parameters.name | split(parameters.size) }}", &["error[expression-fails]"]),
    ("${{ parameters.tags | sort(attribute=parameters.public) }}", &["error[expression-fails]"]),
    ("${{ parameters.tags | map(parameters.name) | list }}", &["warning[expression-fails]"]),
    ("${{ (parameters.name | split('-'))[1] }}", &["warning[expression-fails]"]),
    ("${{ parameters.name | int }}", &["warning[expression-fails]"]),
    ("${{ parameters.name | parseRepoUrl }}", &["warning[expression-fails]"]),
    ("{% set x = parameters.name %}${{ x | int }}", &["warning[expression-fails]"]),
    ("${{ parameters.name }} ${{ 'a' | int }}", &["error[expression-fails]"]),
    // Nothing is silently undefined.
    ("${{ parameters.nam }}", &["error[undefined-parameter]"]),
    ("${{ nam }}", &["error[undefined-name]"]),
    ("${{ parameters.nam or 'x' }}", &["error[undefined-parameter]"]),
    ("{% if parameters.nam %}x{% endif %}", &["error[undefined-parameter]"]),
    ("${{ parameters.nam | default('x') }}", &["warning[undefined-parameter]"]),
    ("${{ parameters.other | default('x') }}", &["info[undefined-parameter]"]),
    ("${{ parameters.domain }}", &["warning[maybe-undefined]"]),
    ("${{ parameters.domain or 'x' }}", &["warning[maybe-undefined]"]),
    ("{% if parameters.domain %}x{% endif %}", &["warning[maybe-undefined]"]),
    ("${{ parameters.domain | upper }}", &["warning[maybe-undefined]"]),
    ("{% for x in parameters.extra %}x{% endfor %}", &["warning[maybe-undefined]"]),
    ("x ${{ parameters.domain is defined }}", &[]),
    ("${{ parameters.domain | default('x') }}", &[]),
    ("${{ parameters.domain if parameters.domain is defined else 'x' }}", &[]),
    ("{% if parameters.domain is defined %}${{ parameters.domain }}{% endif %}", &[]),
    ("{% if parameters.domain is not defined %}x{% else %}${{ parameters.domain }}{% endif %}", &[]),
    ("x ${{ parameters.repo.owner is defined }}", &["warning[maybe-undefined]"]),
    ("{% set x = parameters.domain %}x", &[]),
    // Truth, printing and equality: an empty list does not hold, an object shows what is in it, nothing is converted.
    ("${{ 'x' if parameters.tags else 'y' }}", &[]),
    ("of ${{ parameters.size }}", &[]),
    ("${{ 'x' if parameters.flag else 'y' }}", &["warning[text-truthiness]"]),
    ("${{ 'x' if parameters.public == 'true' else 'y' }}", &["warning[never-equal]"]),
    ("${{ 'x' if parameters.public == 1 else 'y' }}", &[]),
    ("${{ parameters.a-b }}", &["error[dashed-name]"]),
    // What is said of one expression of a text is not why another fails.
    (
        "${{ 'x' if parameters.flag else 'y' }} ${{ 'a' + 1 }}",
        &["error[operand-types]", "warning[text-truthiness]"],
    ),
    (
        "${{ parameters.domain | default(parameters.nam) }} ${{ parameters.name + 1 }}",
        &["error[operand-types]", "error[undefined-parameter]"],
    ),
    ("${{ parameters.domain }} ${{ 'x' + 1 }}", &["warning[maybe-undefined]", "error[operand-types]"]),
];

/// What a file holds after a value that is known only after apply, and what is found in it: nobody sees what is in a
/// branch fail.
const WAITING: &[(&str, &[&str])] = &[
    ("${{ values.name + 1 }}", &["error[operand-types]"]),
    ("{% if values.name + 1 %}x{% endif %}", &["error[operand-types]"]),
    ("{% if values.id %}${{ values.name + 1 }}{% endif %}", &["warning[operand-types]"]),
    ("${{ values.name + 1 if values.id else 'x' }}", &["warning[operand-types]"]),
    ("${{ values.name + values.count ~ '-x' }}", &[]),
    (
        "{% if values.tags is string %}${{ values.tags + ',x' }}{% else %}${{ values.tags + ['x'] }}{% endif %}",
        &[],
    ),
];

/// The condition of a step, and what is found in it.
const CONDITIONS: &[(&str, &[&str])] = &[
    ("${{ parameters.tags }}", &[]),
    ("${{ parameters.tags and parameters.public }}", &[]),
    ("${{ parameters.domain }}", &["warning[maybe-undefined]"]),
    ("${{ parameters.domain is defined }}", &[]),
    ("${{ parameters.nam }}", &["error[undefined-parameter]"]),
    ("${{ parameters.flag + 1 }}", &["error[operand-types]"]),
];

/// What does not make a run fail.
const HARMLESS: [&str; 2] = ["text-truthiness", "never-equal"];

fn template(step: Value) -> Template {
    of_steps(json!([step]))
}

fn of_steps(steps: Value) -> Template {
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
        "spec": {"type": "test", "steps": steps, "parameters": {
            "required": ["name", "flag"],
            "properties": {
                "name": {"type": "string", "default": "shop"},
                "domain": {"type": "string"},
                "public": {"type": "boolean", "default": false},
                "flag": {"type": "string", "enum": ["false", "true"]},
                "tags": {"type": "array", "items": {"type": "string"}, "default": []},
                "ports": {"type": "array", "items": {"type": "integer"}, "default": []},
                "extra": {"type": "array", "items": {"type": "string"}},
                "size": {"type": "object", "properties": {"cpu": {"type": "string"}}, "default": {"cpu": "1"}},
                "repo": {"type": "object", "properties": {"owner": {"type": "string"}}},
                "a-b": {"type": "string", "default": "x"},
            },
        }},
    });
    Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap()
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).unwrap();
    registry
}

/// What is found; that nobody reads most of the parameters is not what this is about.
fn found(template: &Template) -> Vec<Finding> {
    let checker = Checker::new().engine(Engine::new(Mode::Strict)).actions(&registry());
    let findings = checker.check(template).findings.into_iter();
    findings.filter(|it| it.diagnostic.code != "unused-parameter").collect()
}

async fn plans(template: &Template, parameters: &Map<String, Value>) -> Result<(), String> {
    let scaffolder = Scaffolder::builder(registry()).expressions(Engine::new(Mode::Strict)).build();
    let request = PlanRequest::new(parameters.clone());
    scaffolder.plan(template, &request).await.map(|_| ()).map_err(|error| error.chain())
}

/// What does not hold of a step's findings.
async fn broken(step: Value, wanted: &[&str]) -> Vec<String> {
    let template = template(step.clone());
    let findings = found(&template);
    let shown = |it: &Finding| format!("{}[{}]", it.diagnostic.severity, it.diagnostic.code);
    let all: Vec<_> = findings.iter().map(shown).collect();
    if all != wanted {
        return vec![format!("{step}: {findings:#?}")];
    }
    let mut broken = Vec::new();
    let fails = |it: &Finding| it.witness.is_some() && !HARMLESS.contains(&&*it.diagnostic.code);
    for finding in findings.iter().filter(|it| fails(it)) {
        let Some(witness) = &finding.witness else { continue };
        if plans(&template, witness).await.is_ok() {
            broken.push(format!("{step} goes well with {witness:?}"));
        }
    }
    if !findings.iter().any(fails) {
        let least = json!({"flag": "false"}).as_object().unwrap().clone();
        broken.extend(plans(&template, &least).await.err().map(|error| format!("{step}: {error}")));
    }
    broken
}

#[tokio::test]
async fn a_message_is_read_as_a_run_reads_it() {
    let mut all = Vec::new();
    for (message, wanted) in MESSAGES {
        all.extend(broken(json!({"action": "debug:log", "input": {"message": message}}), wanted).await);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[tokio::test]
async fn a_condition_is_read_as_a_run_reads_it() {
    let mut all = Vec::new();
    for (condition, wanted) in CONDITIONS {
        let step = json!({"action": "debug:log", "if": condition, "input": {"message": "x"}});
        all.extend(broken(step, wanted).await);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[tokio::test]
async fn a_step_that_repeats_for_nothing_does_not_fail() {
    let mut all = Vec::new();
    for (each, message, wanted) in [
        ("${{ parameters.ports }}", "${{ each.value + 1 }}", &[][..]),
        ("${{ parameters.ports + 1 }}", "x", &["error[operand-types]"]),
        ("${{ ['a'] }}", "${{ each.value + 1 }}", &["error[operand-types]"]),
    ] {
        let step = json!({"action": "debug:log", "each": each, "input": {"message": message}});
        all.extend(broken(step, wanted).await);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn what_waits_for_the_run_is_not_seen_to_fail_in_a_branch() {
    for (text, wanted) in WAITING {
        let values = json!({
            "id": "${{ steps.repo.output.id }}", "name": "${{ parameters.name }}", "tags": "${{ parameters.tags }}",
            "count": 3,
        });
        let template = of_steps(json!([
            {"id": "repo", "action": "acme:create"},
            {"action": "fetch:template", "input": {"url": "https://git.example.com/skeleton", "values": values}},
        ]));
        let content = format!("${{{{ values.id }}}} {text}");
        let checker = Checker::new().engine(Engine::new(Mode::Strict)).skeletons(move |_, _| {
            let mut tree = Tree::new();
            tree.insert(TreePath::new("f.txt")?, Node::file(content.as_bytes()))?;
            Ok(tree)
        });
        let findings = checker.check(&template).findings.into_iter();
        let findings = findings.filter(|it| it.diagnostic.place.is_some());
        let all: Vec<_> =
            findings.map(|it| format!("{}[{}]", it.diagnostic.severity, it.diagnostic.code)).collect();
        assert_eq!(all, *wanted, "{text}");
    }
}

#[test]
fn texts_that_go_well_do_not_hide_what_is_said_of_later_ones() {
    let fine = vec!["${{ parameters.name }}"; 1200];
    let step = json!({"action": "debug:log", "input": {"before": fine, "message": "${{ parameters.nam }}"}});
    let codes: Vec<_> = found(&template(step)).into_iter().map(|it| it.diagnostic.code).collect();
    assert!(codes.iter().any(|code| *code == "undefined-parameter"), "{codes:?}");
}

//! Forms filled in, question by question.

use idp_core::Secret;
use idp_scaffolder::{Answers, FieldError, Form, Question, QuestionKind, Template, check_parameters};
use serde_json::{Value, json};

/// More questions than any form asks.
const ENOUGH: usize = 300;

/// How a form is filled in.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "not every test needs all of it")]
pub(crate) enum Way {
    /// What may be left open is.
    Short,
    /// Everything is answered, by the first of what there is to choose from.
    First,
    /// Everything is answered, by the last of what there is to choose from.
    Last,
}

/// Texts that forms want, the plainest first.
const TEXTS: [&str; 29] = [
    "example",
    "my-example",
    "my-service-name",
    "Example",
    "EXAMPLE",
    "abc",
    "a",
    "A",
    "EX",
    "a1b2",
    "1",
    "12",
    "1234",
    "123456789012",
    "1.0.0",
    "v1.0.0",
    "10.0.0.0/16",
    "2025-01-01",
    "2025-01-01T00:00:00Z",
    "user@example.com",
    "https://example.com/example",
    "com.example.app",
    "/example",
    "group:default/example",
    "github.com?owner=example&repo=example",
    "example-dev",
    "example_dev",
    "#general",
    "ABC-123",
];

fn answers(question: &Question, way: Way) -> Vec<Value> {
    let pick = |count: usize| if matches!(way, Way::Last) { count.saturating_sub(1) } else { 0 };
    let texts = || TEXTS.iter().map(|it| json!(it));
    let mut answers: Vec<Value> = match &question.kind {
        QuestionKind::Boolean => vec![json!(matches!(way, Way::First)), json!(!matches!(way, Way::First))],
        QuestionKind::Another { count } => vec![json!(*count < 2)],
        QuestionKind::Choice(choices) => {
            let all = choices.iter().map(|it| it.value.clone());
            if matches!(way, Way::Last) { all.rev().collect() } else { all.collect() }
        }
        QuestionKind::Choices(choices) => {
            vec![choices.iter().map(|it| it.value.clone()).collect(), json!([choices[0].value])]
        }
        QuestionKind::Variant(titles) => vec![json!(pick(titles.len()))],
        QuestionKind::Number { .. } => {
            (0..5).map(|power| json!(10_i64.pow(power))).chain([json!(3), json!(8080)]).collect()
        }
        QuestionKind::List(_) | QuestionKind::Tags(_) => {
            texts().map(|it| json!([it])).chain([json!([1])]).collect()
        }
        QuestionKind::Entities(_) => vec![json!(["component:default/example"])],
        QuestionKind::RepoUrl(options) => {
            let host = options.hosts.first().map_or("github.com", String::as_str);
            let parts = options.parts(host);
            let allowed =
                parts.iter().map(|it| (it.name, it.allowed.first().map_or("example", String::as_str)));
            vec![json!(options.url(host, allowed))]
        }
        QuestionKind::Value => vec![json!({}), json!([]), json!("example")],
        _ => texts().collect(),
    };
    answers.extend(question.default.clone());
    answers
}

/// Answers one question; what was tried last is the reason where nothing will do.
fn answer(form: &mut Form, question: &Question, way: Way) -> Result<(), FieldError> {
    if question.kind == QuestionKind::Secret {
        return form.answer_secret(Secret::new("swordfish"));
    }
    if matches!(way, Way::Short) && form.skip().is_ok() {
        return Ok(());
    }
    let mut last = Ok(());
    for answer in answers(question, way) {
        last = form.answer(answer);
        if last.is_ok() {
            break;
        }
    }
    last
}

/// Fills in a form; what was answered, and how many questions it took.
pub(crate) fn fill(template: &Template, way: Way) -> Result<(Answers, usize), String> {
    let mut form = Form::new(template.clone()).map_err(|errors| format!("no form: {}", errors[0]))?;
    for count in 0..ENOUGH {
        let Some(question) = form.next_question() else {
            let answers = form.finish().map_err(|errors| format!("unfinished: {}", errors[0]))?;
            check_parameters(template, &answers.parameters)
                .map_err(|errors| format!("refused: {}", errors[0]))?;
            return Ok((answers, count));
        };
        answer(&mut form, &question, way).map_err(|error| format!("no answer: {error}"))?;
    }
    Err("it has no end".to_owned())
}

//! One of several, some of several, and lists.

use idp_scaffolder::{Choice, Form, Question, QuestionKind};
use inquire::list_option::ListOption;
use inquire::validator::{ErrorMessage, Validation};
use inquire::{CustomUserError, InquireError, MultiSelect, Select, Text};
use serde_json::Value;

use super::hidden::{is_hidden, masked, prompt};
use super::plain::{Read, as_number, as_text, as_yaml, shown};
use super::{Asked, Reply, help, printable, title};
use crate::output::print_error;

/// Asks for one of several values. Typing narrows them.
pub(super) fn choice(question: &Question, choices: &[Choice]) -> Asked {
    let labels = choices.iter().map(|it| printable(&it.label)).collect();
    let default = choices.iter().position(|it| Some(&it.value) == question.default.as_ref());
    let chosen = select(question, labels, default)?;
    Ok(chosen.map_or(Reply::Open, |index| Reply::Answer(choices[index].value.clone())))
}

/// Asks which of several forms an object has.
pub(super) fn variant(question: &Question, titles: &[String]) -> Asked {
    let chosen = select(question, titles.iter().map(|it| printable(it)).collect(), None)?;
    Ok(chosen.map_or(Reply::Open, |index| Reply::Answer(index.into())))
}

/// Asks for one of several labels, and answers with its position.
pub(super) fn select(
    question: &Question,
    labels: Vec<String>,
    default: Option<usize>,
) -> Result<Option<usize>, InquireError> {
    let (title, help) = (title(question), format!("{} · type to narrow", help(question)));
    let prompt =
        Select::new(&title, labels).with_help_message(&help).with_starting_cursor(default.unwrap_or(0));
    Ok(prompt.raw_prompt_skippable()?.map(|it| it.index))
}

/// Asks for some of several values.
pub(super) fn choices(question: &Question, choices: &[Choice], form: &Form) -> Asked {
    let values: Vec<Value> = choices.iter().map(|it| it.value.clone()).collect();
    let labels: Vec<String> = choices.iter().map(|it| printable(&it.label)).collect();
    let is_default = |value: &Value| question.default.as_ref().is_some_and(|it| contains(it, value));
    let defaults: Vec<_> = (0..values.len()).filter(|at| is_default(&values[*at])).collect();
    let (title, help) = (title(question), format!("{} · space to choose, type to narrow", help(question)));
    let (form, all) = (form.clone(), values.clone());
    let validator = move |chosen: &[ListOption<&String>]| -> Result<Validation, CustomUserError> {
        let answer = chosen.iter().map(|it| all[it.index].clone()).collect();
        Ok(match form.clone().answer(answer) {
            Ok(()) => Validation::Valid,
            Err(error) => Validation::Invalid(ErrorMessage::Custom(printable(&error.message))),
        })
    };
    let prompt = MultiSelect::new(&title, labels).with_default(&defaults).with_help_message(&help);
    let chosen = prompt.with_validator(validator).raw_prompt_skippable()?;
    Ok(chosen.map_or(Reply::Open, |chosen| {
        Reply::Answer(chosen.iter().map(|it| values[it.index].clone()).collect())
    }))
}

fn contains(list: &Value, value: &Value) -> bool {
    list.as_array().is_some_and(|it| it.contains(value))
}

/// Asks for the elements of a list, one after the other.
pub(super) fn list(question: &Question, kind: &QuestionKind, form: &Form) -> Asked {
    let read: &Read = match kind {
        QuestionKind::Number { .. } => &as_number,
        // An element that is a list itself is typed as one.
        QuestionKind::Boolean
        | QuestionKind::List(_)
        | QuestionKind::Choices(_)
        | QuestionKind::Entities(_) => &as_yaml,
        _ => &as_text,
    };
    let hidden = is_hidden(kind);
    let read = |typed: &str, before: &[Value]| {
        let value =
            read(typed).map_err(|error| if hidden { masked(&error, &typed.into()) } else { error })?;
        // Whether the list is long enough is asked at its end; an element that is wrong is told at once.
        let mut whole = before.to_vec();
        whole.push(value.clone());
        let own = format!("{}/{}", question.field, before.len());
        match form.clone().answer(whole.into()) {
            Err(error) if error.field.starts_with(&own) && hidden => Err(masked(&error.message, &value)),
            Err(error) if error.field.starts_with(&own) => Err(error.message),
            _ => Ok(value),
        }
    };
    if hidden { elements(question, prompt, read) } else { elements(question, line(&[]), read) }
}

/// Asks for one line by a title and a help; `None` for Escape. Of `known` those are shown that what is typed is a part of.
pub(super) fn line(known: &[String]) -> impl Fn(&str, &str) -> Result<Option<String>, InquireError> {
    let known = known.to_vec();
    move |title, help| {
        let known = known.clone();
        let narrow = move |typed: &str| Ok(narrowed(&known, typed));
        Text::new(title).with_help_message(help).with_autocomplete(narrow).prompt_skippable()
    }
}

/// Asks for element after element, until one is empty.
pub(super) fn elements(
    question: &Question,
    line: impl Fn(&str, &str) -> Result<Option<String>, InquireError>,
    read: impl Fn(&str, &[Value]) -> Result<Value, String>,
) -> Asked {
    let help = format!("{} · an empty one ends the list{}", help(question), default_of(question));
    let mut elements: Vec<Value> = Vec::new();
    loop {
        let title = format!("{} {}:", printable(&question.title), elements.len() + 1);
        match line(&title, &help)? {
            None => return Ok(Reply::Open),
            Some(typed) if typed.is_empty() => break,
            Some(typed) => match read(&typed, &elements) {
                Ok(value) => elements.push(value),
                Err(message) => print_error(&format!("# {}", printable(&message))),
            },
        }
    }
    let open = elements.is_empty() && (question.default.is_some() || !question.required);
    Ok(if open { Reply::Open } else { Reply::Answer(elements.into()) })
}

fn default_of(question: &Question) -> String {
    question.default.as_ref().map(|it| format!(" · by default {}", printable(&shown(it)))).unwrap_or_default()
}

/// Those that what is typed is a part of.
pub(super) fn narrowed(known: &[String], typed: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    known.iter().filter(|it| it.to_lowercase().contains(&typed)).cloned().collect()
}

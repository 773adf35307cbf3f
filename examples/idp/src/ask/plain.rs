//! Texts, numbers, yes and no.

use std::result::Result;

use idp_scaffolder::{Form, Question};
use inquire::validator::{ErrorMessage, Validation};
use inquire::{Confirm, CustomUserError, Text};
use serde_json::Value;

use super::{Asked, Reply, help, printable, title};

/// Reads what was typed; a message where it is none of what is wanted.
pub(super) type Read = dyn Fn(&str) -> Result<Value, String> + Sync;

pub(super) fn as_text(typed: &str) -> Result<Value, String> {
    Ok(typed.into())
}

pub(super) fn as_number(typed: &str) -> Result<Value, String> {
    let number: Option<Value> = serde_json::from_str(typed.trim()).ok();
    number.filter(Value::is_number).ok_or_else(|| "a number is wanted".to_owned())
}

pub(super) fn as_yaml(typed: &str) -> Result<Value, String> {
    serde_yaml::from_str(typed).map_err(|error| error.to_string())
}

/// Asks for one line. What will not do is said at once.
pub(super) fn text(question: &Question, form: &Form, read: &'static Read) -> Asked {
    let (title, help) = (title(question), help(question));
    // A default that cannot be shown is taken where nothing is typed, as every default is.
    let default = question.default.as_ref().map(shown).filter(|it| printable(it) == *it);
    let mut prompt = Text::new(&title).with_help_message(&help).with_validator(validator(form.clone(), read));
    if let Some(default) = &default {
        prompt = prompt.with_default(default);
    }
    let typed = prompt.prompt_skippable()?;
    // Somebody who takes the default takes it as it stands, and not what its text would be read as.
    let taken = typed.filter(|it| Some(it) != default.as_ref());
    Ok(taken.filter(|it| !it.is_empty()).and_then(|it| read(&it).ok()).map_or(Reply::Open, Reply::Answer))
}

/// Holds what is typed against the form.
pub(super) fn validator(
    form: Form,
    read: &'static Read,
) -> impl Fn(&str) -> Result<Validation, CustomUserError> + Clone + 'static {
    move |typed| {
        let mut form = form.clone();
        let outcome = match typed {
            "" => form.skip().map_err(|error| error.message),
            typed => read(typed).and_then(|value| form.answer(value).map_err(|error| error.message)),
        };
        Ok(outcome.map_or_else(
            |message| Validation::Invalid(ErrorMessage::Custom(printable(&message))),
            |()| Validation::Valid,
        ))
    }
}

/// Asks for several lines.
pub(super) fn lines(question: &Question) -> Asked {
    let (title, help) = (title(question), format!("{} · a line with a dot alone ends it", help(question)));
    let mut lines = Vec::new();
    loop {
        let prompt = if lines.is_empty() { &title } else { "..." };
        match Text::new(prompt).with_help_message(&help).prompt_skippable()? {
            None => return Ok(Reply::Open),
            Some(line) if line == "." => break,
            // The default is taken by an empty line, as it is elsewhere.
            Some(line) if line.is_empty() && lines.is_empty() && question.default.is_some() => {
                return Ok(Reply::Open);
            }
            Some(line) => lines.push(line),
        }
    }
    Ok(if lines.is_empty() { Reply::Open } else { Reply::Answer(lines.join("\n").into()) })
}

/// Asks for yes or no.
pub(super) fn boolean(question: &Question) -> Asked {
    let (title, help) = (title(question), help(question));
    let mut prompt = Confirm::new(&title).with_help_message(&help);
    if let Some(default) = question.default.as_ref().and_then(Value::as_bool) {
        prompt = prompt.with_default(default);
    }
    Ok(prompt.prompt_skippable()?.map_or(Reply::Open, |it| Reply::Answer(it.into())))
}

/// Asks whether a list has another element.
pub(super) fn another(question: &Question, count: usize) -> Asked {
    let title = match count {
        0 => format!("Add to {}?", printable(&question.title)),
        count => format!("Add another to {}? There are {count}", printable(&question.title)),
    };
    let more =
        Confirm::new(&title).with_default(false).with_help_message(&help(question)).prompt_skippable()?;
    Ok(Reply::Answer(more.unwrap_or(false).into()))
}

/// A value as it is typed.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

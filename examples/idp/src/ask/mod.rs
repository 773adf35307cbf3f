//! A form on a terminal.

mod entities;
mod hidden;
mod list;
mod plain;
mod repo_url;

pub(crate) use entities::Entities;
use hidden::Hidden;
use idp_core::{Error, ErrorKind, Result, Secret};
use idp_scaffolder::{FieldError, Form, Question, QuestionKind};
use inquire::{Confirm, InquireError};
use serde_json::Value;

use crate::output::print_error;

/// What somebody did with a question.
enum Reply {
    Answer(Value),
    Secret(Secret),
    /// It was left open, with Escape or by answering nothing.
    Open,
}

type Asked = std::result::Result<Reply, InquireError>;

/// Asks on the terminal for everything that is still to be answered.
///
/// # Errors
/// [`ErrorKind::Cancelled`] where somebody pressed Ctrl-C.
pub(crate) fn ask(form: &mut Form, entities: &Entities) -> Result<()> {
    let (mut page, mut hidden) = (None, Hidden::default());
    loop {
        // What was given may be wrong, and so may be what was right by itself.
        form.reopen().iter().for_each(|error| refuse(error, &hidden));
        if form.next_question().is_none() {
            return Ok(());
        }
        while let Some(question) = form.next_question() {
            if page != Some(question.page) {
                page = Some(question.page);
                show_page(form, question.page);
            }
            let reply = pose(&question, form, entities).map_err(|error| stopped(&error))?;
            hidden.note(&question, &reply);
            take(form, reply, &hidden);
        }
    }
}

/// Asks whether to go on.
///
/// # Errors
/// As [`ask`].
pub(crate) fn confirm(text: &str) -> Result<bool> {
    let reply = Confirm::new(text).with_default(false).prompt_skippable();
    reply.map(|it| it.unwrap_or(false)).map_err(|error| stopped(&error))
}

fn take(form: &mut Form, reply: Reply, hidden: &Hidden) {
    let outcome = match reply {
        Reply::Answer(value) => form.answer(value),
        Reply::Secret(secret) => form.answer_secret(secret),
        // What has to be answered cannot be left open: then it goes one question back.
        Reply::Open => form.skip().or_else(|error| if form.back() { Ok(()) } else { Err(error) }),
    };
    if let Err(error) = outcome {
        refuse(&error, hidden);
    }
}

fn pose(question: &Question, form: &Form, known: &Entities) -> Asked {
    match &question.kind {
        QuestionKind::Text { hidden: true, .. } => hidden::text(question, form),
        QuestionKind::Text { multiline: true, .. } => plain::lines(question),
        QuestionKind::Text { .. } => plain::text(question, form, &plain::as_text),
        QuestionKind::Number { .. } => plain::text(question, form, &plain::as_number),
        QuestionKind::Boolean => plain::boolean(question),
        QuestionKind::Another { count } => plain::another(question, *count),
        QuestionKind::Choice(choices) => list::choice(question, choices),
        QuestionKind::Choices(choices) => list::choices(question, choices, form),
        QuestionKind::Variant(titles) => list::variant(question, titles),
        QuestionKind::List(kind) => list::list(question, kind, form),
        QuestionKind::Entity(options) => entities::one(question, options, form, known),
        QuestionKind::Entities(options) => entities::many(question, options, known),
        QuestionKind::Tags(options) => entities::tags(question, options, known),
        QuestionKind::RepoUrl(options) => repo_url::ask(question, options),
        QuestionKind::Secret => hidden::secret(question),
        _ => plain::text(question, form, &plain::as_yaml),
    }
}

/// What is asked for, with a star where it has to be answered.
fn title(question: &Question) -> String {
    let mark = if question.required { " *" } else { "" };
    format!("{}{mark}:", printable(&question.title))
}

/// A template's text without what would steer the terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).collect()
}

/// What else there is to know of a question.
fn help(question: &Question) -> String {
    let own = ["ui:help", "ui:placeholder"].iter().find_map(|key| question.schema.get(*key)?.as_str());
    let escape = match (question.required, &question.default) {
        (_, Some(_)) => "Esc for the default",
        (false, None) => "Esc to leave it open",
        (true, None) => "Esc to go back",
    };
    let parts = question.description.as_deref().into_iter().chain(own).chain([escape]);
    let lines = parts.map(|it| it.split_whitespace().map(printable).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join(" · ")
}

fn show_page(form: &Form, index: usize) {
    let pages = form.template().forms();
    let Some(page) = pages.get(index) else { return print_error("\nSecrets") };
    print_error(&format!("\n{}", printable(page.title.as_deref().unwrap_or("Please say more"))));
    for line in page.description.iter().flat_map(|it| it.lines()) {
        print_error(&format!("  {}", printable(line)));
    }
}

fn refuse(error: &FieldError, hidden: &Hidden) {
    let field = if error.field.is_empty() { String::new() } else { format!("{}: ", error.field) };
    print_error(&format!("# {}", printable(&format!("{field}{}", hidden.message(error)))));
}

/// Why there is no answer.
fn stopped(error: &InquireError) -> Error {
    match error {
        InquireError::OperationInterrupted => {
            Error::new(ErrorKind::Cancelled, "stopped; nothing was written")
        }
        other => Error::new(ErrorKind::Unavailable, "cannot ask").with("reason", other),
    }
}

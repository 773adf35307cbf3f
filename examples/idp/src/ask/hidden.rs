//! What nobody is to see while it is typed.

use idp_core::{Redactor, Secret};
use idp_scaffolder::{Form, Question};
use inquire::{InquireError, Password, PasswordDisplayMode};

use super::{Asked, Reply, help, printable, title};
use crate::output::print_error;

/// Asks for a secret.
pub(super) fn secret(question: &Question) -> Asked {
    let typed = prompt(&title(question), &help(question))?.filter(|it| !it.is_empty());
    Ok(typed.map_or(Reply::Open, |it| Reply::Secret(Secret::new(it))))
}

/// Asks for a text until it will do. What is said of it does not show it.
pub(super) fn text(question: &Question, form: &Form) -> Asked {
    loop {
        let typed = prompt(&title(question), &help(question))?.filter(|it| !it.is_empty());
        let Some(typed) = typed else { return Ok(Reply::Open) };
        match form.clone().answer(typed.as_str().into()) {
            Ok(()) => return Ok(Reply::Answer(typed.into())),
            Err(error) => print_error(&format!("# {}", masked(&error.message, &typed))),
        }
    }
}

/// Asks for one line; `None` for Escape.
pub(super) fn prompt(title: &str, help: &str) -> Result<Option<String>, InquireError> {
    Password::new(title)
        .with_display_mode(PasswordDisplayMode::Hidden)
        .with_help_message(help)
        .without_confirmation()
        .prompt_skippable()
}

/// What is said of a text, without the text.
pub(super) fn masked(message: &str, typed: &str) -> String {
    printable(&Redactor::new([Secret::new(typed)]).text(message))
}

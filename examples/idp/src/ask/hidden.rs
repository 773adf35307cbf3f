//! What nobody is to see while it is typed.

use std::collections::BTreeMap;

use idp_core::{Redactor, Secret};
use idp_scaffolder::{FieldError, Form, Question, QuestionKind};
use inquire::{InquireError, Password, PasswordDisplayMode};
use serde_json::Value;

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
            Err(error) => print_error(&format!("# {}", masked(&error.message, &typed.into()))),
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

/// Whether answers of a kind are not to be seen while they are typed.
pub(super) fn is_hidden(kind: &QuestionKind) -> bool {
    match kind {
        QuestionKind::Text { hidden, .. } => *hidden,
        QuestionKind::List(inner) => is_hidden(inner),
        _ => false,
    }
}

/// What was typed and not seen, by the field.
#[derive(Default)]
pub(super) struct Hidden(BTreeMap<String, Value>);

impl Hidden {
    /// Remembers what was typed, where it was not seen.
    pub(super) fn note(&mut self, question: &Question, reply: &Reply) {
        if let Reply::Answer(value) = reply
            && is_hidden(&question.kind)
        {
            self.0.insert(question.field.clone(), value.clone());
        }
    }

    /// What is wrong with a field, without what was not seen.
    pub(super) fn message(&self, error: &FieldError) -> String {
        let is_own = |field: &str| {
            error.field.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self.0.iter().find(|(field, _)| is_own(field)) {
            Some((_, typed)) => masked(&error.message, typed),
            None => error.message.clone(),
        }
    }
}

/// The texts in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| texts(it, found)),
        Value::Object(map) => map.values().for_each(|it| texts(it, found)),
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => found.push(text.clone()),
        other => found.push(other.to_string()),
    }
}

/// What is said of an answer, without the answer.
pub(super) fn masked(message: &str, typed: &Value) -> String {
    let mut hidden = Vec::new();
    texts(typed, &mut hidden);
    let masked = Redactor::new(hidden.iter().map(|it| Secret::new(it.as_str()))).text(message);
    // Of what is too short to be masked nothing is said.
    match hidden.iter().any(|it| masked.contains(it)) {
        true => "that will not do".to_owned(),
        false => printable(&masked),
    }
}

#[cfg(test)]
mod tests {
    use idp_core::Entity;
    use idp_scaffolder::Template;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_not_seen_is_not_shown_by_what_is_said_of_it() {
        for (typed, message, said) in [
            (json!("2718"), "\"2718\" is shorter than 8 characters", "\"***\" is shorter than 8 characters"),
            (json!([["31", "27"]]), "\"31\" is not \"27\"", "\"***\" is not \"***\""),
            (json!("a\"b"), r#""a\"b" is too short"#, "\"***\" is too short"),
            (json!("8"), "\"8\" is too short", "that will not do"),
            (json!("2718"), "has to be answered", "has to be answered"),
        ] {
            assert_eq!(masked(message, &typed), said);
        }
    }

    #[test]
    fn what_was_not_seen_is_not_shown_by_what_a_later_answer_makes_of_it() {
        let entity = json!({
            "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
            "spec": {"type": "test", "steps": [], "parameters": {
                "properties": {
                    "pin": {"type": "string", "ui:widget": "password"},
                    "kind": {"type": "string", "enum": ["prod", "dev"]},
                },
                "if": {"properties": {"kind": {"const": "prod"}}, "required": ["kind"]},
                "then": {"properties": {"pin": {"minLength": 8}}},
            }},
        });
        let template = Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap();
        let (mut form, mut hidden) = (Form::new(template).unwrap(), Hidden::default());
        for answer in [json!("2718"), json!("prod")] {
            let question = form.next_question().unwrap();
            hidden.note(&question, &Reply::Answer(answer.clone()));
            form.answer(answer).unwrap();
        }
        let errors = form.reopen();
        assert!(!errors.is_empty() && errors.iter().all(|it| it.message.contains("2718")), "{errors:?}");
        assert!(errors.iter().all(|it| !hidden.message(it).contains("2718")));
    }
}

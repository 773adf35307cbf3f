//! Secrets, which are asked for and are no parameters.

use idp_core::{Redactor, Secret};
use serde_json::Value;

use super::fields::{Ask, Field};
use super::question::text;
use super::{Form, Question, QuestionKind};
use crate::parameters::{FieldError, Schema, check_secrets, escape, list, secret_name, stars, take_secrets};

impl Form {
    pub(super) fn take_secret(&mut self, question: &Question, secret: Secret) -> Result<(), FieldError> {
        if question.kind != QuestionKind::Secret {
            return Err(self.wrong(question, "is a parameter, and no secret"));
        }
        if secret.expose().is_empty() {
            if question.required {
                return Err(self.wrong(question, "has to be answered"));
            }
            self.state.settled.insert(question.field.clone());
            return Ok(());
        }
        let name = self.secret_name(&question.field);
        self.state.secrets.insert(name.clone(), secret);
        if question.page < self.template.spec().parameters.0.len() {
            self.state.set(&question.field, stars(Schema::new(&question.schema, &question.schema)));
        }
        let pointer = format!("/{}", escape(&name));
        self.secret_errors().into_iter().find(|it| it.field == pointer).map_or(Ok(()), Err)
    }

    /// Whether the secret of a field is there.
    pub(super) fn has_secret(&self, pointer: &str) -> bool {
        self.state.secrets.contains_key(&self.secret_name(pointer))
    }

    /// What the secret of a field is called.
    pub(super) fn secret_name(&self, pointer: &str) -> String {
        let own = pointer.starts_with('#');
        secret_name(pointer, |list| !own && self.state.get(list).is_some_and(Value::is_array))
    }

    /// Takes away the stars of fields whose secret is not there: they stand where one was given another time.
    pub(super) fn drop_stars(&mut self, fields: &[Field<'_>]) {
        for field in fields.iter().filter(|it| is_secret(it)) {
            if !self.has_secret(&field.pointer) && self.state.get(&field.pointer).is_some() {
                // The other elements of a list keep their places.
                match self.in_list(&field.pointer) {
                    true => self.state.set(&field.pointer, Value::Null),
                    false => self.state.forget(&field.pointer),
                }
            }
        }
    }

    /// Whether what stands at a pointer is an element of a list.
    fn in_list(&self, pointer: &str) -> bool {
        let list = pointer.rsplit_once('/').and_then(|(list, _)| self.state.get(list));
        list.is_some_and(Value::is_array)
    }

    /// Whether the template's schema of secrets asks for one.
    pub(super) fn needs_secret(&self, name: &str) -> bool {
        let schema = self.template.spec().secrets.schema.as_ref();
        schema.is_some_and(|schema| list(schema, "required").iter().any(|it| it == name))
    }

    /// A secret that the template's schema of secrets names, and no field asks for.
    pub(super) fn next_secret(&self, fields: &[Field<'_>]) -> Option<Question> {
        let schema = self.template.spec().secrets.schema.as_ref()?;
        let by_fields: Vec<_> =
            fields.iter().filter(|it| is_secret(it)).map(|it| self.secret_name(&it.pointer)).collect();
        let open = |name: &String| {
            !self.state.secrets.contains_key(name)
                && !self.state.settled.contains(&secret_field(name))
                && !by_fields.contains(name)
        };
        let described = Schema::new(schema, schema).properties().map(|(name, field)| (name.clone(), field));
        // A secret may be required and not described.
        let any = Schema::new(&Value::Bool(true), schema);
        let required = list(schema, "required").iter().filter_map(Value::as_str);
        let all = described.chain(required.map(|name| (name.to_owned(), any)));
        let (name, field) = all.into_iter().find(|(name, _)| open(name))?;
        Some(Question {
            field: secret_field(&name),
            rule: match field.own {
                Value::Bool(_) => "/spec/secrets/schema/required".to_owned(),
                _ => format!("/spec/secrets/schema/properties/{}", escape(&name)),
            },
            page: self.template.spec().parameters.0.len(),
            title: text(field, "title").unwrap_or_else(|| name.clone()),
            description: text(field, "description"),
            required: self.needs_secret(&name),
            default: None,
            kind: QuestionKind::Secret,
            schema: field.whole(),
        })
    }

    pub(super) fn secret_errors(&self) -> Vec<FieldError> {
        let given = self.state.secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().into()));
        let redactor = Redactor::new(self.state.secrets.values().cloned());
        check_secrets(&self.template, &Value::Object(given.collect()), &redactor)
    }

    /// Takes what was given for secrets out of the parameters: that of fields which are not asked for, too.
    pub(super) fn hide_secrets(&mut self) {
        let secrets = take_secrets(&self.template, &mut self.state.values);
        self.state.secrets.extend(secrets);
    }
}

/// Whether a field asks for a secret.
pub(super) fn is_secret(field: &Field<'_>) -> bool {
    matches!(field.asks, Ask::Question(QuestionKind::Secret))
}

/// How a secret that no field asks for is called among the fields.
fn secret_field(name: &str) -> String {
    format!("#/secrets/{}", escape(name))
}

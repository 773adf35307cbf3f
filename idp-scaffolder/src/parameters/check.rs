//! Values held against the template's schemas.

use std::cell::LazyCell;
use std::collections::HashSet;

use idp_core::{Diagnostic, Redactor, unknown_origins};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::FieldError;
use super::defaults::fill_defaults;
use super::rule::BadSchema;
use super::secret_fields::starred;
use crate::Template;

/// The parameters of one run: what was given, with the defaults of the template's forms filled in.
///
/// Every page is checked against the whole of the parameters, as Backstage does; what no page describes is kept.
/// Keys starting `ui:` and `backstage:` are for forms and are passed over.
///
/// # Errors
/// What is wrong, field by field.
pub fn check_parameters(
    template: &Template,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<FieldError>> {
    let parameters = with_defaults(template, given);
    let errors = field_errors(template, &parameters);
    if errors.is_empty() { Ok(parameters) } else { Err(errors) }
}

/// The parameters with the defaults of the template's forms, as a form submits them: in nested objects and items, and
/// of `dependencies`, `oneOf` and `if` in the branch that what is there has chosen.
pub fn with_defaults(template: &Template, given: &Map<String, Value>) -> Map<String, Value> {
    let mut value = Value::Object(given.clone());
    fill_defaults(&template.spec().parameters.0, template.validators(), &mut value);
    match value {
        Value::Object(map) => map,
        _ => given.clone(),
    }
}

/// What is wrong with parameters as they are, field by field. No default is filled in: Backstage's server does not, and
/// asks the schemas of what its form has sent.
pub fn field_errors(template: &Template, parameters: &Map<String, Value>) -> Vec<FieldError> {
    let value = Value::Object(parameters.clone());
    if !unknown_origins(&value).is_empty() {
        return vec![FieldError::reserved()];
    }
    let stars = LazyCell::new(|| starred(template, parameters));
    let pages = template.spec().parameters.0.iter().enumerate();
    let mut errors: Vec<FieldError> = pages
        .flat_map(|(index, page)| of_page(template, page, &template.page_pointer(index), &value, &|| &stars))
        .collect();
    errors.iter_mut().for_each(|error| template.locate(error));
    errors
}

fn of_page<'a>(
    template: &Template,
    page: &Value,
    base: &str,
    value: &Value,
    stars: &dyn Fn() -> &'a [String],
) -> Vec<FieldError> {
    match template.validators().of(page, page) {
        Ok(rule) => match rule.errors(value) {
            Ok(errors) => errors
                .filter(|error| !is_of_stars(error, stars))
                .flat_map(|error| FieldError::of_parameters(&error, page, base))
                .collect(),
            Err(much) => vec![FieldError::parameter("", base.to_owned(), much.to_string())],
        },
        Err(bad) => vec![of_schema(base, bad)],
    }
}

/// Whether a list repeats itself in nothing but the stars of its secrets, which are alike whatever the secrets are.
fn is_of_stars<'a>(error: &ValidationError<'_>, stars: &dyn Fn() -> &'a [String]) -> bool {
    let (ValidationErrorKind::UniqueItems, Some(items)) = (error.kind(), error.instance().as_array()) else {
        return false;
    };
    let list = format!("{}/", error.instance_path());
    let element = |pointer: &'a String| pointer.strip_prefix(&list)?.split('/').next()?.parse().ok();
    let starred: HashSet<usize> = stars().iter().filter_map(element).collect();
    let mut others = HashSet::new();
    let rest = items.iter().enumerate().filter(|(index, _)| !starred.contains(index));
    rest.map(|(_, item)| item.to_string()).all(|item| others.insert(item))
}

fn of_schema(base: &str, BadSchema { place, reason }: BadSchema) -> FieldError {
    FieldError::bad_schema(format!("{base}{place}"), reason)
}

/// Checks the *names* and *shapes* of secrets against `spec.secrets.schema`; no value appears in an error.
pub(crate) fn check_secrets(template: &Template, secrets: &Value, redactor: &Redactor) -> Vec<FieldError> {
    let Some(schema) = &template.spec().secrets.schema else { return Vec::new() };
    let base = "/spec/secrets/schema";
    let mut errors: Vec<_> = match template.validators().of(schema, schema) {
        Ok(rule) => match rule.errors(secrets) {
            Ok(errors) => errors.flat_map(|error| FieldError::of_secrets(&error, schema, base)).collect(),
            Err(much) => vec![FieldError::secret(base.to_owned(), much.to_string())],
        },
        Err(bad) => vec![of_schema(base, bad)],
    };
    for error in &mut errors {
        error.message = redactor.text(&error.message).into_owned();
        template.locate(error);
    }
    errors
}

/// Errors of fields as the problems of a request.
pub(crate) fn diagnostics(errors: Vec<FieldError>) -> Vec<Diagnostic> {
    errors.into_iter().map(Diagnostic::from).collect()
}

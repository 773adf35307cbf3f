//! What is wrong with a field.

use std::fmt;

use idp_core::{Diagnostic, Place};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::branches::escape;

/// What is wrong with one field: where it is in the parameters, and the rule of the template that it breaks.
///
/// Serialises as `{"code", "field", "rule", "message"}` and, where the template's file is known, `"file", "line", "column"` of the
/// rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// What kind of problem it is: `parameter-invalid`, `parameter-reserved`, `secret-invalid`, or `schema-invalid` where
    /// the template's own schema cannot be used.
    pub code: &'static str,
    /// The field, as a JSON pointer into the parameters; empty where the whole is wrong.
    pub field: String,
    /// The rule, as a JSON pointer into the template's document.
    pub rule: String,
    /// What is wrong, in the words of the template's `errorMessage` where it has one.
    pub message: String,
    /// Where the rule stands in the template's file.
    pub place: Option<Place>,
}

impl FieldError {
    /// A parameter that is wrong.
    pub(crate) fn parameter(field: impl Into<String>, rule: String, message: impl Into<String>) -> Self {
        Self { code: "parameter-invalid", field: field.into(), rule, message: message.into(), place: None }
    }

    /// The secrets, where they are wrong as a whole.
    pub(crate) fn secret(rule: String, message: String) -> Self {
        Self { code: "secret-invalid", ..Self::parameter("", rule, message) }
    }

    /// A parameter that holds what stands for unknown values.
    pub(crate) fn reserved() -> Self {
        let message = "`$unknown` is reserved and cannot be a parameter";
        Self { code: "parameter-reserved", ..Self::parameter("", String::new(), message) }
    }

    /// A schema that cannot be used.
    pub(crate) fn bad_schema(rule: String, message: String) -> Self {
        Self { code: "schema-invalid", ..Self::parameter("", rule, message) }
    }

    /// What a schema says of parameters. `base` is where the schema stands in the template's document.
    pub(crate) fn of_parameters(error: &ValidationError<'_>, schema: &Value, base: &str) -> Vec<Self> {
        let leaf = |error: &ValidationError<'_>| {
            let message = custom_message(error, schema).unwrap_or_else(|| plain_message(error));
            Self::parameter(field(error), format!("{base}{}", error.schema_path()), message)
        };
        leaves(error).into_iter().map(leaf).collect()
    }

    /// What a schema says of secrets: nothing of a value.
    pub(crate) fn of_secrets(error: &ValidationError<'_>, schema: &Value, base: &str) -> Vec<Self> {
        let leaf = |error: &ValidationError<'_>| {
            let message = custom_message(error, schema).unwrap_or_else(|| error.masked().to_string());
            let rule = format!("{base}{}", error.schema_path());
            Self { code: "secret-invalid", ..Self::parameter(field(error), rule, message) }
        };
        leaves(error).into_iter().map(leaf).collect()
    }
}

/// What is wrong in particular, where none of several alternatives fits: what the one lacks that was chosen.
fn leaves<'e, 'i>(error: &'e ValidationError<'i>) -> Vec<&'e ValidationError<'i>> {
    let context = match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => context,
        _ => return vec![error],
    };
    let meant = |errors: &&Vec<ValidationError<'_>>| !errors.iter().any(|inner| excludes(inner, error));
    let chosen = context.iter().filter(meant).min_by_key(|errors| errors.len());
    match chosen {
        Some(errors) => errors.iter().flat_map(leaves).collect(),
        None => vec![error],
    }
}

/// Whether what an alternative says of a value, or of the field that decides, means that another one was chosen.
fn excludes(error: &ValidationError<'_>, whole: &ValidationError<'_>) -> bool {
    let (path, around) = (error.instance_path().as_str(), whole.instance_path().as_str());
    match error.kind() {
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. } => {
            let member = path.strip_prefix(around).unwrap_or_default().trim_start_matches('/');
            depends(whole).map_or(!member.contains('/'), |name| name == member)
        }
        ValidationErrorKind::Type { .. } => path == around,
        _ => false,
    }
}

/// The field that alternatives of `dependencies` depend on.
fn depends<'e>(error: &'e ValidationError<'_>) -> Option<&'e str> {
    let rule = error.schema_path().as_str().strip_suffix("/oneOf")?;
    rule.rsplit_once("/dependencies/").map(|(_, name)| name).filter(|name| !name.contains('/'))
}

/// What a schema says, without the whole of an object or list.
fn plain_message(error: &ValidationError<'_>) -> String {
    if let ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::AnyOf { .. } = error.kind() {
        return "none of the alternatives goes with this value".to_owned();
    }
    if error.instance().is_object() || error.instance().is_array() {
        return error.masked().to_string();
    }
    error.to_string()
}

/// The field that an error is about. A field that is missing is the one to fill in, not the object around it; of a
/// dependency it is the field that the others depend on.
fn field(error: &ValidationError<'_>) -> String {
    let path = error.instance_path();
    match (error.kind(), depends(error)) {
        (ValidationErrorKind::Required { property: Value::String(name) }, _) => {
            format!("{path}/{}", escape(name))
        }
        (_, Some(name)) => format!("{path}/{name}"),
        _ => path.to_string(),
    }
}

/// What the author of the template wants to be said: `errorMessage` beside the rule, for every rule or for this one.
fn custom_message(error: &ValidationError<'_>, schema: &Value) -> Option<String> {
    let path = error.schema_path().to_string();
    let (beside, keyword) = path.rsplit_once('/')?;
    let message = schema.pointer(beside)?.get("errorMessage")?;
    let message = match (message, error.kind()) {
        (Value::Object(messages), ValidationErrorKind::Required { property: Value::String(name) }) => {
            let required = messages.get("required")?;
            required.get(name).unwrap_or(required)
        }
        (Value::Object(messages), _) => messages.get(keyword)?,
        (message, _) => message,
    };
    message.as_str().map(str::to_owned)
}

impl From<FieldError> for Diagnostic {
    fn from(error: FieldError) -> Self {
        let FieldError { code, field, rule, message, place } = error;
        let name = if field.is_empty() { "the whole".to_owned() } else { format!("`{field}`") };
        let what = if code == "secret-invalid" { "secret" } else { "parameter" };
        let mut diagnostic = match code {
            "schema-invalid" => Self::error(code, format!("the template's own schema is wrong: {message}")),
            "parameter-reserved" => Self::error(code, message),
            _ => Self::error(code, format!("{what} {name}: {message}")),
        };
        if !rule.is_empty() {
            diagnostic = diagnostic.help(format!("the rule is at {rule}"));
        }
        diagnostic.place = place;
        diagnostic
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

impl std::error::Error for FieldError {}

impl Serialize for FieldError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code)?;
        map.serialize_entry("field", &self.field)?;
        map.serialize_entry("rule", &self.rule)?;
        map.serialize_entry("message", &self.message)?;
        if let Some(place) = &self.place {
            map.serialize_entry("file", place.source.name())?;
            map.serialize_entry("line", &place.line())?;
            map.serialize_entry("column", &place.column())?;
        }
        map.end()
    }
}

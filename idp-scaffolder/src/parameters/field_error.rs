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
    /// What kind of problem it is: `parameter-invalid`, `secret-invalid`, or `schema-invalid` where the template's own
    /// schema cannot be used.
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

    /// A schema that cannot be used.
    pub(crate) fn bad_schema(rule: String, message: String) -> Self {
        Self { code: "schema-invalid", ..Self::parameter("", rule, message) }
    }

    /// What a schema says of a parameter. `base` is where the schema stands in the template's document.
    pub(crate) fn of_parameter(error: &ValidationError<'_>, schema: &Value, base: &str, above: &str) -> Self {
        let message = custom_message(error, schema).unwrap_or_else(|| error.to_string());
        Self::parameter(field(error, above), format!("{base}{}", error.schema_path()), message)
    }

    /// What a schema says of a secret: nothing of its value.
    pub(crate) fn of_secret(error: &ValidationError<'_>, schema: &Value, base: &str) -> Self {
        let message = custom_message(error, schema).unwrap_or_else(|| error.masked().to_string());
        let rule = format!("{base}{}", error.schema_path());
        Self { code: "secret-invalid", ..Self::parameter(field(error, ""), rule, message) }
    }
}

/// The field that an error is about. A field that is missing is the one to fill in, not the object around it.
fn field(error: &ValidationError<'_>, above: &str) -> String {
    let path = format!("{above}{}", error.instance_path());
    match error.kind() {
        ValidationErrorKind::Required { property: Value::String(name) } => format!("{path}/{}", escape(name)),
        _ => path,
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

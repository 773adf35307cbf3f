//! Schemas read once, and asked often.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use idp_core::Diagnostic;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// How many bytes of schemas are kept: each part of a schema may need all definitions.
const MOST_KEPT: usize = 16 << 20;

/// The schemas of one template, each read when it is first asked for.
#[derive(Default)]
pub(crate) struct Validators(Mutex<Kept>);

/// The schemas that were read, by their text.
#[derive(Default)]
struct Kept {
    known: HashMap<String, Read>,
    /// How long the texts are in all.
    bytes: usize,
}

type Read = Result<Arc<Validator>, BadSchema>;

impl Validators {
    /// A schema, ready to be asked. `root` is what `$ref`s in it start from.
    pub(crate) fn of(&self, schema: &Value, root: &Value) -> Read {
        let whole =
            if std::ptr::eq(schema, root) { Cow::Borrowed(schema) } else { with_definitions(schema, root) };
        let text = whole.to_string();
        if let Some(known) = self.kept().known.get(&text) {
            return known.clone();
        }
        // Others need not wait while it is read.
        let read = compile(&whole).map(Arc::new);
        self.kept().keep(text, read.clone());
        read
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a schema admits a value. A schema that is none admits nothing.
    pub(crate) fn admit(&self, schema: &Value, root: &Value, value: &Value) -> bool {
        self.of(schema, root).is_ok_and(|it| it.is_valid(value))
    }
}

impl Kept {
    /// Keeps a schema, and forgets the others where there is no room.
    fn keep(&mut self, text: String, read: Read) {
        if self.bytes + text.len() > MOST_KEPT {
            *self = Self::default();
        }
        self.bytes += text.len();
        self.known.insert(text, read);
    }
}

impl fmt::Debug for Validators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Validators")
    }
}

/// A part of a schema with what its `$ref`s need.
pub(crate) fn with_definitions<'s>(schema: &'s Value, root: &Value) -> Cow<'s, Value> {
    let mut schema = Cow::Borrowed(schema);
    if !refers(&schema) {
        return schema;
    }
    for key in ["definitions", "$defs"] {
        if let Some(definitions) = root.get(key).filter(|_| schema.get(key).is_none())
            && let Some(map) = schema.to_mut().as_object_mut()
        {
            map.insert(key.to_owned(), definitions.clone());
        }
    }
    schema
}

/// Whether there is a `$ref` in a schema.
fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.contains_key("$ref") || map.values().any(refers),
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}

/// A schema that cannot be used.
#[derive(Clone, Debug)]
pub(crate) struct BadSchema {
    /// Where in it, as a JSON pointer.
    pub(crate) place: String,
    /// What is wrong there.
    pub(crate) reason: String,
}

impl From<BadSchema> for Diagnostic {
    fn from(BadSchema { place, reason }: BadSchema) -> Self {
        Self::error("schema-invalid", format!("the template's own schema is wrong at `{place}`: {reason}"))
    }
}

/// Reads a schema.
pub(crate) fn compile(schema: &Value) -> Result<Validator, BadSchema> {
    let schema = without_repetitions(schema);
    // A template's patterns are somebody else's input: the linear engine cannot be made to hang. Look-around is not
    // in it, so a schema that needs it gets the engine with a back-track limit.
    let linear = jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(&schema);
    linear
        .or_else(|_| {
            jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true).build(&schema)
        })
        .map_err(|error| BadSchema { place: error.instance_path().to_string(), reason: error.to_string() })
}

/// The schema with every name in a `required` once. Backstage's server takes a name that stands there twice, which the
/// letter of JSON schema forbids.
fn without_repetitions(schema: &Value) -> Cow<'_, Value> {
    if !repeats(schema) {
        return Cow::Borrowed(schema);
    }
    let mut schema = schema.clone();
    remove_repetitions(&mut schema);
    Cow::Owned(schema)
}

/// The place in a `required` of the first name that stands there before.
pub(crate) fn repetition(required: &Value) -> Option<usize> {
    let mut seen = HashSet::new();
    required.as_array()?.iter().position(|name| !seen.insert(name))
}

fn repeats(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.get("required").and_then(repetition).is_some() || map.values().any(repeats),
        Value::Array(items) => items.iter().any(repeats),
        _ => false,
    }
}

fn remove_repetitions(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(names)) = map.get_mut("required") {
                let mut seen = HashSet::new();
                names.retain(|name| seen.insert(name.clone()));
            }
            map.values_mut().for_each(remove_repetitions);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_repetitions),
        _ => {}
    }
}

/// The violations of a schema, one diagnostic each.
pub(crate) fn violations(schema: &Value, value: &Value, what: &'static str) -> Vec<Diagnostic> {
    let validator = match compile(schema) {
        Ok(validator) => validator,
        Err(problem) => return vec![problem.into()],
    };
    validator
        .iter_errors(value)
        .map(|error| {
            let path = error.instance_path().to_string();
            let field = if path.is_empty() { "the whole".to_owned() } else { format!("`{path}`") };
            Diagnostic::error(format!("{what}-invalid"), format!("{what} {field}: {error}"))
                .help(format!("the rule is at {}", error.schema_path()))
        })
        .collect()
}

/// The paths of what violates a schema.
pub(crate) fn violated(schema: &Value, value: &Value) -> Vec<String> {
    let errors = compile(schema)
        .map(|it| it.iter_errors(value).map(|error| error.instance_path().to_string()).collect());
    errors.unwrap_or_default()
}

/// Keywords of a schema that say nothing of its values, or what [`admits`] sees without reading all of it.
const PLAIN: [&str; 9] =
    ["default", "description", "enum", "enumNames", "items", "properties", "required", "title", "type"];

/// Whether a schema admits a value. A schema that is none admits everything.
pub(crate) fn admits(schema: &Value, value: &Value) -> bool {
    // Nearly every schema of a form says a type and perhaps some values: reading it takes longer than looking.
    let plain = |key: &String| PLAIN.contains(&key.as_str()) || key.starts_with("ui:");
    let nested = value.as_array().is_some_and(|it| !it.is_empty()) || value.is_object();
    let name = schema.get("type").and_then(Value::as_str);
    match (schema.as_object(), name) {
        (Some(map), Some(name)) if !nested && map.keys().all(plain) => {
            let listed = map.get("enum").and_then(Value::as_array).is_none_or(|it| it.contains(value));
            listed && is_of_type(value, name)
        }
        _ => compile(schema).map_or(true, |it| it.is_valid(value)),
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("integer", Value::Number(number)) => number.as_f64().is_some_and(|it| it.fract() == 0.0),
        ("number", Value::Number(_)) | ("null", Value::Null) | ("boolean", Value::Bool(_)) => true,
        ("string", Value::String(_)) | ("array", Value::Array(_)) | ("object", Value::Object(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_that_repeat_all_definitions_are_not_all_kept() {
        let root = json!({"definitions": {"d": {"description": "x".repeat(MOST_KEPT / 4)}}});
        let validators = Validators::default();
        for at in 0..10 {
            let schema =
                json!({"properties": {format!("p{at}"): {"$ref": "#/definitions/d"}}, "required": ["p0"]});
            assert!(validators.admit(&schema, &root, &json!({"p0": 1})));
        }
        assert!(validators.kept().bytes <= MOST_KEPT);
        assert!((1..10).contains(&validators.kept().known.len()));
    }
}

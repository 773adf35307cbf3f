//! A schema that was read.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use idp_core::Diagnostic;
use jsonschema::{
    Draft, PatternOptions, Registry, RegistryBuilder, ValidationError, ValidationOptions, Validator,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::expansion::{Extent, depth};

/// A schema, ready to be asked.
#[derive(Debug)]
pub(crate) struct Rule {
    validator: Validator,
    extent: Extent,
}

/// What references in a schema start from.
pub(super) struct Root {
    registry: Registry<'static>,
}

/// What cannot stand in the fragment of a URI.
const OUTSIDE_FRAGMENTS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'~');

/// The name of a root in its registry.
const ROOT: &str = "urn:root";

impl Rule {
    /// Whether it admits a value. One that is too much for it, it does not.
    pub(crate) fn is_valid(&self, value: &Value) -> bool {
        self.bears(value) && self.validator.is_valid(value)
    }

    /// What is wrong with a value.
    ///
    /// # Errors
    /// The value is too much for a schema like this.
    pub(crate) fn errors<'i>(
        &'i self,
        value: &'i Value,
    ) -> Result<impl Iterator<Item = ValidationError<'i>>, TooMuch> {
        match self.bears(value) {
            true => Ok(self.validator.iter_errors(value)),
            false if self.is_too_deep(value) => Err(TooMuch::Deep(self.extent.deepest)),
            false => Err(TooMuch::Many),
        }
    }

    /// Whether a value is not too much for it to be asked.
    pub(crate) fn bears(&self, value: &Value) -> bool {
        !self.is_too_deep(value) && !self.extent.is_exceeded(value)
    }

    fn is_too_deep(&self, value: &Value) -> bool {
        self.extent.deepest != usize::MAX && depth(value) > self.extent.deepest
    }

    /// How many parts it has.
    pub(super) fn parts(&self) -> usize {
        self.extent.parts
    }
}

/// A value that is too much work for its schema, with what that refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TooMuch {
    /// It is nested more deeply than this, and the schema comes back to itself.
    Deep(usize),
    /// There are too many values in it.
    Many,
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deep(most) => write!(
                f,
                "this is nested too deeply: with a schema like this one, which comes back to itself, {most} levels are the most"
            ),
            Self::Many => {
                f.write_str("this holds too many values for a schema that is as much work as this one")
            }
        }
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
///
/// # Errors
/// It is none, or it is too much work.
pub(crate) fn compile(schema: &Value) -> Result<Rule, BadSchema> {
    let extent = Extent::of(schema, schema, "")?;
    let validator = build(jsonschema::options(), &without_repetitions(schema))?;
    Ok(Rule { validator, extent })
}

impl Root {
    pub(super) fn of(root: &Value) -> Result<Self, BadSchema> {
        let registry = Registry::new().draft(Draft::Draft7).add(ROOT, without_repetitions(root).into_owned());
        let registry = registry
            .and_then(RegistryBuilder::prepare)
            .map_err(|error| BadSchema { place: String::new(), reason: error.to_string() })?;
        Ok(Self { registry })
    }

    /// Reads a part of the root.
    ///
    /// # Errors
    /// As for [`compile`].
    pub(super) fn compile(&self, schema: &Value, root: &Value, pointer: &str) -> Result<Rule, BadSchema> {
        let extent = Extent::of(schema, root, pointer)?;
        let part = json!({"$ref": format!("{ROOT}#{}", utf8_percent_encode(pointer, OUTSIDE_FRAGMENTS))});
        let validator = build(jsonschema::options().with_registry(&self.registry), &part)?;
        Ok(Rule { validator, extent })
    }
}

fn build(options: ValidationOptions<'_>, schema: &Value) -> Result<Validator, BadSchema> {
    let options = options.with_draft(Draft::Draft7).should_validate_formats(true);
    // A template's patterns are somebody else's input: the linear engine cannot be made to hang. Look-around is not
    // in it, so a schema that needs it gets the engine with a back-track limit.
    let linear = options.clone().with_pattern_options(PatternOptions::regex()).build(schema);
    linear
        .or_else(|_| options.build(schema))
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
    let described = |error: ValidationError<'_>| {
        let path = error.instance_path().to_string();
        let field = if path.is_empty() { "the whole".to_owned() } else { format!("`{path}`") };
        Diagnostic::error(format!("{what}-invalid"), format!("{what} {field}: {error}"))
            .help(format!("the rule is at {}", error.schema_path()))
    };
    match compile(schema) {
        Ok(rule) => match rule.errors(value) {
            Ok(errors) => errors.map(described).collect(),
            Err(much) => vec![Diagnostic::error(format!("{what}-invalid"), format!("{what}: {much}"))],
        },
        Err(problem) => vec![problem.into()],
    }
}

/// The paths of what violates a schema.
pub(crate) fn violated(schema: &Value, value: &Value) -> Vec<String> {
    let path = |error: ValidationError<'_>| error.instance_path().to_string();
    let Ok(rule) = compile(schema) else { return Vec::new() };
    rule.errors(value).map(|errors| errors.map(path).collect()).unwrap_or_default()
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

//! What the data of a field must look like.

use serde_json::Value;

/// The form of a value: as much of a schema language as descriptors need.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// Anything at all.
    Any,
    /// A string, possibly empty.
    String,
    /// A string of at least one character.
    Text,
    /// One of a fixed set of strings.
    OneOf(Vec<String>),
    /// A boolean.
    Bool,
    /// A list whose items have one shape.
    List(Box<Shape>),
    /// An object with known fields; others are allowed and have the shape of `rest`.
    Object {
        /// The known fields.
        fields: Vec<Field>,
        /// The shape of every other field.
        rest: Box<Shape>,
    },
    /// Any of several shapes.
    Either(Vec<Shape>),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// Its key.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
}

impl Field {
    /// A field that must be there.
    pub fn required(name: impl Into<String>, shape: Shape) -> Self {
        Self { name: name.into(), required: true, shape }
    }

    /// A field that may be left out.
    pub fn optional(name: impl Into<String>, shape: Shape) -> Self {
        Self { name: name.into(), required: false, shape }
    }
}

/// Where a value departs from its shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mismatch {
    /// JSON pointer of the value, or of the object that lacks a field.
    pub(super) pointer: String,
    pub(super) kind: MismatchKind,
}

/// How it departs.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum MismatchKind {
    /// A required field is not there.
    Missing(String),
    /// The value is something else: what was expected, what was found.
    Type(String, &'static str),
}

impl Shape {
    /// An object with these fields, open for others.
    pub fn object(fields: impl IntoIterator<Item = Field>) -> Self {
        Self::Object { fields: fields.into_iter().collect(), rest: Box::new(Self::Any) }
    }

    /// A list of non-empty strings.
    pub fn texts() -> Self {
        Self::List(Box::new(Self::Text))
    }

    /// One of these words.
    pub fn one_of(words: &[&str]) -> Self {
        Self::OneOf(words.iter().map(|word| (*word).to_owned()).collect())
    }

    /// Appends every departure of `value`, which stands at `pointer`.
    pub(super) fn check(&self, value: &Value, pointer: &str, out: &mut Vec<Mismatch>) {
        if is_placeholder(value) && !matches!(self, Self::Object { .. }) {
            return;
        }
        match (self, value) {
            (Self::List(item), Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    item.check(value, &format!("{pointer}/{index}"), out);
                }
            }
            (Self::Object { fields, rest }, Value::Object(_)) => {
                check_object(fields, rest, value, pointer, out)
            }
            (Self::Either(shapes), _) if shapes.iter().any(|shape| shape.accepts_kind(value)) => {
                if let Some(shape) = shapes.iter().find(|shape| shape.accepts_kind(value)) {
                    shape.check(value, pointer, out);
                }
            }
            _ if self.accepts_kind(value) => {}
            _ => out.push(Mismatch {
                pointer: pointer.to_owned(),
                kind: MismatchKind::Type(self.describe(), describe_value(value)),
            }),
        }
    }

    /// Whether the value itself, not what it contains, is of this shape.
    fn accepts_kind(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::String => value.is_string(),
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::OneOf(words) => value.as_str().is_some_and(|text| words.iter().any(|word| word == text)),
            Self::Bool => value.is_boolean(),
            Self::List(_) => value.is_array(),
            Self::Object { .. } => value.is_object(),
            Self::Either(shapes) => shapes.iter().any(|shape| shape.accepts_kind(value)),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::String => "a string".to_owned(),
            Self::Text => "a non-empty string".to_owned(),
            Self::OneOf(words) => format!("one of `{}`", words.join("`, `")),
            Self::Bool => "true or false".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Object { .. } => "an object".to_owned(),
            Self::Either(shapes) => shapes.iter().map(Self::describe).collect::<Vec<_>>().join(" or "),
        }
    }
}

fn check_object(fields: &[Field], rest: &Shape, value: &Value, pointer: &str, out: &mut Vec<Mismatch>) {
    let Value::Object(map) = value else { return };
    for field in fields.iter().filter(|field| field.required && !map.contains_key(&field.name)) {
        let kind = MismatchKind::Missing(field.name.clone());
        out.push(Mismatch { pointer: pointer.to_owned(), kind });
    }
    for (key, value) in map {
        let shape = fields.iter().find(|field| field.name == *key).map_or(rest, |field| &field.shape);
        if *shape != Shape::Any {
            shape.check(value, &child_pointer(pointer, key), out);
        }
    }
}

/// The pointer of a member of the value at `pointer`.
pub(super) fn child_pointer(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Whether a value is to be replaced by the content of a file: `{$text: ./openapi.yaml}`.
pub(super) fn is_placeholder(value: &Value) -> bool {
    const RESOLVERS: [&str; 5] = ["$text", "$json", "$yaml", "$openapi", "$asyncapi"];
    value
        .as_object()
        .filter(|map| map.len() == 1)
        .and_then(|map| map.iter().next())
        .is_some_and(|(key, target)| RESOLVERS.contains(&key.as_str()) && target.is_string())
}

pub(super) fn describe_value(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty string",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

//! What the data of a field must look like.

use std::borrow::Cow;

use idp_core::similar;
use regex::Regex;

use super::pointer::Pointer;
use crate::json::{Json, Member, member};

/// The form of a value: as much of a schema language as descriptors need.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// Anything at all.
    Any,
    /// Nothing: the field may not be there.
    Never,
    /// A string, possibly empty.
    String,
    /// A string of at least one character.
    Text,
    /// A string that keeps a rule.
    Words(TextRule),
    /// One of a fixed set of strings.
    OneOf(Vec<String>),
    /// A boolean.
    Bool,
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// A list whose items have one shape.
    List(Box<Shape>),
    /// A list of so many items of one shape.
    Sized {
        /// How many there are at least.
        least: usize,
        /// How many there are at most.
        most: usize,
        /// The shape of each.
        item: Box<Shape>,
    },
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

/// A rule for a text. Lengths are UTF-16 code units, as in JSON schemas that JavaScript checks.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TextRule {
    /// Least length.
    pub least: usize,
    /// Greatest length.
    pub most: usize,
    /// A pattern that some part of the text matches, in linear time.
    pub pattern: Option<Regex>,
}

impl TextRule {
    /// Any text of a length between two bounds, both included.
    #[must_use]
    pub fn sized(least: usize, most: usize) -> Self {
        Self { least, most, pattern: None }
    }

    /// Only texts a part of which matches a pattern.
    #[must_use]
    pub fn matching(mut self, pattern: Regex) -> Self {
        self.pattern = Some(pattern);
        self
    }

    fn accepts(&self, text: &str) -> bool {
        let length = text.encode_utf16().count();
        (self.least..=self.most).contains(&length)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }

    fn describe(&self) -> String {
        let mut words = "a string".to_owned();
        match (self.least, self.most) {
            (0, usize::MAX) => {}
            (0, most) => words += &format!(" of at most {most} characters"),
            (least, usize::MAX) => words += &format!(" of at least {least} characters"),
            (least, most) => words += &format!(" of {least} to {most} characters"),
        }
        if let Some(pattern) = &self.pattern {
            words += &format!(" that matches `{pattern}`");
        }
        words
    }
}

impl PartialEq for TextRule {
    fn eq(&self, other: &Self) -> bool {
        let pattern = |it: &Self| it.pattern.as_ref().map(|it| it.as_str().to_owned());
        (self.least, self.most) == (other.least, other.most) && pattern(self) == pattern(other)
    }
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
    /// A required field is not there; what is called nearly like it.
    Missing { name: String, near: Option<String> },
    /// There is no such field; those that there are.
    Unknown(Vec<String>),
    /// The value is something else: what was expected, what was found.
    Type(String, String),
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
    pub(super) fn check(&self, value: &Json<'_>, pointer: &Pointer<'_>, out: &mut Vec<Mismatch>) {
        if is_placeholder(value) && !matches!(self, Self::Object { .. }) {
            return;
        }
        match (self, value) {
            (Self::List(item), Json::List(items)) => check_items(item, items, pointer, out),
            (Self::Sized { item, .. }, Json::List(items)) if self.accepts_kind(value) => {
                check_items(item, items, pointer, out);
            }
            (Self::Object { fields, rest }, Json::Object(map)) => {
                check_object(fields, rest, map, pointer, out);
            }
            (Self::Either(shapes), _) if self.accepts_kind(value) => {
                out.extend(check_either(shapes, value, pointer).1);
            }
            _ if self.accepts_kind(value) => {}
            _ => out.push(Mismatch {
                pointer: pointer.to_string(),
                kind: MismatchKind::Type(self.describe(), self.describe_found(value)),
            }),
        }
    }

    /// Of several shapes the one that a value is nearest to.
    pub(super) fn nearest<'s>(shapes: &'s [Self], value: &Json<'_>) -> Option<&'s Self> {
        check_either(shapes, value, &Pointer::new("")).0
    }

    /// Shows every text in a value, which is of this shape, of which more is asked than that it is one. False where it
    /// depends on more than single texts whether a value like it is of this shape.
    pub(super) fn each_text<'s, 'v>(
        &'s self,
        value: &'v Json<'_>,
        each: &mut impl FnMut(&'v str, &'s Self),
    ) -> bool {
        match (self, value) {
            (Self::Any | Self::String, Json::Text(_)) => true,
            (_, Json::Text(text)) => {
                each(text, self);
                true
            }
            (Self::List(item) | Self::Sized { item, .. }, Json::List(items)) => {
                items.iter().all(|value| item.each_text(value, each))
            }
            (Self::Object { fields, rest }, Json::Object(members)) => members.iter().all(|(key, value)| {
                let field = fields.iter().find(|field| field.name == *key);
                field.map_or(&**rest, |field| &field.shape).each_text(value, each)
            }),
            (Self::Either(shapes), Json::List(_) | Json::Object(_)) => {
                let mut fitting = shapes.iter().filter(|shape| shape.accepts_kind(value));
                let (first, second) = (fitting.next(), fitting.next());
                second.is_none() && first.is_some_and(|shape| shape.each_text(value, each))
            }
            _ => true,
        }
    }

    /// Whether a text is of this shape.
    pub(super) fn accepts_text(&self, text: &str) -> bool {
        self.accepts_kind(&Json::Text(Cow::Borrowed(text)))
    }

    /// Whether the value itself, not what it contains, is of this shape.
    pub(super) fn accepts_kind(&self, value: &Json<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Never => false,
            Self::String => value.as_str().is_some(),
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::Words(rule) => value.as_str().is_some_and(|text| rule.accepts(text)),
            Self::OneOf(words) => value.as_str().is_some_and(|text| words.iter().any(|word| word == text)),
            Self::Bool => matches!(value, Json::Bool(_)),
            Self::Number => matches!(value, Json::Number(_)),
            Self::Integer => match value {
                Json::Number(number) => number.as_f64().is_some_and(|number| number.fract() == 0.0),
                _ => false,
            },
            Self::List(_) => value.as_list().is_some(),
            Self::Sized { least, most, .. } => {
                value.as_list().is_some_and(|items| (*least..=*most).contains(&items.len()))
            }
            Self::Object { .. } => value.as_object().is_some(),
            Self::Either(shapes) => shapes.iter().any(|shape| shape.accepts_kind(value)),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Never => "left out".to_owned(),
            Self::String => "a string".to_owned(),
            Self::Text => "a non-empty string".to_owned(),
            Self::Words(rule) => rule.describe(),
            Self::OneOf(words) => format!("one of `{}`", words.join("`, `")),
            Self::Bool => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Integer => "a whole number".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Sized { least, most: usize::MAX, .. } => format!("a list of at least {least}"),
            Self::Sized { least, most, .. } => format!("a list of {least} to {most}"),
            Self::Object { .. } => "an object".to_owned(),
            Self::Either(shapes) => shapes.iter().map(Self::describe).collect::<Vec<_>>().join(" or "),
        }
    }

    /// What was found, with the text itself where the text is what is wrong.
    fn describe_found(&self, value: &Json<'_>) -> String {
        match (self, value) {
            (Self::Words(_) | Self::OneOf(_), Json::Text(text)) if !text.is_empty() && text.len() < 100 => {
                format!("`{text}`")
            }
            (Self::Integer, Json::Number(number)) => format!("{number}"),
            (Self::Sized { .. }, Json::List(items)) => format!("a list of {}", items.len()),
            _ => describe(value).to_owned(),
        }
    }
}

/// The shape that a value is nearest to, and where it departs from it.
fn check_either<'s>(
    shapes: &'s [Shape],
    value: &Json<'_>,
    pointer: &Pointer<'_>,
) -> (Option<&'s Shape>, Vec<Mismatch>) {
    let mut nearest = (None, Vec::new());
    for shape in shapes.iter().filter(|shape| shape.accepts_kind(value)) {
        let mut mismatches = Vec::new();
        shape.check(value, pointer, &mut mismatches);
        if nearest.0.is_none() || mismatches.len() < nearest.1.len() {
            nearest = (Some(shape), mismatches);
        }
        if nearest.1.is_empty() {
            break;
        }
    }
    nearest
}

fn check_items(item: &Shape, items: &[Json<'_>], pointer: &Pointer<'_>, out: &mut Vec<Mismatch>) {
    for (index, value) in items.iter().enumerate() {
        pointer.with_index(index, |pointer| item.check(value, pointer, out));
    }
}

fn check_object(
    fields: &[Field],
    rest: &Shape,
    map: &[Member<'_>],
    pointer: &Pointer<'_>,
    out: &mut Vec<Mismatch>,
) {
    for field in fields.iter().filter(|field| field.required && member(map, &field.name).is_none()) {
        let near = similar(&field.name, map.iter().map(|(key, _)| key)).map(str::to_owned);
        let kind = MismatchKind::Missing { name: field.name.clone(), near };
        out.push(Mismatch { pointer: pointer.to_string(), kind });
    }
    for (key, value) in map {
        match fields.iter().find(|field| field.name == *key).map_or(rest, |field| &field.shape) {
            Shape::Any => {}
            Shape::Never => pointer.with_key(key, |pointer| {
                let known = fields.iter().map(|field| field.name.clone()).collect();
                out.push(Mismatch { pointer: pointer.to_string(), kind: MismatchKind::Unknown(known) });
            }),
            shape => pointer.with_key(key, |pointer| shape.check(value, pointer, out)),
        }
    }
}

/// Whether a value is to be replaced by the content of a file: `{$text: ./openapi.yaml}`.
pub(super) fn is_placeholder(value: &Json<'_>) -> bool {
    let Json::Object(members) = value else { return false };
    matches!(&**members, [(key, Json::Text(_))] if is_resolver(key))
}

fn is_resolver(key: &str) -> bool {
    matches!(key, "$text" | "$json" | "$yaml" | "$openapi" | "$asyncapi")
}

/// What kind of value it is, in words.
pub(super) fn describe(value: &Json<'_>) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::Text(text) if text.is_empty() => "an empty string",
        Json::Text(_) => "a string",
        Json::List(_) => "a list",
        Json::Object(_) => "an object",
    }
}

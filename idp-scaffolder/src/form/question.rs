//! What a form asks next.

use serde::Serialize;
use serde_json::Value;

use super::fields::Field;
use super::{EntityOptions, RepoUrlOptions};
use crate::parameters::Schema;

/// One question of a [`Form`](super::Form).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Question {
    /// The field, as a JSON pointer into the parameters; of a secret that no field asks for, its name.
    pub field: String,
    /// Where its schema stands, as a JSON pointer into the template's document.
    pub rule: String,
    /// The page that it is on, from 0; what the template asks for beside its pages is on the one after the last.
    pub page: usize,
    /// What is asked for, in a few words.
    pub title: String,
    /// What is asked for, in more words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it has to be answered.
    pub required: bool,
    /// What the answer is where nobody says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What kind of answer is wanted.
    pub kind: QuestionKind,
    /// The field's schema, `ui:*` included.
    pub schema: Value,
}

impl Question {
    /// The question that a field asks.
    pub(super) fn of(field: &Field<'_>, kind: QuestionKind) -> Self {
        let another = matches!(kind, QuestionKind::Another { .. });
        let variant = matches!(kind, QuestionKind::Variant(_));
        let title = text(field.schema, "ui:title").or_else(|| text(field.schema, "title"));
        let secret = kind == QuestionKind::Secret;
        let default = if variant || secret { None } else { field.default.clone() };
        Self {
            field: field.pointer.clone(),
            rule: field.rule.clone(),
            page: field.page,
            title: title.unwrap_or_else(|| field.name.clone()),
            description: text(field.schema, "ui:description").or_else(|| text(field.schema, "description")),
            required: field.required,
            default: if another { Some(Value::Bool(false)) } else { default },
            kind,
            schema: field.schema.whole(),
        }
    }
}

/// A text of a schema.
pub(super) fn text(schema: Schema<'_>, key: &str) -> Option<String> {
    schema.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// What kind of answer a [`Question`] wants.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum QuestionKind {
    /// A text.
    Text {
        /// Whether it may have several lines.
        multiline: bool,
        /// Whether it is not to be seen while it is typed. It is a parameter all the same, which is kept and shown.
        hidden: bool,
    },
    /// A number.
    Number {
        /// Whether it has to be a whole one.
        integer: bool,
    },
    /// Yes or no.
    Boolean,
    /// One of these values.
    Choice(Vec<Choice>),
    /// A list of some of these values.
    Choices(Vec<Choice>),
    /// A list of answers of this kind.
    List(Box<Self>),
    /// Whether there is another element of a list; what it consists of is asked next. The answer is a boolean.
    Another {
        /// How many there are.
        count: usize,
    },
    /// Which of several forms the object has. The answer is its position in this list of titles.
    Variant(Vec<String>),
    /// The reference of an entity.
    Entity(EntityOptions),
    /// A list of references of entities.
    Entities(EntityOptions),
    /// A list of tags, such as these entities have.
    Tags(EntityOptions),
    /// A repository, as `host?owner=…&repo=…`.
    RepoUrl(RepoUrlOptions),
    /// A secret. It is answered by [`Form::answer_secret`](super::Form::answer_secret) and is no parameter.
    Secret,
    /// Any value: the schema says no more than that.
    Value,
}

/// A value to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Choice {
    /// The value.
    pub value: Value,
    /// What it is called.
    pub label: String,
}

impl Choice {
    /// A value and what it is called: by itself, where it has no name.
    pub(super) fn new(value: &Value, name: Option<&Value>) -> Self {
        let label = match name.unwrap_or(value) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Self { value: value.clone(), label }
    }
}

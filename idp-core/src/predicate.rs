//! The boolean part of a query.

use serde::{Deserialize, Serialize};

/// A condition on one entity, as data: built by hand, parsed from text, or answered by a [`crate::Policy`].
///
/// Fields are dotted paths (`spec.type`, `metadata.tags`, `relations.ownedBy`). Evaluation and parsing are the
/// catalog's; this is what the contracts exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Predicate {
    /// Every one holds; true without any.
    All(Vec<Predicate>),
    /// At least one holds; false without any.
    Any(Vec<Predicate>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// The entity has a value for the field.
    Exists(String),
    /// A value of the field is one of these, ignoring case.
    In(String, Vec<String>),
    /// A value of the field starts with this, ignoring case.
    Prefix(String, String),
    /// A value of the field lies on this side of a bound: numbers by size, other texts by their letters, ignoring
    /// case, so that dates in ISO 8601 compare as dates. A number and a text do not compare.
    Compare(String, Comparison, String),
}

/// On which side of a bound a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `>`
    Greater,
}

impl Predicate {
    /// The field has this value.
    pub fn equals(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self::In(field.into(), vec![value.into()])
    }

    /// The field has one of these values.
    pub fn one_of<V: Into<String>>(field: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self::In(field.into(), values.into_iter().map(Into::into).collect())
    }

    /// A value of the field starts with a text.
    pub fn prefix(field: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self::Prefix(field.into(), prefix.into())
    }

    /// A value of the field lies on one side of a bound.
    pub fn compare(field: impl Into<String>, comparison: Comparison, bound: impl Into<String>) -> Self {
        Self::Compare(field.into(), comparison, bound.into())
    }

    /// The field has a value.
    pub fn exists(field: impl Into<String>) -> Self {
        Self::Exists(field.into())
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            one => Self::All(vec![one, other]),
        }
    }

    /// One of them holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut any) => {
                any.push(other);
                Self::Any(any)
            }
            one => Self::Any(vec![one, other]),
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn negate(self) -> Self {
        Self::Not(Box::new(self))
    }
}

//! The boolean part of a query.

use std::ops;

use serde::{Deserialize, Serialize};

/// A condition on one entity, as data: built by hand, parsed from text, or answered by a [`crate::Policy`].
///
/// Fields are dotted paths (`spec.type`, `metadata.tags`, `relations.ownedBy`); they ignore case. A field may have
/// several values: one that passes is enough. Evaluation and parsing are the catalog's; this is what the contracts
/// exchange.
///
/// ```
/// use idp_core::Predicate;
/// let paged = Predicate::equals("kind", "component")
///     & Predicate::at_least("spec.replicas", 3)
///     & !Predicate::equals("metadata.tags", "legacy");
/// let ported = Predicate::has("spec.ports", Predicate::equals("name", "http") & Predicate::less("number", 1024));
/// # let _ = paged | ported;
/// ```
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
    /// The entity has a value for the field, null included.
    Exists(String),
    /// A value of the field passes the test, ignoring case.
    Value(String, Test),
    /// A value of the field, as its author wrote it, passes the test; case counts.
    Exactly(String, Test),
    /// One element of the list that the field holds satisfies the whole predicate, whose fields are those of the
    /// element: the values of two elements never answer for each other. The field `""` is the element itself.
    Has(String, Box<Predicate>),
}

/// What is asked of one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Test {
    /// It is one of these; none of an empty list.
    In(Vec<String>),
    /// It starts with this.
    Prefix(String),
    /// It contains this.
    Substring(String),
    /// It contains a match of this regular expression. Without look-around and back-references, so that matching takes
    /// linear time.
    Pattern(String),
    /// It lies on this side of a bound. The bound says how: a number compares with numbers by size; a date, or date
    /// and time, of RFC 3339 compares with such as an instant; any other text compares with what is no number by its
    /// letters.
    Compare(Comparison, String),
    /// It lies between two bounds of one sort, both included.
    Between(String, String),
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
    pub fn equals(field: impl Into<String>, value: impl ToString) -> Self {
        Self::one_of(field, [value])
    }

    /// The field has one of these values.
    pub fn one_of<V: ToString>(field: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(|value| value.to_string());
        Self::Value(field.into(), Test::In(values.collect()))
    }

    /// A value of the field starts with a text.
    pub fn prefix(field: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self::Value(field.into(), Test::Prefix(prefix.into()))
    }

    /// A value of the field contains a text.
    pub fn substring(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Value(field.into(), Test::Substring(text.into()))
    }

    /// A value of the field contains a match of a regular expression.
    pub fn matches(field: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self::Value(field.into(), Test::Pattern(pattern.into()))
    }

    /// A value of the field lies on one side of a bound.
    pub fn compare(field: impl Into<String>, comparison: Comparison, bound: impl ToString) -> Self {
        Self::Value(field.into(), Test::Compare(comparison, bound.to_string()))
    }

    /// A value of the field is less than a bound.
    pub fn less(field: impl Into<String>, bound: impl ToString) -> Self {
        Self::compare(field, Comparison::Less, bound)
    }

    /// A value of the field is a bound or less.
    pub fn at_most(field: impl Into<String>, bound: impl ToString) -> Self {
        Self::compare(field, Comparison::AtMost, bound)
    }

    /// A value of the field is a bound or greater.
    pub fn at_least(field: impl Into<String>, bound: impl ToString) -> Self {
        Self::compare(field, Comparison::AtLeast, bound)
    }

    /// A value of the field is greater than a bound.
    pub fn greater(field: impl Into<String>, bound: impl ToString) -> Self {
        Self::compare(field, Comparison::Greater, bound)
    }

    /// A value of the field lies between two bounds, both included.
    pub fn between(field: impl Into<String>, from: impl ToString, to: impl ToString) -> Self {
        Self::Value(field.into(), Test::Between(from.to_string(), to.to_string()))
    }

    /// The field has a value.
    pub fn exists(field: impl Into<String>) -> Self {
        Self::Exists(field.into())
    }

    /// One element of the field's list satisfies a predicate on its fields.
    pub fn has(field: impl Into<String>, element: Self) -> Self {
        Self::Has(field.into(), Box::new(element))
    }

    /// The same, where case counts in every test of a value.
    ///
    /// ```
    /// # use idp_core::{Predicate, Test};
    /// let exact = Predicate::equals("metadata.name", "Cart").exactly();
    /// assert_eq!(exact, Predicate::Exactly("metadata.name".into(), Test::In(vec!["Cart".into()])));
    /// ```
    #[must_use]
    pub fn exactly(self) -> Self {
        let every = |parts: Vec<Self>| parts.into_iter().map(Self::exactly).collect();
        match self {
            Self::All(parts) => Self::All(every(parts)),
            Self::Any(parts) => Self::Any(every(parts)),
            Self::Not(part) => part.exactly().negate(),
            Self::Has(field, element) => Self::has(field, element.exactly()),
            Self::Value(field, test) => Self::Exactly(field, test),
            other @ (Self::Exists(_) | Self::Exactly(..)) => other,
        }
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

impl ops::BitAnd for Predicate {
    type Output = Self;

    /// As [`Predicate::and`].
    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl ops::BitOr for Predicate {
    type Output = Self;

    /// As [`Predicate::or`].
    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl ops::Not for Predicate {
    type Output = Self;

    /// As [`Predicate::negate`].
    fn not(self) -> Self {
        self.negate()
    }
}

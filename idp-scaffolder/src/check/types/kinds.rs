//! Which kinds of value something can be.

use std::fmt;

use serde_json::Value;

/// A set of kinds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const UNDEFINED: Self = Self(1);
    pub(crate) const NULL: Self = Self(2);
    pub(crate) const BOOL: Self = Self(4);
    pub(crate) const NUMBER: Self = Self(8);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const ARRAY: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);
    /// Functions, methods, regular expressions.
    pub(crate) const OTHER: Self = Self(128);
    pub(crate) const ANY: Self = Self(255);
    /// Nothing that can have members.
    pub(crate) const NULLISH: Self = Self::UNDEFINED.or(Self::NULL);
    /// What JavaScript takes for true whatever is in it.
    pub(crate) const CONTAINERS: Self = Self::ARRAY.or(Self::OBJECT);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::UNDEFINED, "nothing"),
        (Self::NULL, "null"),
        (Self::BOOL, "a boolean"),
        (Self::NUMBER, "a number"),
        (Self::STRING, "a text"),
        (Self::ARRAY, "a list"),
        (Self::OBJECT, "an object"),
        (Self::OTHER, "a function"),
    ];

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it can be one of `other`.
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it can be nothing but `other`; false for the empty set.
    pub(crate) const fn within(self, other: Self) -> bool {
        self.0 != 0 && self.0 & !other.0 == 0
    }

    /// The kind of a value.
    pub(crate) const fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOL,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    /// The kinds of a JSON schema's `type`.
    pub(crate) fn of_schema(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOL,
            "number" | "integer" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            Self::NAMES.iter().filter(|(kind, _)| self.meets(*kind)).map(|(_, name)| *name).collect();
        f.write_str(&names.join(" or "))
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kinds({self})")
    }
}

//! Where in an entity a value stands.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A field of an entity, or one item of a list: `spec.owner`, `spec.dependsOn[1]`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    field: Arc<str>,
    index: Option<u32>,
}

impl FieldPath {
    /// A whole field, by its dotted path.
    pub fn new(field: impl Into<Arc<str>>) -> Self {
        Self { field: field.into(), index: None }
    }

    /// One item of the list that the field holds, counted from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        Self { field: Arc::clone(&self.field), index: u32::try_from(index).ok() }
    }

    /// The field as a whole.
    pub(crate) fn whole(&self) -> Self {
        Self { field: Arc::clone(&self.field), index: None }
    }

    /// Which item of the field's list is meant, counted from 1; 0 for the field as a whole.
    pub(crate) fn item_number(&self) -> u32 {
        self.index.map_or(0, |index| index.saturating_add(1))
    }

    /// The dotted path of the field, without the item: `spec.dependsOn`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The JSON pointer of the field or the item (RFC 6901). Every dot leads into another object: names of fields that
    /// are references have none.
    #[must_use]
    pub fn pointer(&self) -> String {
        let parts = self.field.split('.').map(|part| part.replace('~', "~0").replace('/', "~1"));
        let mut pointer: String = parts.flat_map(|part| ["/".to_owned(), part]).collect();
        if let Some(index) = self.index {
            pointer += &format!("/{index}");
        }
        pointer
    }

    /// Which item of the field's list is meant, counted from 0.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.index.map(|index| index as usize)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        self.index.map_or(Ok(()), |index| write!(f, "[{index}]"))
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

//! The order of answers.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fields::{Field, Fields};
use super::scalar::Scalar;
use crate::index::Ids;

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Where entities without a value go, whatever the direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nulls {
    /// Before all others.
    First,
    /// Behind all others.
    #[default]
    Last,
    /// Into no answer: they are not counted either.
    Exclude,
}

/// How values compare. Both are the same on every machine: no locale takes part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collation {
    /// Numbers first, by size; then dates, and dates with times, of RFC 3339, as instants; then texts by the code points
    /// of their lower case.
    #[default]
    Values,
    /// Everything by the code points of its lower case, as Backstage on a database with the collation `C`: `10`, `100`,
    /// `9`.
    Letters,
}

/// A field to sort by.
///
/// ```
/// use idp_catalog::{Nulls, OrderBy, Query};
/// let query = Query::all()
///     .order(OrderBy::descending("spec.replicas").nulls(Nulls::Exclude))
///     .order(OrderBy::ascending("metadata.name"));
/// # let _ = query;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderBy {
    field: String,
    direction: Direction,
    nulls: Nulls,
    collation: Collation,
}

/// What an entity is sorted by in one field.
pub(super) type SortKey = Scalar<Arc<str>>;

impl OrderBy {
    /// Sorts by a field; of an entity's several values the one counts that comes first in the direction.
    #[must_use]
    pub fn new(field: &str, direction: Direction) -> Self {
        Self {
            field: field.to_lowercase(),
            direction,
            nulls: Nulls::default(),
            collation: Collation::default(),
        }
    }

    /// Smallest first.
    #[must_use]
    pub fn ascending(field: &str) -> Self {
        Self::new(field, Direction::Ascending)
    }

    /// Largest first.
    #[must_use]
    pub fn descending(field: &str) -> Self {
        Self::new(field, Direction::Descending)
    }

    /// Says where entities without a value go; without it, to the end.
    #[must_use]
    pub fn nulls(mut self, nulls: Nulls) -> Self {
        self.nulls = nulls;
        self
    }

    /// Says how values compare.
    #[must_use]
    pub fn collation(mut self, collation: Collation) -> Self {
        self.collation = collation;
        self
    }

    /// The key of an entity.
    pub(super) fn key(&self, keys: Fields<'_>, id: u32) -> Option<SortKey> {
        let values = keys.values_of(id, &self.field);
        let keys = values.into_iter().map(|value| self.read(value.into()));
        match self.direction {
            Direction::Ascending => keys.min_by(SortKey::order),
            Direction::Descending => keys.max_by(SortKey::order),
        }
    }

    /// The key that a value is, in lower case.
    pub(super) fn read(&self, value: Arc<str>) -> SortKey {
        match self.collation {
            Collation::Values => Scalar::of(value),
            Collation::Letters => Scalar::letters(value),
        }
    }

    pub(super) fn field(&self) -> &str {
        &self.field
    }

    pub(super) fn is_ascending(&self) -> bool {
        self.direction == Direction::Ascending
    }

    pub(super) fn has_nulls_first(&self) -> bool {
        self.nulls == Nulls::First
    }

    /// Whether entities without a value are left out.
    pub(super) fn excludes_nulls(&self) -> bool {
        self.nulls == Nulls::Exclude
    }

    /// Whether a column's values are in this order.
    pub(super) fn is_order_of(&self, column: Field<'_>) -> bool {
        self.collation == Collation::Values || column.is_letters()
    }

    /// Those of the entities with a value whose key it is: of several values only one counts.
    pub(super) fn first_values(&self, column: Field<'_>, ids: Ids, value: &Scalar<impl AsRef<str>>) -> Ids {
        if ids.intersection_len(column.plural()) == 0 {
            return ids;
        }
        let is_key = |id: u32| {
            let keys = column.values_of(id).map(|it| Scalar::of(it.lower()));
            let key = match self.direction {
                Direction::Ascending => keys.min_by(Scalar::order),
                Direction::Descending => keys.max_by(Scalar::order),
            };
            key.is_some_and(|key| key.order(value).is_eq())
        };
        Ids::from_sorted(ids.iter().filter(|id| is_key(*id)).collect())
    }

    fn compare(&self, a: Option<&SortKey>, b: Option<&SortKey>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.direction == Direction::Ascending => a.order(b),
            (Some(a), Some(b)) => b.order(a),
            // `None` is less than anything.
            _ if self.nulls == Nulls::First => a.is_some().cmp(&b.is_some()),
            _ => b.is_some().cmp(&a.is_some()),
        }
    }
}

/// Compares two entities' keys.
pub(super) fn compare(order: &[OrderBy], a: &[Option<SortKey>], b: &[Option<SortKey>]) -> Ordering {
    let keys = a.iter().zip(b);
    let fields = order.iter().zip(keys).map(|(by, (a, b))| by.compare(a.as_ref(), b.as_ref()));
    fields.fold(Ordering::Equal, Ordering::then)
}

//! The order of answers.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::evaluate::of_key;
use super::rows::Row;

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A field to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderBy {
    pub(super) field: String,
    pub(super) direction: Direction,
}

/// What an entity is sorted by in one field. Numbers come before words; a number is compared as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum SortKey {
    Number(f64),
    Text(String),
}

impl SortKey {
    pub(super) fn of(text: &str) -> Self {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
        }
    }
}

impl OrderBy {
    /// The key of an entity: of several values the one that comes first in this direction.
    pub(super) fn key(&self, rows: &[Row]) -> Option<SortKey> {
        let keys = of_key(rows, &self.field).iter().filter_map(|row| row.value.as_deref()).map(SortKey::of);
        match self.direction {
            Direction::Ascending => keys.min_by(SortKey::compare),
            Direction::Descending => keys.max_by(SortKey::compare),
        }
    }
}

/// Compares two entities' keys. Whoever has no value comes last, in either direction.
pub(super) fn compare(order: &[OrderBy], a: &[Option<SortKey>], b: &[Option<SortKey>]) -> Ordering {
    for ((by, a), b) in order.iter().zip(a).zip(b) {
        let ordering = match (a, b) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) if by.direction == Direction::Ascending => a.compare(b),
            (Some(a), Some(b)) => b.compare(a),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

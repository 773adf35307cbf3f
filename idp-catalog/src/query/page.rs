//! One page of what was found.

use std::cmp::Ordering;
use std::sync::Arc;

use idp_core::Revision;

use super::cursor::Position;
use super::order::{OrderBy, SortKey, compare};
use crate::snapshot::Record;

/// An entity that was found, and what decides about its place.
pub(super) struct Found {
    pub(super) keys: Vec<Option<SortKey>>,
    pub(super) rank: u32,
    pub(super) record: Arc<Record>,
}

/// Entities in order, and whether there are others on either side.
pub(super) struct Page {
    pub(super) items: Vec<Found>,
    pub(super) more_before: bool,
    pub(super) more_behind: bool,
}

impl Page {
    /// The first page, after so many entities that are passed over.
    pub(super) fn first(found: Vec<Found>, order: &[OrderBy], offset: usize, limit: usize) -> Self {
        let end = offset.saturating_add(limit);
        let more_behind = found.len() > end;
        let mut items = smallest(found, end, |a, b| a.order(b, order));
        items.drain(..offset.min(items.len()));
        Self { items, more_before: offset > 0, more_behind }
    }

    /// The page that starts or ends at a position.
    pub(super) fn at(start: &Position, mut found: Vec<Found>, order: &[OrderBy], limit: usize) -> Self {
        let total = found.len();
        let keys: Vec<_> = order
            .iter()
            .zip(&start.keys)
            .map(|(by, key)| key.as_ref().map(|key| by.read(Arc::clone(key))))
            .collect();
        let side = if start.backward { Ordering::Less } else { Ordering::Greater };
        found.retain(|found| found.side(&keys, start, order) == side);
        let on_other_side = found.len() < total;
        let more = found.len() > limit;
        if start.backward {
            let mut items = smallest(found, limit, |a, b| b.order(a, order));
            items.reverse();
            Self { items, more_before: more, more_behind: on_other_side }
        } else {
            let items = smallest(found, limit, |a, b| a.order(b, order));
            Self { items, more_before: on_other_side, more_behind: more }
        }
    }
}

impl Found {
    fn order(&self, other: &Self, order: &[OrderBy]) -> Ordering {
        compare(order, &self.keys, &other.keys)
            .then_with(|| other.rank.cmp(&self.rank))
            .then_with(|| self.record.entity_ref().cmp(other.record.entity_ref()))
    }

    /// On which side of a position, whose keys were read, the entity lies.
    fn side(&self, keys: &[Option<SortKey>], position: &Position, order: &[OrderBy]) -> Ordering {
        compare(order, &self.keys, keys)
            .then_with(|| position.rank.cmp(&self.rank))
            .then_with(|| self.record.entity_ref().cmp(&position.entity_ref))
    }

    pub(super) fn position(&self, query: &str, revision: Revision, backward: bool) -> Position {
        Position {
            query: query.to_owned(),
            revision,
            keys: self.keys.iter().map(|key| key.as_ref().map(|key| Arc::clone(&key.text))).collect(),
            rank: self.rank,
            entity_ref: self.record.entity_ref().clone(),
            backward,
        }
    }
}

/// The first so many in an order, sorted. Sorts no more than it must.
fn smallest(mut found: Vec<Found>, count: usize, order: impl Fn(&Found, &Found) -> Ordering) -> Vec<Found> {
    if found.len() > count {
        found.select_nth_unstable_by(count, &order);
        found.truncate(count);
    }
    found.sort_unstable_by(&order);
    found
}

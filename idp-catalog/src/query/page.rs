//! One page of what was found.

use std::cmp::Ordering;
use std::sync::Arc;

use super::cursor::Position;
use super::fields::Fields;
use super::order::{OrderBy, SortKey, compare};
use crate::index::Ids;
use crate::snapshot::Snapshot;

/// An entity that was found, and what decides about its place.
pub(super) struct Found {
    pub(super) keys: Vec<Option<SortKey>>,
    pub(super) rank: u32,
    pub(super) id: u32,
}

/// What a query finds, before any order.
pub(super) enum Hits {
    Plain(Ids),
    /// With what each is worth to a search.
    Ranked(Vec<(u32, u32)>),
}

impl Hits {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Plain(ids) => ids.len(),
            Self::Ranked(hits) => hits.len(),
        }
    }

    /// The entities.
    pub(super) fn ids(&self) -> Ids {
        match self {
            Self::Plain(ids) => ids.clone(),
            Self::Ranked(hits) => hits.iter().map(|(id, _)| *id).collect(),
        }
    }
}

/// Entities in order, and whether there are others on either side.
pub(super) struct Page {
    pub(super) items: Vec<Found>,
    pub(super) more_before: bool,
    pub(super) more_behind: bool,
}

impl Page {
    /// The first page of a walk, after so many entities that are passed over.
    pub(super) fn first(walk: impl Fn(usize) -> Vec<Found>, offset: usize, limit: usize) -> Self {
        let end = offset.saturating_add(limit);
        let mut items = walk(end.saturating_add(1));
        let more_behind = items.len() > end;
        items.truncate(end);
        items.drain(..offset.min(items.len()));
        Self { items, more_before: offset > 0, more_behind }
    }

    /// The page that starts or ends at a position: what follows from there on, and whether anything lies on the other
    /// side.
    pub(super) fn at(mut items: Vec<Found>, on_other_side: bool, backward: bool, limit: usize) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        if backward {
            items.reverse();
            Self { items, more_before: more, more_behind: on_other_side }
        } else {
            Self { items, more_before: on_other_side, more_behind: more }
        }
    }
}

impl Found {
    /// An entity of a rank.
    pub(super) fn new(keys: Fields<'_>, id: u32, rank: u32, order: &[OrderBy]) -> Self {
        let keys = order.iter().map(|by| by.key(keys, id)).collect();
        Self { keys, rank, id }
    }

    pub(super) fn order(&self, other: &Self, order: &[OrderBy], snapshot: &Snapshot) -> Ordering {
        compare(order, &self.keys, &other.keys)
            .then_with(|| other.rank.cmp(&self.rank))
            .then_with(|| snapshot.reference(self.id).cmp(&snapshot.reference(other.id)))
    }

    /// On which side of a position, whose keys were read, the entity lies.
    pub(super) fn side(
        &self,
        keys: &[Option<SortKey>],
        position: &Position,
        order: &[OrderBy],
        snapshot: &Snapshot,
    ) -> Ordering {
        compare(order, &self.keys, keys)
            .then_with(|| position.rank.cmp(&self.rank))
            .then_with(|| snapshot.reference(self.id).cmp(&Some(&position.entity_ref)))
    }

    pub(super) fn position(&self, query: &str, snapshot: &Snapshot, backward: bool) -> Option<Position> {
        Some(Position {
            query: query.to_owned(),
            revision: snapshot.revision(),
            keys: self.keys.iter().map(|key| key.as_ref().map(|key| Arc::clone(&key.text))).collect(),
            rank: self.rank,
            entity_ref: snapshot.reference(self.id)?.clone(),
            backward,
        })
    }
}

/// The first so many in an order, sorted. Sorts no more than it must.
pub(super) fn smallest(
    mut found: Vec<Found>,
    count: usize,
    order: impl Fn(&Found, &Found) -> Ordering,
) -> Vec<Found> {
    if found.len() > count {
        found.select_nth_unstable_by(count, &order);
        found.truncate(count);
    }
    found.sort_unstable_by(&order);
    found
}

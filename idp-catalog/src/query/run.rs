//! A query and its answer.

use std::cmp::Ordering;
use std::sync::Arc;

use idp_core::{Predicate, Result, Revision};

use super::Matcher;
use super::cursor::{Position, fingerprint};
use super::order::{Direction, OrderBy, SortKey, compare};
use crate::snapshot::{Record, Snapshot};

/// What to find, in which order, and how much of it.
///
/// ```
/// use idp_catalog::{Direction, Query};
/// use idp_core::Predicate;
///
/// let services = Query::matching(Predicate::equals("kind", "component").and(Predicate::equals("spec.type", "service")))
///     .order_by("spec.lifecycle", Direction::Ascending)
///     .limit(20);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    predicate: Predicate,
    order: Vec<OrderBy>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// One page of what a query found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The entities, in the order asked for; among equals by reference.
    pub items: Vec<Arc<Record>>,
    /// How many entities the predicate holds for, on all pages.
    pub total: usize,
    /// Where the next page starts; `None` on the last.
    pub next: Option<String>,
    /// The revision that was asked.
    pub revision: Revision,
    /// Whether the catalog has changed since the cursor of this page was made.
    pub moved: bool,
}

impl Query {
    /// Every entity.
    #[must_use]
    pub fn all() -> Self {
        Self::matching(Predicate::All(Vec::new()))
    }

    /// The entities a predicate holds for.
    #[must_use]
    pub fn matching(predicate: Predicate) -> Self {
        Self { predicate, order: Vec::new(), limit: None, cursor: None }
    }

    /// Only entities that this predicate holds for too: what a [`Policy`](idp_core::Policy) allows.
    #[must_use]
    pub fn restrict(mut self, predicate: Predicate) -> Self {
        self.predicate = Predicate::All(vec![self.predicate, predicate]);
        self
    }

    /// Sorts by a field, after those given before. Entities without the field come last.
    #[must_use]
    pub fn order_by(mut self, field: &str, direction: Direction) -> Self {
        self.order.push(OrderBy { field: field.to_lowercase(), direction });
        self
    }

    /// Entities per page, at most. Without it the first page holds them all.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Continues where the page that gave this cursor ended. Predicate and order must be the same.
    #[must_use]
    pub fn after(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    fn fingerprint(&self) -> Result<String> {
        let order: Vec<_> = self.order.iter().map(|by| (&by.field, by.direction)).collect();
        fingerprint(&(&self.predicate, order))
    }

    fn keys(&self, record: &Record) -> Vec<Option<SortKey>> {
        self.order.iter().map(|by| by.key(record.rows())).collect()
    }
}

type Sorted = (Vec<Option<SortKey>>, Arc<Record>);

/// Answers a query.
pub(crate) fn answer(snapshot: &Snapshot, query: &Query) -> Result<Answer> {
    let fingerprint = query.fingerprint()?;
    let start = query.cursor.as_deref().map(|cursor| Position::decode(cursor, &fingerprint)).transpose()?;
    let mut found: Vec<Sorted> = snapshot
        .select(&Matcher::new(&query.predicate)?)
        .map(|record| (query.keys(record), Arc::clone(record)))
        .collect();
    let total = found.len();
    if let Some(start) = &start {
        found.retain(|item| behind(query, item, start));
    }
    found.sort_unstable_by(|a, b| sorted(query, a, b));
    let limit = query.limit.unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = match found.last().filter(|_| more) {
        Some(last) => Some(position(snapshot, &fingerprint, last).encode()?),
        None => None,
    };
    let revision = snapshot.revision();
    let moved = start.is_some_and(|start| start.revision != revision);
    Ok(Answer { items: found.into_iter().map(|(_, record)| record).collect(), total, next, revision, moved })
}

fn sorted(query: &Query, (a_keys, a): &Sorted, (b_keys, b): &Sorted) -> Ordering {
    compare(&query.order, a_keys, b_keys).then_with(|| a.entity_ref().cmp(b.entity_ref()))
}

fn behind(query: &Query, (keys, record): &Sorted, start: &Position) -> bool {
    let ordering = compare(&query.order, keys, &start.keys);
    ordering.then_with(|| record.entity_ref().cmp(&start.entity_ref)) == Ordering::Greater
}

fn position(snapshot: &Snapshot, fingerprint: &str, (keys, record): &Sorted) -> Position {
    Position {
        query: fingerprint.to_owned(),
        revision: snapshot.revision(),
        keys: keys.clone(),
        entity_ref: record.entity_ref().clone(),
    }
}

//! A query and its answer.

use std::sync::Arc;

use idp_core::{Predicate, Result, Revision};

use super::cursor::{Position, fingerprint};
use super::order::{Direction, OrderBy};
use super::page::{Found, Page};
use super::{Matcher, Search};
use crate::snapshot::{Record, Snapshot};

/// What to find, in which order, and how much of it.
///
/// ```
/// use idp_catalog::{Direction, Query, Search};
/// use idp_core::Predicate;
///
/// let services = Query::matching(Predicate::equals("kind", "component") & Predicate::equals("spec.type", "service"))
///     .search(Search::new("payments"))
///     .order_by("spec.lifecycle", Direction::Ascending)
///     .limit(20);
/// # let _ = services;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    predicate: Predicate,
    search: Option<Search>,
    order: Vec<OrderBy>,
    offset: usize,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// One page of what a query found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The entities, each once, in the order asked for; then by what they are worth to the search; then by reference.
    pub items: Vec<Arc<Record>>,
    /// How many entities there are on all pages.
    pub total: usize,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
    /// The cursor of the page before; `None` on the first.
    pub previous: Option<String>,
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
        Self { predicate, search: None, order: Vec::new(), offset: 0, limit: None, cursor: None }
    }

    /// Only entities that this predicate holds for too: what a [`Policy`](idp_core::Policy) allows.
    #[must_use]
    pub fn restrict(mut self, predicate: Predicate) -> Self {
        self.predicate = Predicate::All(vec![self.predicate, predicate]);
        self
    }

    /// Only entities in which a text is found, the best first where no order is given.
    #[must_use]
    pub fn search(mut self, search: Search) -> Self {
        self.search = Some(search);
        self
    }

    /// Sorts by a field, after those given before. Entities without a value come last.
    #[must_use]
    pub fn order_by(self, field: &str, direction: Direction) -> Self {
        self.order(OrderBy::new(field, direction))
    }

    /// Sorts by a field, after those given before.
    #[must_use]
    pub fn order(mut self, by: OrderBy) -> Self {
        self.order.push(by);
        self
    }

    /// Entities per page, at most. Without it the first page holds them all.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Entities to pass over at the start of the first page. With a cursor it does not count.
    #[must_use]
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// The page that a cursor of an earlier answer leads to, forward or backward. Everything but the limit must be the
    /// same.
    ///
    /// A cursor holds the position it was made at, not the revision's entities. On a newer revision the pages go on from
    /// that position: an entity that keeps its place in the order comes on exactly one page, whatever else comes, goes
    /// or moves, and [`Answer::moved`] says that the catalog has changed. For pages of one and the same revision keep the
    /// [`Snapshot`].
    #[must_use]
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Everything that is found, in no particular order.
    pub(super) fn find(&self, snapshot: &Snapshot) -> Result<Vec<Found>> {
        self.search.iter().try_for_each(Search::check)?;
        let matcher = Matcher::new(&self.predicate)?;
        let records = snapshot.select(&matcher);
        Ok(records.filter_map(|record| self.found(record)).collect())
    }

    fn found(&self, record: &Arc<Record>) -> Option<Found> {
        let rank = self.search.as_ref().map_or(Some(0), |search| search.rank(record))?;
        let keys: Vec<_> = self.order.iter().map(|by| by.key(record.rows())).collect();
        let excluded = self.order.iter().zip(&keys).any(|(by, key)| by.excludes(key.as_ref()));
        (!excluded).then(|| Found { keys, rank, record: Arc::clone(record) })
    }

    fn fingerprint(&self) -> Result<String> {
        fingerprint(&(&self.predicate, &self.search, &self.order))
    }
}

/// Answers a query.
pub(crate) fn answer(snapshot: &Snapshot, query: &Query) -> Result<Answer> {
    let fingerprint = query.fingerprint()?;
    let decode = |cursor| Position::decode(cursor, &fingerprint, query.order.len());
    let start = query.cursor.as_deref().map(decode).transpose()?;
    let found = query.find(snapshot)?;
    let total = found.len();
    let limit = query.limit.unwrap_or(usize::MAX);
    let page = match &start {
        Some(start) => Page::at(start, found, &query.order, limit),
        None => Page::first(found, &query.order, query.offset, limit),
    };
    let revision = snapshot.revision();
    let cursor = |end: Option<&Found>, backward| {
        end.map(|end| end.position(&fingerprint, revision, backward).encode()).transpose()
    };
    Ok(Answer {
        total,
        next: cursor(page.items.last().filter(|_| page.more_behind), false)?,
        previous: cursor(page.items.first().filter(|_| page.more_before), true)?,
        items: page.items.into_iter().map(|found| found.record).collect(),
        revision,
        moved: start.is_some_and(|start| start.revision != revision),
    })
}

//! A query and its answer.

use idp_core::{Predicate, Result, Revision};

use super::cursor::{Position, fingerprint};
use super::fields::Fields;
use super::order::{Direction, OrderBy};
use super::page::{Found, Hits, Page};
use super::walk::{Start, Walk};
use super::{Matcher, Search, select};
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
    pub items: Vec<Record>,
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

    /// Everything that is found.
    pub(super) fn find(&self, snapshot: &Snapshot) -> Result<Hits> {
        self.search.iter().try_for_each(Search::check)?;
        let mut ids = select(snapshot, &Matcher::new(&self.predicate)?);
        for by in self.order.iter().filter(|by| by.excludes_nulls()) {
            ids = Fields::of(snapshot).valued(by.field()).intersection(&ids);
        }
        Ok(match &self.search {
            None => Hits::Plain(ids),
            Some(search) => Hits::Ranked(search.hits(snapshot, &ids)),
        })
    }

    fn page(&self, snapshot: &Snapshot, hits: &Hits, start: Option<&Position>) -> Page {
        let limit = self.limit.unwrap_or(usize::MAX);
        let order = &self.order[..];
        let walk = |wanted, backward, start: Option<Start<'_>>| {
            Walk { snapshot, order, wanted, backward, start }.take(hits)
        };
        let Some(start) = start else {
            return Page::first(|wanted| walk(wanted, false, None), self.offset, limit);
        };
        let backward = start.backward;
        let items = walk(limit.saturating_add(1), backward, Some(Start::new(start, order, false)));
        let others = walk(1, !backward, Some(Start::new(start, order, true)));
        Page::at(items, !others.is_empty(), backward, limit)
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
    let hits = query.find(snapshot)?;
    let page = query.page(snapshot, &hits, start.as_ref());
    let revision = snapshot.revision();
    let cursor = |end: Option<&Found>, backward| {
        let position = end.and_then(|end| end.position(&fingerprint, snapshot, backward));
        position.map(|position| position.encode()).transpose()
    };
    Ok(Answer {
        total: hits.len(),
        next: cursor(page.items.last().filter(|_| page.more_behind), false)?,
        previous: cursor(page.items.first().filter(|_| page.more_before), true)?,
        items: page.items.iter().filter_map(|found| snapshot.record(found.id)).collect(),
        revision,
        moved: start.is_some_and(|start| start.revision != revision),
    })
}

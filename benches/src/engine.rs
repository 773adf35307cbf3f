//! Who answers questions, and what an answer is.

use std::fmt;
use std::sync::Arc;

use idp_catalog::{
    Direction, FacetRequest, Follow, Graph, GraphQuery, Query, Reach, Record, Search, Snapshot,
};
use idp_core::{Entity, EntityRef, Predicate};

use crate::question::{Ask, PAGE, PageOf, Place, ReachOf};

/// Whatever answers questions about a company.
pub trait Engine {
    /// Everything that can be done before a question is asked; `None` where the engine has no answer to it.
    fn prepare<'e>(&'e self, ask: &'e Ask) -> Option<Prepared<'e>>;
}

/// A question that can be asked many times.
pub struct Prepared<'e>(Box<dyn Fn() -> Found + 'e>);

impl<'e> Prepared<'e> {
    /// A question that is answered like this.
    pub fn new(answer: impl Fn() -> Found + 'e) -> Self {
        Self(Box::new(answer))
    }

    /// Asks.
    #[must_use]
    pub fn ask(&self) -> Found {
        (self.0)()
    }
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}

/// What an engine answers, as it has it.
#[derive(Debug)]
pub enum Found {
    /// An entity of a snapshot.
    Record(Option<Record>),
    /// An entity of a list.
    Entity(Option<Arc<Entity>>),
    /// Entities of a snapshot, each in the place of its reference.
    Batch(Vec<Option<Record>>),
    /// A page of a snapshot.
    Records(Page<Record>),
    /// A page of a snapshot, in an order of its own.
    Ranked(Page<Record>),
    /// A page of a list.
    Entities(Page<Arc<Entity>>),
    /// A page of a database.
    Rows(Page<Row>),
    /// How many.
    Count(usize),
    /// Values and how many have them, in any order.
    Counts(Vec<(String, usize)>),
    /// Part of a snapshot's graph.
    Graph(Graph),
    /// What can be reached in a snapshot.
    Reach(Reach),
    /// References in any order.
    References(Vec<EntityRef>),
    /// References as text, in any order.
    Names(Vec<String>),
}

/// Entities in order, and how many there are on all pages; without it their order does not count.
#[derive(Debug)]
pub struct Page<T> {
    /// The entities.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: Option<usize>,
}

/// An entity of a database.
#[derive(Debug)]
pub struct Row {
    /// Its reference.
    pub entity_ref: String,
    /// Its body, as JSON.
    pub body: String,
}

impl Found {
    /// The answer as text, in which it does not matter who gave it.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Record(found) => found.iter().map(|it| it.entity_ref().to_string()).collect(),
            Self::Entity(found) => found.iter().map(|it| it.entity_ref().to_string()).collect(),
            Self::Batch(found) => {
                sorted(found.iter().flatten().map(|it| it.entity_ref().to_string()).collect())
            }
            Self::Records(page) => page.lines(|it| it.entity_ref().to_string()),
            Self::Ranked(page) => page.total.iter().map(ToString::to_string).collect(),
            Self::Entities(page) => page.lines(|it| it.entity_ref().to_string()),
            Self::Rows(page) => page.lines(|it| it.entity_ref.clone()),
            Self::Count(count) => vec![count.to_string()],
            Self::Counts(counts) => {
                sorted(counts.iter().map(|(value, count)| format!("{value} {count}")).collect())
            }
            Self::Graph(graph) => graph.nodes.keys().map(ToString::to_string).collect(),
            Self::Reach(reach) => sorted(reach.others().map(|it| it.entity_ref.to_string()).collect()),
            Self::References(found) => sorted(found.iter().map(ToString::to_string).collect()),
            Self::Names(found) => sorted(found.clone()),
        }
    }
}

impl<T> Page<T> {
    fn lines(&self, line: impl Fn(&T) -> String) -> Vec<String> {
        let lines = self.items.iter().map(line);
        match self.total {
            Some(total) => lines.chain([format!("of {total}")]).collect(),
            None => sorted(lines.collect()),
        }
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

impl Engine for Snapshot {
    fn prepare<'e>(&'e self, ask: &'e Ask) -> Option<Prepared<'e>> {
        Some(match ask {
            Ask::Entity(entity_ref) => Prepared::new(|| Found::Record(self.get(entity_ref))),
            Ask::Entities(refs) => Prepared::new(|| batch(self, refs)),
            Ask::Page(of) => page(self, of),
            Ask::Count(when) => Prepared::new(|| Found::Count(self.count(when).expect(SOUND))),
            Ask::Facet(field, when) => facet(self, field, when),
            Ask::Text(words) => {
                query(self, Query::all().search(Search::new(words)).limit(PAGE), Found::Ranked)
            }
            Ask::Neighbours(of) => {
                let query = GraphQuery::around(of.clone());
                Prepared::new(move || Found::Graph(self.graph(&query)))
            }
            Ask::Reach(of) => reach(self, of),
            Ask::OwnedBy(owner) => Prepared::new(|| Found::References(self.owned_by(owner))),
        })
    }
}

const SOUND: &str = "every question is sound";

fn batch(snapshot: &Snapshot, refs: &[EntityRef]) -> Found {
    let found = snapshot.by_refs(refs.iter().map(EntityRef::as_str), &Predicate::All(Vec::new()));
    Found::Batch(found.expect(SOUND))
}

fn query(snapshot: &Snapshot, query: Query, found: fn(Page<Record>) -> Found) -> Prepared<'_> {
    Prepared::new(move || {
        let answer = snapshot.query(&query).expect(SOUND);
        found(Page { items: answer.items, total: Some(answer.total) })
    })
}

/// The total costs nothing: it is always there.
fn page<'e>(snapshot: &'e Snapshot, of: &PageOf) -> Prepared<'e> {
    let uncounted = |page: Page<Record>| Found::Records(Page { total: None, ..page });
    query(snapshot, page_query(snapshot, of), if of.total { Found::Records } else { uncounted })
}

fn page_query(snapshot: &Snapshot, of: &PageOf) -> Query {
    let mut query = Query::matching(of.when.clone()).limit(PAGE);
    if let Some(field) = of.order {
        query = query.order_by(field, Direction::Ascending);
    }
    if of.place == Place::First {
        return query;
    }
    let half = snapshot.count(&of.when).expect(SOUND) / 2;
    let before = snapshot.query(&query.clone().offset(half.saturating_sub(PAGE))).expect(SOUND);
    query.cursor(before.next.expect("half way there are more"))
}

fn facet<'e>(snapshot: &'e Snapshot, field: &'static str, when: &Predicate) -> Prepared<'e> {
    let (query, request) = (Query::matching(when.clone()), [FacetRequest::new(field)]);
    Prepared::new(move || {
        let facet = snapshot.facets(&query, &request).expect(SOUND).remove(0);
        Found::Counts(facet.values.into_iter().map(|it| (it.value, it.count)).collect())
    })
}

fn reach<'e>(snapshot: &'e Snapshot, of: &'e ReachOf) -> Prepared<'e> {
    let follow = Follow::only(of.types.iter().copied()).depth(of.depth);
    Prepared::new(move || Found::Reach(snapshot.reach(&of.start, &follow)))
}

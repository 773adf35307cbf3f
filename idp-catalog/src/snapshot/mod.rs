//! The catalog at one revision.

mod adjacency;
mod change;
mod draft;
mod evolve;
mod explain;
mod graph;
mod image;
mod kinds;
mod met;
mod network;
mod reading;
mod record;
mod relations;
mod seen;
mod states;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use idp_core::{CatalogReader, Entity, EntityRef, Predicate, Relation, Result, Revision};

pub use change::{CatalogChange, ChangeKind};
pub(crate) use draft::{Draft, Sketch, Sketched};
pub use explain::{ClaimReport, Departure, Explanation, Standing};
pub use graph::{Edge, Follow, Graph, GraphQuery, Hop, Ownership, Reach, Reached, Way};
pub(crate) use image::{Frame, Links};
use met::Met;
use network::Network;
pub use record::Record;
use relations::ByType;
pub(crate) use relations::{RELATION_PREFIX, RelationColumn};
use seen::Seen;
pub use states::EntityState;
use states::States;
pub use view::{Claimant, Conflict, Finding};

use crate::catalog::{Claim, Departed, Precedence};
use crate::index::{Ids, Index, Ordered, Paged, Place};
use crate::query::{Answer, Facet, FacetRequest, Matcher, Query, answer, count, facets, holds};

/// Sorting one number costs as much as passing over so many that are in order.
const MANY: usize = 64;

/// The catalog at one revision: immutable, complete, cheap to clone. Queries on it never wait.
#[derive(Clone, Default)]
pub struct Snapshot {
    revision: Revision,
    network: Arc<Network>,
    seen: Paged<Option<Seen>>,
    /// The numbers of entities.
    entities: Ids,
    /// The numbers of entities, in the order of their references.
    order: Ordered,
    by_type: ByType,
    /// What the bodies of entities say.
    index: Arc<Index>,
    conflicts: Arc<BTreeMap<EntityRef, Conflict>>,
    /// All claims on entities that have several, or none that was ever valid.
    disputed: Arc<BTreeMap<EntityRef, Vec<Claim>>>,
    findings: Arc<BTreeMap<EntityRef, Vec<Finding>>>,
    /// What nobody describes any more.
    departed: Arc<BTreeMap<EntityRef, Departed>>,
    unread: Arc<Vec<Finding>>,
    precedence: Arc<Precedence>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} entities at {})", self.len(), self.revision)
    }
}

impl PartialEq for Snapshot {
    /// Two snapshots are equal where every question has the same answer.
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision
            && self.iter().eq(other.iter())
            && self.conflicts == other.conflicts
            && self.disputed == other.disputed
            && self.findings == other.findings
            && self.departed == other.departed
            && self.precedence == other.precedence
            && self.unread == other.unread
    }
}

impl Snapshot {
    /// The revision everything here is of.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// How many entities there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The entity of a reference.
    #[must_use]
    pub fn get(&self, entity_ref: &EntityRef) -> Option<Record> {
        self.record(self.number(entity_ref)?)
    }

    /// Whether there is an entity of a reference.
    #[must_use]
    pub fn contains(&self, entity_ref: &EntityRef) -> bool {
        self.number(entity_ref).is_some_and(|number| self.entities.contains(number))
    }

    /// Every entity, in the order of their references.
    pub fn iter(&self) -> impl Iterator<Item = Record> {
        self.order.from(Place::START).filter_map(|number| self.record(number))
    }

    /// The entities of a set, in the order of their references.
    pub(crate) fn iter_among(&self, ids: Ids) -> impl Iterator<Item = Record> {
        let wanted = self.order.from(Place::START).filter(move |number| ids.contains(*number));
        wanted.filter_map(|number| self.record(number))
    }

    /// The reference of every entity, in order.
    pub fn refs(&self) -> impl Iterator<Item = &EntityRef> {
        self.order.from(Place::START).filter_map(|number| self.reference(number))
    }

    /// The relations of an entity both ways: those it declares, and the ones back to those that declare it.
    ///
    /// Answers for an entity that is not there too: who points at it.
    #[must_use]
    pub fn relations(&self, entity_ref: &EntityRef) -> Vec<Relation> {
        if let Some(record) = self.get(entity_ref) {
            return record.relations();
        }
        let number = self.number(entity_ref).into_iter();
        let back = number.flat_map(|number| record::incoming(number, &self.network));
        let back: BTreeSet<Relation> = back.collect();
        back.into_iter().collect()
    }

    /// Answers a query.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] for a cursor that is none, or that belongs to another query; for a search
    /// that is too long; and as [`Matcher::new`].
    pub fn query(&self, query: &Query) -> Result<Answer> {
        answer(self, query)
    }

    /// How many entities a predicate holds for.
    ///
    /// # Errors
    /// As [`Matcher::new`].
    pub fn count(&self, predicate: &Predicate) -> Result<usize> {
        Ok(count(self, &Matcher::new(predicate)?))
    }

    /// Whether a predicate holds for an entity; false for one that is not there. To ask about many entities, make a
    /// [`Matcher`].
    ///
    /// # Errors
    /// As [`Matcher::new`].
    pub fn matches(&self, predicate: &Predicate, entity_ref: &EntityRef) -> Result<bool> {
        let matcher = Matcher::new(predicate)?;
        Ok(self.get(entity_ref).is_some_and(|record| matcher.matches(&record)))
    }

    /// The values of fields among the entities of a query, with their counts. Order and pages of the query do not
    /// count, but a field that excludes entities without a value does.
    ///
    /// # Errors
    /// As [`Snapshot::query`].
    pub fn facets(&self, query: &Query, requests: &[FacetRequest]) -> Result<Vec<Facet>> {
        facets(self, query, requests)
    }

    /// The entities of many references, each in the place of its reference; `None` for one that is not there, that the
    /// predicate does not hold for, or that is no reference.
    ///
    /// # Errors
    /// As [`Matcher::new`].
    pub fn by_refs<'r>(
        &self,
        refs: impl IntoIterator<Item = &'r str>,
        predicate: &Predicate,
    ) -> Result<Vec<Option<Record>>> {
        let matcher = Matcher::new(predicate)?;
        let find = |text: &str| {
            let number = self.number(&text.parse().ok()?)?;
            self.record(number).filter(|_| matcher.is_everything() || holds(self, &matcher, number))
        };
        Ok(refs.into_iter().map(find).collect())
    }

    /// The entities around a start, or all of them, with the relations between them.
    #[must_use]
    pub fn graph(&self, query: &GraphQuery) -> Graph {
        graph::collect(self, query)
    }

    /// Everything that can be reached from an entity along relations, whether it is there or not: the transitive
    /// closure, with a shortest path to each.
    #[must_use]
    pub fn reach(&self, start: &EntityRef, follow: &Follow) -> Reach {
        graph::reach(self, start, follow)
    }

    /// A shortest path from one entity to another; empty where they are the same, `None` where there is none.
    #[must_use]
    pub fn path(&self, from: &EntityRef, to: &EntityRef, follow: &Follow) -> Option<Vec<Hop>> {
        graph::path(self, from, to, follow)
    }

    /// What is affected if an entity goes: [`Snapshot::reach`] along [`Follow::dependents`]. Of each the path shows why.
    #[must_use]
    pub fn impact(&self, entity_ref: &EntityRef) -> Reach {
        self.reach(entity_ref, &Follow::dependents())
    }

    /// The groups of entities of which each leads to each other one, and the entities that lead to themselves; sorted.
    ///
    /// Ask about few types, and one way: most relations lead back under another name.
    #[must_use]
    pub fn cycles(&self, follow: &Follow) -> Vec<Vec<EntityRef>> {
        graph::cycles(self, follow)
    }

    /// Who owns an entity: the owners it names, the groups above them, the users behind them.
    #[must_use]
    pub fn ownership(&self, entity_ref: &EntityRef) -> Ownership {
        graph::ownership(self, entity_ref)
    }

    /// Everything that a group or the groups below it own, or that a user or the groups the user is a member of own;
    /// sorted.
    #[must_use]
    pub fn owned_by(&self, owner: &EntityRef) -> Vec<EntityRef> {
        graph::owned_by(self, owner)
    }

    /// The members of a group and of the groups below it; sorted.
    #[must_use]
    pub fn members_of(&self, group: &EntityRef) -> Vec<EntityRef> {
        graph::members_of(self, group)
    }

    /// The groups that an entity is a member of, directly or through a group below; nearest first.
    #[must_use]
    pub fn groups_of(&self, member: &EntityRef) -> Vec<EntityRef> {
        graph::groups_of(self, member)
    }

    /// Relations that lead nowhere: who declares them, in which field, and what they name.
    pub fn dangling(&self) -> impl Iterator<Item = Edge> {
        self.order.from(Place::START).flat_map(|number| graph::dangling_of(self, number))
    }

    /// How a reference stands.
    #[must_use]
    pub fn state(&self, entity_ref: &EntityRef) -> EntityState {
        States::new(self).of(entity_ref)
    }

    /// How every reference stands that was ever claimed, in their order: entities, and what is not there because it is
    /// pending, quarantined or gone. Of those that are gone the last 10,000 are known.
    pub fn states(&self) -> impl Iterator<Item = (&EntityRef, EntityState)> {
        let states = States::new(self);
        states.references().into_iter().map(move |entity_ref| (entity_ref, states.of(entity_ref)))
    }

    /// The references that stand like this, in their order.
    ///
    /// ```
    /// # use idp_catalog::{EntityState, Snapshot};
    /// # fn example(snapshot: &Snapshot) {
    /// for entity_ref in snapshot.in_state(EntityState::Stale) {
    ///     println!("{}", snapshot.explain(entity_ref).reason);
    /// }
    /// # }
    /// ```
    pub fn in_state(&self, state: EntityState) -> impl Iterator<Item = &EntityRef> {
        self.states().filter(move |(_, it)| *it == state).map(|(entity_ref, _)| entity_ref)
    }

    /// The whole story of a reference, whether there is such an entity or not: who describes it, who counts and why,
    /// what is wrong, what points at it.
    ///
    /// ```
    /// # use idp_catalog::{EntityState, Snapshot};
    /// # fn example(snapshot: &Snapshot) -> Result<(), idp_core::ParseRefError> {
    /// let explanation = snapshot.explain(&"component:default/cart".parse()?);
    /// if explanation.state == EntityState::Stale {
    ///     println!("{}", explanation.reason);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn explain(&self, entity_ref: &EntityRef) -> Explanation {
        explain::explain(self, entity_ref)
    }

    /// Entities that several locations claim.
    pub fn conflicts(&self) -> impl Iterator<Item = (&EntityRef, &Conflict)> {
        self.conflicts.iter()
    }

    /// What is wrong with documents: those that name an entity first, then those that do not.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.values().flatten().chain(self.unread.iter())
    }

    /// Whether the word of one source counts more than that of another.
    fn outranks(&self, source: &str, other: &str) -> bool {
        self.precedence.rank(source) < self.precedence.rank(other)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The numbers of entities.
    pub(crate) fn entities(&self) -> &Ids {
        &self.entities
    }

    /// The number of a reference, whether there is such an entity or not.
    pub(crate) fn number(&self, entity_ref: &EntityRef) -> Option<u32> {
        self.network.directory.number(entity_ref)
    }

    /// The reference of a number.
    pub(crate) fn reference(&self, number: u32) -> Option<&EntityRef> {
        self.network.directory.get(number)
    }

    pub(crate) fn record(&self, number: u32) -> Option<Record> {
        Some(Record::new(self.seen(number)?, number, &self.network))
    }

    /// Numbers in the order of their references.
    fn in_order(&self, mut numbers: Vec<u32>) -> Vec<u32> {
        let directory = &self.network.directory;
        if numbers.len() * MANY < self.len() {
            numbers.sort_unstable_by(|a, b| directory.text(*a).cmp(directory.text(*b)));
            return numbers;
        }
        // Entities are in order already; what is not there has to be sorted in.
        let mut wanted = Met::below(directory.end());
        numbers.iter().for_each(|number| _ = wanted.add(*number, true));
        let count = numbers.len();
        let absent = self.absent(numbers);
        let mut absent = absent.into_iter().peekable();
        let mut found = Vec::with_capacity(count);
        for number in self.order.from(Place::START).filter(|number| wanted.has(*number)) {
            while let Some(before) = absent.next_if(|it| directory.text(*it) < directory.text(number)) {
                found.push(before);
            }
            found.push(number);
        }
        found.extend(absent);
        found
    }

    /// Those of some numbers that are not in the catalog, in the order of their references.
    fn absent(&self, mut numbers: Vec<u32>) -> Vec<u32> {
        numbers.retain(|number| self.seen(*number).is_none());
        numbers.sort_unstable_by(|a, b| self.network.directory.text(*a).cmp(self.network.directory.text(*b)));
        numbers
    }

    /// The entity of a number, if there is one.
    fn seen(&self, number: u32) -> Option<&Seen> {
        self.seen.get(number).as_ref()
    }

    /// Whether nothing is known but what is wrong.
    fn is_blank(&self) -> bool {
        // Who is pointed at is pointed at by an entity.
        self.entities.is_empty()
    }

    /// The numbers of the entities whose references begin with a kind, `component:`, in their order; from one of them on.
    pub(crate) fn of_kind(
        &self,
        kind: &str,
        first: Option<&EntityRef>,
    ) -> impl Iterator<Item = u32> + use<'_> {
        let kind = kind.to_owned();
        let place = self.place(first.map_or(&kind, EntityRef::as_str));
        let numbers = self.order.from(place);
        numbers.take_while(move |number| self.network.directory.text(*number).starts_with(&kind))
    }

    /// As [`Snapshot::of_kind`], backwards.
    pub(crate) fn of_kind_backwards(
        &self,
        kind: &str,
        last: Option<&EntityRef>,
    ) -> impl Iterator<Item = u32> + use<'_> {
        let kind = kind.to_owned();
        let directory = &self.network.directory;
        let place = match last {
            Some(last) => self.order.partition_point(|it| directory.text(it) <= last.as_str()),
            // Nothing of a kind comes behind the character after its colon.
            None => self.place(&kind.replace(':', ";")),
        };
        let numbers = self.order.back_from(place);
        numbers.take_while(move |number| directory.text(*number).starts_with(&kind))
    }

    fn place(&self, text: &str) -> Place {
        self.order.partition_point(|number| self.network.directory.text(number) < text)
    }
}

impl CatalogReader for Snapshot {
    fn entity(&self, entity: &EntityRef) -> Option<Entity> {
        self.get(entity).map(|record| record.entity())
    }

    fn revision(&self) -> Revision {
        self.revision
    }
}

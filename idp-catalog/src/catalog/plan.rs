//! From what a source says to what changes.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use idp_core::EntityRef;

use super::change::{Cause, Change, Claimed, Released, Unread};
use super::claim::Claim;
use super::judged::{Judged, Said};
use super::options::{OrphanPolicy, RemovalGuard, Terms};
use super::report::Counts;
use super::state::State;
use crate::StoredDiagnostic;
use crate::finding::shared;
use crate::history::Attribution;
use crate::index::Ids;

/// What a source said in one pass.
pub(super) struct Answer<'a> {
    pub(super) source: &'a Arc<str>,
    /// On whose behalf.
    pub(super) by: Option<Arc<Attribution>>,
    pub(super) read: &'a BTreeMap<Arc<str>, Judged>,
    /// What is not said is released only where it says everything.
    pub(super) whole: Whole<'a>,
    /// Whether what Location entities lead to is part of the answer.
    pub(super) follows: bool,
}

/// Where an answer says everything there is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whole<'a> {
    /// Nowhere: something is missing.
    Nowhere,
    /// Everywhere.
    Everywhere,
    /// In these locations, and about these entities.
    Here(&'a BTreeSet<Arc<str>>, &'a BTreeSet<EntityRef>),
}

impl Whole<'_> {
    fn covers(self, location: &Arc<str>) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Everywhere => true,
            Self::Here(locations, _) => locations.contains(location),
        }
    }

    /// Whether a description that is not in the answer stays where it is.
    fn leaves(self, location: &Arc<str>, entity_ref: &EntityRef) -> bool {
        matches!(self, Self::Here(locations, entities)
            if !locations.contains(location) && !entities.contains(entity_ref))
    }
}

/// The changes that make the state say what the source says.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) changes: Vec<Change>,
    pub(super) counts: Counts,
    /// What the source no longer has and the guard keeps.
    pub(super) held: BTreeSet<EntityRef>,
    /// How many entities the source had before.
    pub(super) spoken: usize,
    /// A location that cannot be read and led to others before: what they hold is not missing.
    pub(super) lost: Option<Arc<str>>,
}

/// Plans the changes. Removals that the guard stops are held back; nothing else is.
pub(super) fn plan(state: &State, answer: &Answer<'_>, terms: &Terms) -> Plan {
    let keep = terms.orphans == OrphanPolicy::Keep;
    let mut planner = Planner { state, answer, cause: Cause::Gone, keep, plan: Plan::new(state, terms) };
    planner.run(terms.guard);
    planner.plan
}

/// The changes that forget a source.
pub(super) fn forget(state: &State, source: &Arc<str>, by: Option<Arc<Attribution>>, terms: &Terms) -> Plan {
    let answer = Answer { source, by, read: &BTreeMap::new(), whole: Whole::Everywhere, follows: false };
    let (cause, plan) = (Cause::Forgotten, Plan::new(state, terms));
    let mut planner = Planner { state, answer: &answer, cause, keep: false, plan };
    planner.run(RemovalGuard::off());
    planner.plan
}

/// The change that removes an orphan, where there is one.
pub(super) fn remove_orphan(state: &State, entity_ref: &EntityRef, by: Option<Arc<Attribution>>) -> Plan {
    let mut plan = Plan::default();
    let orphan = state.departures.get(entity_ref).filter(|it| it.claim.body.is_some());
    plan.changes.extend(orphan.map(|departed| {
        Change::Released(Released {
            source: Arc::clone(&departed.claim.source),
            location: Arc::clone(&departed.claim.location),
            entity_ref: entity_ref.clone(),
            cause: Cause::Removed,
            keep: false,
            by,
        })
    }));
    plan.counts.removed = plan.changes.len();
    plan
}

impl Plan {
    /// Starts with the precedence, where it is to be another one.
    fn new(state: &State, terms: &Terms) -> Self {
        let precedence = terms.precedence.as_ref().filter(|it| **it != state.precedence);
        Self { changes: precedence.cloned().map(Change::Ranked).into_iter().collect(), ..Self::default() }
    }
}

struct Planner<'a> {
    state: &'a State,
    answer: &'a Answer<'a>,
    /// Why what is released is released.
    cause: Cause,
    /// Whether released entities stay visible.
    keep: bool,
    plan: Plan,
}

/// A location whose documents cannot be read and were Location entities before.
fn lost(state: &State, answer: &Answer<'_>) -> Option<Arc<str>> {
    let spoken = state.spoken.get(answer.source).filter(|_| answer.follows)?;
    let entity_ref = |number| state.directory.get(number);
    let unreadable = answer.read.iter().filter(|(_, judged)| !judged.unread.is_empty());
    let mut lost = unreadable.filter(|(location, judged)| {
        let before = spoken.get(*location).into_iter().flat_map(Ids::iter).filter_map(entity_ref);
        before.into_iter().any(|it| it.kind() == "location" && !judged.entities.has(it))
    });
    lost.next().map(|(location, _)| Arc::clone(location))
}

impl<'a> Planner<'a> {
    fn run(&mut self, guard: RemovalGuard) {
        self.plan.lost = lost(self.state, self.answer);
        for (location, judged) in self.answer.read {
            self.location(location, judged);
        }
        // Releases come last, so that an entity that moved between files is never without a claim.
        self.releases(guard);
        self.readable_again();
    }

    /// Where the answer says everything, given what the source led to before.
    fn whole(&self) -> Whole<'_> {
        if self.plan.lost.is_some() { Whole::Nowhere } else { self.answer.whole }
    }

    fn location(&mut self, location: &Arc<str>, judged: &Judged) {
        for (entity_ref, said) in judged.entities.iter() {
            self.entity(location, entity_ref, said);
        }
        let key = (Arc::clone(self.answer.source), Arc::clone(location));
        let known = self.state.unread.get(&key).map_or(&[][..], |known| known);
        self.plan.counts.unread += usize::from(!judged.unread.is_empty());
        if known != judged.unread {
            self.unread(location, shared(judged.unread.clone()));
        }
    }

    fn entity(&mut self, location: &Arc<str>, entity_ref: &EntityRef, said: &Said) {
        let number = self.state.directory.number(entity_ref);
        let claims = number.map_or(&[][..], |number| self.state.claims(number));
        let known = claims.iter().find(|claim| claim.is_of(self.answer.source, location));
        self.plan.counts.quarantined += usize::from(said.body.is_none());
        let moved = known.is_none() && self.has_moved(entity_ref, claims);
        let winner = number.and_then(|number| self.state.valid_winner(number));
        let another = winner.is_some_and(|it| !it.is_of(self.answer.source, location));
        self.plan.counts.conflicting += usize::from(another && !moved);
        let same_body = known.is_some_and(|claim| match &said.body {
            Some(body) => !claim.quarantined && claim.body.as_ref() == Some(body),
            None => claim.quarantined && claim.incomplete == said.incomplete,
        });
        if same_body && known.is_some_and(|claim| *claim.diagnostics == *said.diagnostics) {
            self.plan.counts.unchanged += 1;
            return;
        }
        match known {
            None => self.plan.counts.added += 1,
            Some(_) => self.plan.counts.updated += 1,
        }
        self.plan.changes.push(Change::Claimed(Claimed {
            source: Arc::clone(self.answer.source),
            location: Arc::clone(location),
            entity_ref: entity_ref.clone(),
            body: said.body.clone(),
            incomplete: said.incomplete,
            moved,
            diagnostics: shared(said.diagnostics.clone()),
            by: self.answer.by.clone(),
        }));
    }

    /// Whether the source describes an entity that it is not seen to describe where it did before.
    fn has_moved(&self, entity_ref: &EntityRef, claims: &[Arc<Claim>]) -> bool {
        claims.iter().filter(|claim| claim.source == *self.answer.source).any(|claim| {
            let read = self.answer.read.get(&claim.location);
            let seen = read.is_some_and(|judged| judged.entities.has(entity_ref));
            !seen && !self.answer.whole.leaves(&claim.location, entity_ref)
        })
    }

    fn unread(&mut self, location: &Arc<str>, diagnostics: Arc<[StoredDiagnostic]>) {
        let (source, location) = (Arc::clone(self.answer.source), Arc::clone(location));
        self.plan.changes.push(Change::Unread(Unread { source, location, diagnostics }));
    }

    /// Releases what the source no longer speaks of.
    fn releases(&mut self, guard: RemovalGuard) {
        let mut released = self.missing();
        if released.is_empty() {
            return;
        }
        let kept = self.kept();
        let lost: BTreeSet<&EntityRef> =
            released.iter().map(|(_, it)| *it).filter(|it| !kept.contains(it)).collect();
        let spoken = self.spoken().into_iter().flat_map(BTreeMap::values);
        self.plan.spoken = Ids::union(spoken).len();
        if guard.stops(lost.len(), self.plan.spoken) {
            released.retain(|(_, it)| !lost.contains(it));
            self.plan.held = lost.into_iter().cloned().collect();
        }
        for (location, entity_ref) in released {
            self.release(location, entity_ref);
        }
    }

    fn spoken(&self) -> Option<&'a BTreeMap<Arc<str>, Ids>> {
        self.state.spoken.get(self.answer.source)
    }

    /// What the source spoke of and does not any more, where the answer says everything; in order.
    fn missing(&self) -> Vec<(&'a Arc<str>, &'a EntityRef)> {
        let (Some(spoken), state) = (self.spoken(), self.state) else { return Vec::new() };
        let is_missing = |(location, entity_ref): &(&Arc<str>, &EntityRef)| {
            let judged = self.answer.read.get(*location);
            // A document that cannot be read may be any of those that seem to be missing.
            !judged.is_some_and(|it| !it.unread.is_empty() || it.entities.has(entity_ref))
        };
        let all = |(location, numbers): (&'a Arc<str>, &'a Ids)| {
            numbers.iter().filter_map(move |number| Some((location, state.directory.get(number)?)))
        };
        let mut missing: Vec<_> = match self.whole() {
            Whole::Nowhere => Vec::new(),
            Whole::Everywhere => spoken.iter().flat_map(all).filter(is_missing).collect(),
            Whole::Here(locations, entities) => {
                let here = locations.iter().filter_map(|location| spoken.get_key_value(location));
                let named = entities.iter().flat_map(|entity_ref| self.places_of(entity_ref));
                here.flat_map(all).chain(named).filter(is_missing).collect()
            }
        };
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// Where the source speaks of an entity.
    fn places_of(
        &self,
        entity_ref: &EntityRef,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a EntityRef)> + use<'a> {
        let number = self.state.directory.number(entity_ref);
        let claims = number.map_or(&[][..], |number| self.state.claims(number));
        let source = self.answer.source;
        claims.iter().filter(move |it| it.source == *source).map(|it| (&it.location, &it.entity_ref))
    }

    /// What the answer speaks of, and what it may speak of in documents that cannot be read.
    fn kept(&self) -> HashSet<&'a EntityRef> {
        let (answer, state) = (self.answer, self.state);
        let unreadable = answer.read.iter().filter(|(_, judged)| !judged.unread.is_empty());
        let spoken = unreadable.filter_map(|(location, _)| self.spoken()?.get(location));
        let perhaps = spoken.flat_map(Ids::iter).filter_map(|number| state.directory.get(number));
        answer.read.values().flat_map(|judged| judged.entities.refs()).chain(perhaps).collect()
    }

    fn release(&mut self, location: &Arc<str>, entity_ref: &EntityRef) {
        self.plan.counts.removed += 1;
        self.plan.changes.push(Change::Released(Released {
            source: Arc::clone(self.answer.source),
            location: Arc::clone(location),
            entity_ref: entity_ref.clone(),
            cause: self.cause,
            keep: self.keep,
            by: self.answer.by.clone(),
        }));
    }

    /// Forgets what could not be read in locations that are gone.
    fn readable_again(&mut self) {
        for (source, location) in self.state.unread.keys() {
            let ours = source == self.answer.source && self.whole().covers(location);
            if ours && !self.answer.read.contains_key(location) {
                self.unread(location, Arc::default());
            }
        }
    }
}

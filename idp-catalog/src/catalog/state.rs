//! What the events add up to: every claim of every source.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{EntityRef, Revision, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::{Cause, Change, Claimed, Released, Unread};
use super::claim::{Claim, Claims};
use super::departed::{Departed, Departures, orphaned};
use super::precedence::Precedence;
use crate::StoredDiagnostic;
use crate::body::{Body, Packer};
use crate::directory::Directory;
use crate::index::{Ids, Paged};
use crate::snapshot::Links;

/// When the entity that others see last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changed {
    pub(crate) revision: Revision,
    pub(crate) time: Timestamp,
}

/// A source, and a location in it.
pub(super) type Place = (Arc<str>, Arc<str>);

/// A reference as an image has it.
pub(super) struct Restored {
    /// `None` where the number is nobody's.
    pub(super) entity_ref: Option<EntityRef>,
    /// The claims on it, with the numbers of their places.
    pub(super) claims: Vec<(usize, Claim)>,
    pub(super) changed: Option<Changed>,
    pub(super) links: Links,
}

/// Everything the log says, ready for the next change. References have numbers, which the snapshots share.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) revision: Revision,
    /// The latest time of any event so far.
    pub(crate) latest: Timestamp,
    pub(crate) directory: Directory,
    held: Paged<Held>,
    /// What could not be read, by source and location.
    pub(crate) unread: BTreeMap<Place, Arc<[StoredDiagnostic]>>,
    /// Which entities each location of each source speaks of.
    pub(crate) spoken: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Ids>>,
    /// Whose word counts.
    pub(crate) precedence: Precedence,
    /// Entities that nobody describes any more.
    pub(crate) departures: Departures,
    /// What documents are packed with.
    pub(crate) packer: Packer,
}

/// What is said about one entity.
#[derive(Debug, Clone, Default, PartialEq)]
struct Held {
    claims: Claims,
    changed: Option<Changed>,
}

/// What a change may have an effect on.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Numbers, some perhaps several times.
    numbers: Vec<u32>,
    /// Whether what could not be read is something else.
    pub(crate) unread: bool,
}

impl Touched {
    /// These, and what could not be read.
    pub(crate) fn all(numbers: Vec<u32>) -> Self {
        Self { numbers, unread: true }
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && !self.unread
    }

    /// Adds what another change may have an effect on.
    pub(crate) fn add(&mut self, other: Self) {
        self.numbers.extend(other.numbers);
        self.unread |= other.unread;
    }

    /// The numbers of the entities, each once, ascending.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        let mut numbers = self.numbers.clone();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

impl State {
    /// A state with nothing in it, that packs documents like others of the same catalog.
    pub(crate) fn with(packer: Packer) -> Self {
        Self { packer, ..Self::default() }
    }

    /// How many things a copy of the state has for itself: locations, what could not be read, what is departed.
    pub(super) fn unshared(&self) -> usize {
        let locations: usize = self.spoken.values().map(BTreeMap::len).sum();
        locations + self.unread.len() + self.departures.len()
    }

    /// The claim that is seen by others: the first valid one of the weightiest source, or what an orphan left.
    pub(crate) fn winner(&self, number: u32) -> Option<&Arc<Claim>> {
        self.valid_winner(number).or_else(|| self.orphan(number))
    }

    /// As [`State::winner`], without orphans.
    pub(super) fn valid_winner(&self, number: u32) -> Option<&Arc<Claim>> {
        let valid = self.claims(number).iter().filter(|claim| claim.body.is_some());
        valid.min_by_key(|claim| self.precedence.rank(&claim.source))
    }

    fn orphan(&self, number: u32) -> Option<&Arc<Claim>> {
        if self.departures.is_empty() {
            return None;
        }
        self.departed(number).map(|it| &it.claim).filter(|claim| claim.body.is_some())
    }

    /// What is left of an entity that nobody describes any more.
    pub(crate) fn departed(&self, number: u32) -> Option<&Departed> {
        self.departures.get(self.directory.get(number)?)
    }

    /// The claims on an entity.
    pub(crate) fn claims(&self, number: u32) -> &[Arc<Claim>] {
        self.held.get(number).claims.as_slice()
    }

    /// The claims on an entity in the order in which they count.
    pub(crate) fn ranked(&self, number: u32) -> Vec<&Arc<Claim>> {
        let mut claims: Vec<&Arc<Claim>> = self.claims(number).iter().collect();
        if claims.len() > 1 {
            claims.sort_by_key(|claim| self.precedence.rank(&claim.source));
        }
        claims
    }

    /// When the entity that others see last changed.
    pub(crate) fn changed(&self, number: u32) -> Option<Changed> {
        self.held.get(number).changed
    }

    /// As [`State::changed`], of a reference.
    pub(crate) fn changed_of(&self, entity_ref: &EntityRef) -> Option<Changed> {
        self.changed(self.directory.number(entity_ref)?)
    }

    /// The number of every reference that was ever claimed and is still remembered, ascending.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        (0..self.directory.end()).filter(|number| self.is_remembered(*number))
    }

    /// Whether there is anything to say about a number.
    pub(crate) fn is_remembered(&self, number: u32) -> bool {
        !self.claims(number).is_empty() || self.departed(number).is_some()
    }

    /// Takes one change in.
    pub(crate) fn apply(&mut self, change: Change, at: Changed, touched: &mut Touched) {
        self.pass(at);
        match change {
            Change::Claimed(claimed) => self.claimed(claimed, at, touched),
            Change::Released(released) => self.released(&released, at, touched),
            Change::Unread(unread) => {
                self.set_unread(unread);
                touched.unread = true;
            }
            Change::Ranked(precedence) => self.rank(precedence, at, touched),
        }
    }

    /// Takes changes in that were written at one time, the first of them behind a revision.
    pub(super) fn apply_all(&mut self, changes: &[Change], after: Revision, time: Timestamp) -> Touched {
        let mut touched = Touched::default();
        for (revision, change) in (after.0 + 1..).zip(changes) {
            self.apply(change.clone(), Changed { revision: Revision(revision), time }, &mut touched);
        }
        touched
    }

    /// Takes note that something happened.
    pub(crate) fn pass(&mut self, at: Changed) {
        self.revision = at.revision;
        self.latest = self.latest.max(at.time);
    }

    fn claimed(&mut self, mut claimed: Claimed, at: Changed, touched: &mut Touched) {
        // What was drafted is claimed in the order of the numbers that it has already.
        let next = touched.numbers.last().map_or(0, |number| number + 1);
        let number = self.directory.ensure_guessing(&claimed.entity_ref, next);
        (claimed.source, claimed.location) = self.speak(claimed.source, claimed.location, number);
        self.watching_winner(number, at, touched, |state| {
            let claims = &mut state.held.get_mut(number).claims;
            let entity_ref = claimed.entity_ref.clone();
            claims.put(claimed);
            // What was never valid does not make an orphan anybody's again.
            if claims.as_slice().iter().any(|claim| claim.body.is_some()) {
                state.departures.remove(&entity_ref);
            }
        });
    }

    /// Notes that a location speaks of an entity. Gives the names of both as they are known already: claims share them.
    fn speak(&mut self, source: Arc<str>, location: Arc<str>, number: u32) -> (Arc<str>, Arc<str>) {
        let known = self.spoken.get_key_value(&source).map(|(source, _)| Arc::clone(source));
        let source = known.unwrap_or(source);
        let locations = self.spoken.entry(Arc::clone(&source)).or_default();
        let known = locations.get_key_value(&location).map(|(location, _)| Arc::clone(location));
        let location = known.unwrap_or(location);
        locations.entry(Arc::clone(&location)).or_default().insert(number);
        (source, location)
    }

    fn released(&mut self, released: &Released, at: Changed, touched: &mut Touched) {
        let Some(number) = self.directory.number(&released.entity_ref) else { return };
        // What is removed is an orphan: it is no claim, and a claim of the same location stays.
        if released.cause != Cause::Removed {
            self.unspoken(released, number);
        }
        let mut forgotten = None;
        self.watching_winner(number, at, touched, |state| {
            forgotten = state.release(number, released, at);
        });
        let forgotten = forgotten.and_then(|entity_ref| self.directory.number(&entity_ref));
        touched.numbers.extend(forgotten);
    }

    fn unspoken(&mut self, released: &Released, number: u32) {
        let Some(locations) = self.spoken.get_mut(&released.source) else { return };
        if let Some(spoken) = locations.get_mut(&released.location) {
            spoken.remove(number);
            if spoken.is_empty() {
                locations.remove(&released.location);
            }
        }
        if locations.is_empty() {
            self.spoken.remove(&released.source);
        }
    }

    /// Ends a claim, and remembers the entity where it was the last one. Gives whom it cannot remember any more.
    fn release(&mut self, number: u32, released: &Released, at: Changed) -> Option<EntityRef> {
        let entity_ref = &released.entity_ref;
        let last_good = self.changed(number);
        if released.cause == Cause::Removed {
            let departed = self.departures.remove(entity_ref)?;
            let claim = Arc::new(Claim { body: None, ..Arc::unwrap_or_clone(departed.claim) });
            let departed = Departed { claim, cause: Cause::Removed, left: at, ..departed };
            return self.departures.insert(entity_ref.clone(), departed);
        }
        let claims = &mut self.held.get_mut(number).claims;
        let claim = claims.take(&released.source, &released.location)?;
        let known = self.departures.get(entity_ref);
        // A claim that was never valid takes nothing from what was left before it.
        if *claims != Claims::None || (claim.body.is_none() && known.is_some()) {
            return None;
        }
        let entity = claim.entity().filter(|_| released.keep).and_then(|entity| orphaned(&entity));
        let body = entity.map(|entity| self.packer.pack(&entity));
        let claim = Arc::new(Claim { body, ..Arc::unwrap_or_clone(claim) });
        let departed = Departed { claim, cause: released.cause, left: at, last_good };
        self.departures.insert(entity_ref.clone(), departed)
    }

    fn set_unread(&mut self, unread: Unread) {
        let key = (unread.source, unread.location);
        if unread.diagnostics.is_empty() {
            self.unread.remove(&key);
        } else {
            self.unread.insert(key, unread.diagnostics);
        }
    }

    fn rank(&mut self, precedence: Precedence, at: Changed, touched: &mut Touched) {
        let seen: Vec<_> = self.disputed().map(|it| (it, self.body(it).cloned())).collect();
        self.precedence = precedence;
        for (number, before) in seen {
            self.note(number, before.as_ref(), at, touched);
        }
    }

    /// The entities that several locations describe.
    fn disputed(&self) -> impl Iterator<Item = u32> {
        (0..self.directory.end()).filter(|number| self.claims(*number).len() > 1)
    }

    /// The body that others see.
    fn body(&self, number: u32) -> Option<&Body> {
        self.winner(number)?.body.as_ref()
    }

    /// Changes the claims on an entity, and notes when that changes what others see.
    fn watching_winner(
        &mut self,
        number: u32,
        at: Changed,
        touched: &mut Touched,
        change: impl FnOnce(&mut Self),
    ) {
        let before = self.body(number).cloned();
        change(self);
        self.note(number, before.as_ref(), at, touched);
    }

    fn note(&mut self, number: u32, before: Option<&Body>, at: Changed, touched: &mut Touched) {
        match self.body(number) {
            None => self.set_changed(number, None),
            after if after == before => {}
            Some(_) => self.set_changed(number, Some(at)),
        }
        touched.numbers.push(number);
    }

    fn set_changed(&mut self, number: u32, changed: Option<Changed>) {
        if self.changed(number) != changed {
            self.held.get_mut(number).changed = changed;
        }
    }

    /// The bodies that claims have.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &Body> {
        let claims = (0..self.directory.end()).flat_map(|number| self.claims(number));
        claims.filter_map(|claim| claim.body.as_ref())
    }

    /// Takes in what the parts of an image say about references, in the order of their numbers; with it, how they are
    /// related.
    pub(super) fn restore_all(&mut self, parts: Vec<Vec<Restored>>, places: &[Place]) -> Vec<Links> {
        let count: usize = parts.iter().map(Vec::len).sum();
        let mut links = Vec::with_capacity(count);
        let mut spoken = vec![Vec::new(); places.len()];
        let held = &mut self.held;
        let take = |(restored, number): (Restored, u32)| {
            let Restored { entity_ref, claims, changed, links: related } = restored;
            links.push(related);
            let claim = |(place, claim): (usize, Claim)| {
                spoken[place].push(number);
                Arc::new(claim)
            };
            let claims: Vec<Arc<Claim>> = claims.into_iter().map(claim).collect();
            if !claims.is_empty() || changed.is_some() {
                held.set(number, Held { claims: claims.into(), changed });
            }
            entity_ref
        };
        let all = parts.into_iter().flatten();
        self.directory = Directory::of(all.zip(0..).map(take), count as u32);
        for ((source, location), numbers) in places.iter().zip(spoken) {
            let locations = self.spoken.entry(Arc::clone(source)).or_default();
            locations.insert(Arc::clone(location), numbers.into_iter().collect());
        }
        links
    }

    /// Takes in what a checkpoint says about an entity.
    pub(super) fn restore(&mut self, entity_ref: &EntityRef, claims: Vec<Claim>, changed: Option<Changed>) {
        let number = self.directory.ensure(entity_ref);
        let spoken = |mut claim: Claim| {
            (claim.source, claim.location) = self.speak(claim.source, claim.location, number);
            Arc::new(claim)
        };
        let claims: Vec<Arc<Claim>> = claims.into_iter().map(spoken).collect();
        *self.held.get_mut(number) = Held { claims: claims.into(), changed };
    }

    /// Takes in what a checkpoint says about an entity that nobody describes any more.
    pub(super) fn restore_departed(
        &mut self,
        entity_ref: EntityRef,
        departed: Departed,
        changed: Option<Changed>,
    ) {
        let number = self.directory.ensure(&entity_ref);
        if changed.is_some() {
            self.set_changed(number, changed);
        }
        self.departures.insert(entity_ref, departed);
    }
}

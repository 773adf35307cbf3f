//! What the events add up to: every claim of every source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{Entity, EntityRef, Revision, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::{Cause, Change, Claimed, Released, Unread};
use super::departed::{Departed, Departures, orphaned};
use super::precedence::Precedence;
use crate::StoredDiagnostic;
use crate::history::Attribution;

/// What one location says about one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claim {
    pub(crate) source: Arc<str>,
    pub(crate) location: Arc<str>,
    /// The last good body; `None` where there never was one.
    pub(crate) entity: Option<Entity>,
    /// Whether what the location says now is not valid.
    pub(crate) quarantined: bool,
    /// Whether it is not valid only because a part of it could not be fetched.
    #[serde(default)]
    pub(crate) incomplete: bool,
    pub(crate) diagnostics: Vec<StoredDiagnostic>,
    /// On whose behalf it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<Arc<Attribution>>,
}

impl Claim {
    pub(super) fn is_of(&self, source: &str, location: &str) -> bool {
        *self.source == *source && *self.location == *location
    }
}

/// When the entity that others see last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changed {
    pub(crate) revision: Revision,
    pub(crate) time: Timestamp,
}

/// Everything the log says, ready for the next change.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) revision: Revision,
    /// The latest time of any event so far.
    pub(crate) latest: Timestamp,
    /// The claims on each entity: those of one source together, sources in the order in which they came with
    /// something valid.
    pub(crate) claims: BTreeMap<EntityRef, Vec<Claim>>,
    pub(crate) changed: BTreeMap<EntityRef, Changed>,
    /// What could not be read, by source and location.
    pub(crate) unread: BTreeMap<(Arc<str>, Arc<str>), Vec<StoredDiagnostic>>,
    /// Which entities each location of each source speaks of.
    pub(crate) spoken: BTreeMap<Arc<str>, BTreeMap<Arc<str>, BTreeSet<EntityRef>>>,
    /// Whose word counts.
    pub(crate) precedence: Precedence,
    /// Entities that nobody describes any more.
    pub(crate) departures: Departures,
}

/// What a change may have an effect on.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) entities: BTreeSet<EntityRef>,
    /// Whether what could not be read is something else.
    pub(crate) unread: bool,
}

impl Touched {
    /// Adds what another change may have an effect on.
    pub(crate) fn add(&mut self, other: Self) {
        self.entities.extend(other.entities);
        self.unread |= other.unread;
    }
}

impl State {
    /// The claim that is seen by others: the first valid one of the weightiest source, or what an orphan left.
    pub(crate) fn winner(&self, entity_ref: &EntityRef) -> Option<&Claim> {
        self.valid_winner(entity_ref).or_else(|| self.orphan(entity_ref))
    }

    /// As [`State::winner`], without orphans.
    pub(super) fn valid_winner(&self, entity_ref: &EntityRef) -> Option<&Claim> {
        let valid = self.claims.get(entity_ref)?.iter().filter(|claim| claim.entity.is_some());
        valid.min_by_key(|claim| self.precedence.rank(&claim.source))
    }

    fn orphan(&self, entity_ref: &EntityRef) -> Option<&Claim> {
        self.departures.get(entity_ref).map(|it| &it.claim).filter(|claim| claim.entity.is_some())
    }

    /// The claims on an entity in the order in which they count.
    pub(crate) fn ranked(&self, entity_ref: &EntityRef) -> Vec<&Claim> {
        let mut claims: Vec<&Claim> = self.claims.get(entity_ref).into_iter().flatten().collect();
        if claims.len() > 1 {
            claims.sort_by_key(|claim| self.precedence.rank(&claim.source));
        }
        claims
    }

    /// The claim of one location on an entity.
    pub(crate) fn claim(&self, source: &str, location: &str, entity_ref: &EntityRef) -> Option<&Claim> {
        self.claims.get(entity_ref)?.iter().find(|claim| claim.is_of(source, location))
    }

    /// Every reference that was ever claimed and is still remembered.
    pub(crate) fn references(&self) -> impl Iterator<Item = &EntityRef> {
        self.claims.keys().chain(self.departures.iter().map(|(entity_ref, _)| entity_ref))
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

    /// Takes note that something happened.
    pub(crate) fn pass(&mut self, at: Changed) {
        self.revision = at.revision;
        self.latest = self.latest.max(at.time);
    }

    fn claimed(&mut self, claimed: Claimed, at: Changed, touched: &mut Touched) {
        let entity_ref = claimed.entity_ref.clone();
        self.spoken
            .entry(Arc::clone(&claimed.source))
            .or_default()
            .entry(Arc::clone(&claimed.location))
            .or_default()
            .insert(entity_ref.clone());
        self.watching_winner(entity_ref, at, touched, |state, entity_ref| {
            let claims = state.claims.entry(entity_ref.clone()).or_default();
            put(claims, claimed);
            // What was never valid does not make an orphan anybody's again.
            if claims.iter().any(|claim| claim.entity.is_some()) {
                state.departures.remove(entity_ref);
            }
        });
    }

    fn released(&mut self, released: &Released, at: Changed, touched: &mut Touched) {
        // What is removed is an orphan: it is no claim, and a claim of the same location stays.
        if released.cause != Cause::Removed {
            self.unspoken(released);
        }
        let mut forgotten = None;
        self.watching_winner(released.entity_ref.clone(), at, touched, |state, entity_ref| {
            forgotten = state.release(entity_ref, released, at);
        });
        touched.entities.extend(forgotten);
    }

    fn unspoken(&mut self, released: &Released) {
        let Some(locations) = self.spoken.get_mut(&released.source) else { return };
        if let Some(spoken) = locations.get_mut(&released.location) {
            spoken.remove(&released.entity_ref);
            if spoken.is_empty() {
                locations.remove(&released.location);
            }
        }
        if locations.is_empty() {
            self.spoken.remove(&released.source);
        }
    }

    /// Ends a claim, and remembers the entity where it was the last one. Gives whom it cannot remember any more.
    fn release(&mut self, entity_ref: &EntityRef, released: &Released, at: Changed) -> Option<EntityRef> {
        let last_good = self.changed.get(entity_ref).copied();
        if released.cause == Cause::Removed {
            let departed = self.departures.remove(entity_ref)?;
            let claim = Claim { entity: None, ..departed.claim };
            let departed = Departed { claim, cause: Cause::Removed, left: at, ..departed };
            return self.departures.insert(entity_ref.clone(), departed);
        }
        let claims = self.claims.get_mut(entity_ref)?;
        let index = claims.iter().position(|it| it.is_of(&released.source, &released.location))?;
        let claim = claims.remove(index);
        if !claims.is_empty() {
            return None;
        }
        self.claims.remove(entity_ref);
        let known = self.departures.get(entity_ref);
        // A claim that was never valid takes nothing from what was left before it.
        if claim.entity.is_none() && known.is_some() {
            return None;
        }
        let entity = claim.entity.as_ref().filter(|_| released.keep).and_then(orphaned);
        let departed =
            Departed { claim: Claim { entity, ..claim }, cause: released.cause, left: at, last_good };
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
        let seen: Vec<_> = self.disputed().map(|it| (it.clone(), self.body(it).cloned())).collect();
        self.precedence = precedence;
        for (entity_ref, before) in seen {
            self.note(entity_ref, before.as_ref(), at, touched);
        }
    }

    /// The entities that several locations describe.
    fn disputed(&self) -> impl Iterator<Item = &EntityRef> {
        self.claims.iter().filter(|(_, claims)| claims.len() > 1).map(|(entity_ref, _)| entity_ref)
    }

    /// The body that others see.
    pub(super) fn body(&self, entity_ref: &EntityRef) -> Option<&Entity> {
        self.winner(entity_ref)?.entity.as_ref()
    }

    /// Changes the claims on an entity, and notes when that changes what others see.
    fn watching_winner(
        &mut self,
        entity_ref: EntityRef,
        at: Changed,
        touched: &mut Touched,
        change: impl FnOnce(&mut Self, &EntityRef),
    ) {
        let before = self.body(&entity_ref).cloned();
        change(self, &entity_ref);
        self.note(entity_ref, before.as_ref(), at, touched);
    }

    fn note(&mut self, entity_ref: EntityRef, before: Option<&Entity>, at: Changed, touched: &mut Touched) {
        match self.body(&entity_ref) {
            None => {
                self.changed.remove(&entity_ref);
            }
            after if after == before => {}
            Some(_) => {
                self.changed.insert(entity_ref.clone(), at);
            }
        }
        touched.entities.insert(entity_ref);
    }

    /// The entities that changes may have an effect on.
    pub(super) fn touched_by(&self, changes: &[Change]) -> BTreeSet<EntityRef> {
        let mut touched = BTreeSet::new();
        for change in changes {
            match change {
                Change::Claimed(claimed) => touched.extend([claimed.entity_ref.clone()]),
                Change::Released(released) => touched.extend([released.entity_ref.clone()]),
                Change::Ranked(_) => touched.extend(self.disputed().cloned()),
                Change::Unread(_) => {}
            }
        }
        touched
    }

    /// What it says about some entities, to try changes on.
    pub(super) fn part(&self, entities: &BTreeSet<EntityRef>) -> Self {
        let mut part = Self { precedence: self.precedence.clone(), ..Self::default() };
        for entity_ref in entities {
            let claims = self.claims.get(entity_ref);
            part.claims.extend(claims.map(|claims| (entity_ref.clone(), claims.clone())));
            if let Some(departed) = self.departures.get(entity_ref) {
                part.departures.insert(entity_ref.clone(), departed.clone());
            }
        }
        part
    }
}

/// Puts a claim in its place: a known one keeps it, a moved one goes before the others of its source, any other one
/// behind them. A source that has had nothing valid yet goes behind all others with its first body.
fn put(claims: &mut Vec<Claim>, claimed: Claimed) {
    let known = claims.iter().position(|claim| claim.is_of(&claimed.source, &claimed.location));
    let ours = |claim: &Claim| claim.source == claimed.source;
    let had_body = claims.iter().any(|claim| ours(claim) && claim.entity.is_some());
    let last_good = match known {
        Some(index) => claims[index].entity.clone(),
        // The body moves along, so that a description may move and break at once.
        None if claimed.moved => claims.iter().filter(|it| ours(it)).find_map(|it| it.entity.clone()),
        None => None,
    };
    let first_body = !had_body && claimed.entity.is_some();
    let place = match known {
        Some(index) => {
            claims.remove(index);
            index
        }
        None if claimed.moved => claims.iter().position(ours).unwrap_or(claims.len()),
        None => claims.iter().rposition(ours).map_or(claims.len(), |index| index + 1),
    };
    let claim = Claim {
        quarantined: claimed.entity.is_none(),
        incomplete: claimed.incomplete && claimed.entity.is_none(),
        entity: claimed.entity.or(last_good),
        source: claimed.source,
        location: claimed.location,
        diagnostics: claimed.diagnostics,
        by: claimed.by,
    };
    let source = Arc::clone(&claim.source);
    claims.insert(place, claim);
    if first_body {
        // Stable: only this source changes its place.
        claims.sort_by_key(|claim| claim.source == source);
    }
}

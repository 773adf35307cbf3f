//! From what a source says to what changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::EntityRef;

use super::change::{Change, Claimed, Released, Unread};
use super::judged::{Judged, Said};
use super::options::RemovalGuard;
use super::report::Counts;
use super::state::State;
use crate::history::Attribution;

/// What a source said in one pass.
pub(super) struct Answer<'a> {
    pub(super) source: &'a Arc<str>,
    /// On whose behalf.
    pub(super) by: Option<Arc<Attribution>>,
    pub(super) read: &'a BTreeMap<Arc<str>, Judged>,
    /// Only then is anything released.
    pub(super) complete: bool,
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
}

/// Plans the changes. Removals that the guard stops are held back; nothing else is.
pub(super) fn plan(state: &State, answer: &Answer<'_>, guard: RemovalGuard) -> Plan {
    let mut planner = Planner { state, source: answer.source, by: answer.by.as_ref(), plan: Plan::default() };
    for (location, judged) in answer.read {
        planner.location(location, judged);
    }
    // Releases come last, so that an entity that moved between files is never without a claim.
    if answer.complete {
        planner.releases(answer.read, guard);
        planner.readable_again(answer.read);
    }
    planner.plan
}

/// The changes that forget a source.
pub(super) fn forget(state: &State, source: &Arc<str>, by: Option<Arc<Attribution>>) -> Plan {
    let nothing = BTreeMap::new();
    plan(state, &Answer { source, by, read: &nothing, complete: true }, RemovalGuard::off())
}

struct Planner<'a> {
    state: &'a State,
    source: &'a Arc<str>,
    by: Option<&'a Arc<Attribution>>,
    plan: Plan,
}

impl Planner<'_> {
    fn location(&mut self, location: &Arc<str>, judged: &Judged) {
        for (entity_ref, said) in &judged.entities {
            self.entity(location, entity_ref, said);
        }
        let key = (Arc::clone(self.source), Arc::clone(location));
        let known = self.state.unread.get(&key).map_or(&[][..], Vec::as_slice);
        self.plan.counts.unread += usize::from(!judged.unread.is_empty());
        if known != judged.unread {
            self.unread(location, judged.unread.clone());
        }
    }

    fn entity(&mut self, location: &Arc<str>, entity_ref: &EntityRef, said: &Said) {
        let known = self.state.claim(self.source, location, entity_ref);
        self.plan.counts.quarantined += usize::from(said.entity.is_none());
        let winner = self.state.winner(entity_ref);
        self.plan.counts.conflicting +=
            usize::from(winner.is_some_and(|it| !it.is_of(self.source, location)));
        let same_body = known.is_some_and(|claim| match &said.entity {
            Some(entity) => !claim.quarantined && claim.entity.as_ref() == Some(entity),
            None => claim.quarantined,
        });
        if same_body && known.is_some_and(|claim| claim.diagnostics == said.diagnostics) {
            self.plan.counts.unchanged += 1;
            return;
        }
        match known {
            None => self.plan.counts.added += 1,
            Some(_) => self.plan.counts.updated += 1,
        }
        self.plan.changes.push(Change::Claimed(Claimed {
            source: Arc::clone(self.source),
            location: Arc::clone(location),
            entity_ref: entity_ref.clone(),
            entity: said.entity.clone(),
            diagnostics: said.diagnostics.clone(),
            by: self.by.cloned(),
        }));
    }

    fn unread(&mut self, location: &Arc<str>, diagnostics: Vec<crate::StoredDiagnostic>) {
        let (source, location) = (Arc::clone(self.source), Arc::clone(location));
        self.plan.changes.push(Change::Unread(Unread { source, location, diagnostics }));
    }

    /// Releases what the source no longer speaks of.
    fn releases(&mut self, read: &BTreeMap<Arc<str>, Judged>, guard: RemovalGuard) {
        let Some(spoken) = self.state.spoken.get(self.source) else { return };
        let mut kept: BTreeSet<&EntityRef> = read.values().flat_map(|it| it.entities.keys()).collect();
        let mut released = Vec::new();
        for (location, entities) in spoken {
            let judged = read.get(location);
            // A document that cannot be read may be any of those that seem to be missing.
            if judged.is_some_and(|judged| !judged.unread.is_empty()) {
                kept.extend(entities);
                continue;
            }
            let gone = |it: &&EntityRef| judged.is_none_or(|judged| !judged.entities.contains_key(*it));
            released.extend(entities.iter().filter(gone).map(|it| (location, it)));
        }
        let lost: BTreeSet<&EntityRef> =
            released.iter().map(|(_, it)| *it).filter(|it| !kept.contains(it)).collect();
        self.plan.spoken = spoken.values().flatten().collect::<BTreeSet<_>>().len();
        if guard.stops(lost.len(), self.plan.spoken) {
            released.retain(|(_, it)| !lost.contains(it));
            self.plan.held = lost.into_iter().cloned().collect();
        }
        for (location, entity_ref) in released {
            self.release(location, entity_ref);
        }
    }

    fn release(&mut self, location: &Arc<str>, entity_ref: &EntityRef) {
        self.plan.counts.removed += 1;
        self.plan.changes.push(Change::Released(Released {
            source: Arc::clone(self.source),
            location: Arc::clone(location),
            entity_ref: entity_ref.clone(),
            by: self.by.cloned(),
        }));
    }

    /// Forgets what could not be read in locations that are gone.
    fn readable_again(&mut self, read: &BTreeMap<Arc<str>, Judged>) {
        for (source, location) in self.state.unread.keys() {
            if source == self.source && !read.contains_key(location) {
                self.unread(location, Vec::new());
            }
        }
    }
}

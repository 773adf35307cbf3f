//! From what a source says to what changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::EntityRef;

use super::change::{Change, Claimed, Released, Unread};
use super::judged::{Judged, Said};
use super::report::Counts;
use super::state::State;

/// The changes that make the state say what the source says.
pub(super) struct Plan {
    pub(super) changes: Vec<Change>,
    pub(super) counts: Counts,
}

/// Plans the changes. Only where `complete` is anything released.
pub(super) fn plan(
    state: &State,
    source: &Arc<str>,
    read: &BTreeMap<Arc<str>, Judged>,
    complete: bool,
) -> Plan {
    let mut planner = Planner { state, source, changes: Vec::new(), counts: Counts::default() };
    for (location, judged) in read {
        planner.location(location, judged);
    }
    // Releases come last, so that an entity that moved between files is never without a claim.
    if complete {
        planner.releases(read);
    }
    Plan { changes: planner.changes, counts: planner.counts }
}

/// The changes that forget a source.
pub(super) fn forget(state: &State, source: &Arc<str>) -> Plan {
    plan(state, source, &BTreeMap::new(), true)
}

struct Planner<'a> {
    state: &'a State,
    source: &'a Arc<str>,
    changes: Vec<Change>,
    counts: Counts,
}

impl Planner<'_> {
    fn location(&mut self, location: &Arc<str>, judged: &Judged) {
        for (entity_ref, said) in &judged.entities {
            self.entity(location, entity_ref, said);
        }
        let key = (Arc::clone(self.source), Arc::clone(location));
        let known = self.state.unread.get(&key).map_or(&[][..], Vec::as_slice);
        self.counts.unread += usize::from(!judged.unread.is_empty());
        if known != judged.unread {
            self.unread(location, judged.unread.clone());
        }
    }

    fn entity(&mut self, location: &Arc<str>, entity_ref: &EntityRef, said: &Said) {
        let known = self.state.claim(self.source, location, entity_ref);
        self.counts.quarantined += usize::from(said.entity.is_none());
        let winner = self.state.winner(entity_ref);
        self.counts.conflicting += usize::from(winner.is_some_and(|it| !it.is_of(self.source, location)));
        let same_body = known.is_some_and(|claim| match &said.entity {
            Some(entity) => !claim.quarantined && claim.entity.as_ref() == Some(entity),
            None => claim.quarantined,
        });
        if same_body && known.is_some_and(|claim| claim.diagnostics == said.diagnostics) {
            self.counts.unchanged += 1;
            return;
        }
        match known {
            None => self.counts.added += 1,
            Some(_) => self.counts.updated += 1,
        }
        self.changes.push(Change::Claimed(Claimed {
            source: Arc::clone(self.source),
            location: Arc::clone(location),
            entity_ref: entity_ref.clone(),
            entity: said.entity.clone(),
            diagnostics: said.diagnostics.clone(),
        }));
    }

    fn unread(&mut self, location: &Arc<str>, diagnostics: Vec<crate::StoredDiagnostic>) {
        let (source, location) = (Arc::clone(self.source), Arc::clone(location));
        self.changes.push(Change::Unread(Unread { source, location, diagnostics }));
    }

    /// Releases what the source no longer speaks of.
    fn releases(&mut self, read: &BTreeMap<Arc<str>, Judged>) {
        let nothing = BTreeMap::new();
        for (location, entities) in self.state.spoken.get(self.source).unwrap_or(&nothing) {
            let judged = read.get(location);
            // A document that cannot be read may be any of those that seem to be missing.
            if judged.is_some_and(|judged| !judged.unread.is_empty()) {
                continue;
            }
            let gone = |it: &&EntityRef| judged.is_none_or(|judged| !judged.entities.contains_key(*it));
            for entity_ref in entities.iter().filter(gone) {
                self.counts.removed += 1;
                self.changes.push(Change::Released(Released {
                    source: Arc::clone(self.source),
                    location: Arc::clone(location),
                    entity_ref: entity_ref.clone(),
                }));
            }
        }
        for (source, location) in self.state.unread.keys() {
            if source == self.source && !read.contains_key(location) {
                self.unread(location, Vec::new());
            }
        }
    }
}

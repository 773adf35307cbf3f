//! What the events add up to: every claim of every source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{Entity, EntityRef, Revision, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::{Change, Claimed, Released, Unread};
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
    /// The claims on each entity, first come first. The first with a body is the one that counts.
    pub(crate) claims: BTreeMap<EntityRef, Vec<Claim>>,
    pub(crate) changed: BTreeMap<EntityRef, Changed>,
    /// What could not be read, by source and location.
    pub(crate) unread: BTreeMap<(Arc<str>, Arc<str>), Vec<StoredDiagnostic>>,
    /// Which entities each location of each source speaks of.
    pub(crate) spoken: BTreeMap<Arc<str>, BTreeMap<Arc<str>, BTreeSet<EntityRef>>>,
}

/// What a change may have an effect on.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) entities: BTreeSet<EntityRef>,
}

impl State {
    /// The claim that counts for an entity.
    pub(crate) fn winner(&self, entity_ref: &EntityRef) -> Option<&Claim> {
        self.claims.get(entity_ref)?.iter().find(|claim| claim.entity.is_some())
    }

    /// The claim of one location on an entity.
    pub(crate) fn claim(&self, source: &str, location: &str, entity_ref: &EntityRef) -> Option<&Claim> {
        self.claims.get(entity_ref)?.iter().find(|claim| claim.is_of(source, location))
    }

    /// Takes one change in.
    pub(crate) fn apply(&mut self, change: Change, at: Changed, touched: &mut Touched) {
        self.pass(at);
        match change {
            Change::Claimed(claimed) => self.claimed(claimed, at, touched),
            Change::Released(released) => self.released(&released, at, touched),
            Change::Unread(unread) => self.set_unread(unread),
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
        self.watching_winner(entity_ref, at, touched, |claims| put(claims, claimed));
    }

    fn released(&mut self, released: &Released, at: Changed, touched: &mut Touched) {
        if let Some(locations) = self.spoken.get_mut(&released.source) {
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
        self.watching_winner(released.entity_ref.clone(), at, touched, |claims| {
            claims.retain(|claim| !claim.is_of(&released.source, &released.location));
        });
    }

    fn set_unread(&mut self, unread: Unread) {
        let key = (unread.source, unread.location);
        if unread.diagnostics.is_empty() {
            self.unread.remove(&key);
        } else {
            self.unread.insert(key, unread.diagnostics);
        }
    }

    /// Changes the claims on an entity, and notes when that changes what others see.
    fn watching_winner(
        &mut self,
        entity_ref: EntityRef,
        at: Changed,
        touched: &mut Touched,
        change: impl FnOnce(&mut Vec<Claim>),
    ) {
        let seen = |state: &Self| state.winner(&entity_ref).and_then(|claim| claim.entity.clone());
        let before = seen(self);
        let claims = self.claims.entry(entity_ref.clone()).or_default();
        change(claims);
        if claims.is_empty() {
            self.claims.remove(&entity_ref);
        }
        match seen(self) {
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
}

/// Puts a claim in its place: a known one keeps it, unless this is its first good body; that comes after the others'.
fn put(claims: &mut Vec<Claim>, claimed: Claimed) {
    let known = claims.iter().position(|claim| claim.is_of(&claimed.source, &claimed.location));
    let before = known.and_then(|index| claims[index].entity.clone());
    let first_body = before.is_none() && claimed.entity.is_some();
    let claim = Claim {
        quarantined: claimed.entity.is_none(),
        entity: claimed.entity.or(before),
        source: claimed.source,
        location: claimed.location,
        diagnostics: claimed.diagnostics,
        by: claimed.by,
    };
    match known {
        Some(index) if !first_body => claims[index] = claim,
        Some(index) => {
            claims.remove(index);
            claims.push(claim);
        }
        None => claims.push(claim),
    }
}

//! How each reference stands.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use idp_core::EntityRef;
use serde::{Deserialize, Serialize};

use super::view::Claimant;
use super::{Record, Snapshot};

/// How a reference stands in the catalog.
///
/// | state | in queries | when |
/// |---|---|---|
/// | `ok` | yes | one location describes it, and what it says is valid |
/// | `stale` | yes | what counts is broken, incomplete or unreadable now: the last good body stays |
/// | `conflicted` | yes | several locations describe it |
/// | `orphan` | with [`OrphanPolicy::Keep`](crate::OrphanPolicy::Keep) | it was described, and every description is gone |
/// | `pending` | no | it is described, a part of it could not be fetched yet, and there never was a valid body |
/// | `quarantined` | no | it is described, and no description was ever valid |
/// | `unknown` | no | nobody ever described it, or too long ago to be remembered |
///
/// The first that holds, from `stale` down, is its state; `ok` where none does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EntityState {
    /// It is there, as its document says.
    Ok,
    /// It is described, but not completely yet: a part of it could not be fetched, and there never was a valid body.
    Pending,
    /// It is there with its last good revision: its document is broken now.
    Stale,
    /// It is there, and more than one location describes it.
    Conflicted,
    /// It was described, and nobody describes it any more.
    Orphan,
    /// It is described, and no description has ever been valid.
    Quarantined,
    /// Nobody has ever described it.
    Unknown,
}

impl EntityState {
    /// Every state, the good one first.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::Pending,
        Self::Stale,
        Self::Conflicted,
        Self::Orphan,
        Self::Quarantined,
        Self::Unknown,
    ];
}

impl fmt::Display for EntityState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Pending => "pending",
            Self::Stale => "stale",
            Self::Conflicted => "conflicted",
            Self::Orphan => "orphan",
            Self::Quarantined => "quarantined",
            Self::Unknown => "unknown",
        })
    }
}

/// Answers for many references of one snapshot.
pub(super) struct States<'s> {
    snapshot: &'s Snapshot,
    unread: HashSet<&'s Claimant>,
}

impl<'s> States<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, unread: snapshot.unread.iter().map(|finding| &finding.claimant).collect() }
    }

    /// Every reference that was ever claimed.
    pub(super) fn references(&self) -> BTreeSet<&'s EntityRef> {
        let Snapshot { disputed, departed, .. } = self.snapshot;
        self.snapshot.refs().chain(disputed.keys()).chain(departed.keys()).collect()
    }

    pub(super) fn of(&self, entity_ref: &EntityRef) -> EntityState {
        match self.snapshot.get(entity_ref) {
            Some(record) => self.of_record(&record),
            None => self.of_absent(entity_ref),
        }
    }

    /// Whether a body is older than its location: that says something broken, or cannot be read at all.
    pub(super) fn is_stale(&self, quarantined: bool, claimant: &Claimant) -> bool {
        quarantined || self.unread.contains(claimant)
    }

    fn of_record(&self, record: &Record) -> EntityState {
        let entity_ref = record.entity_ref();
        if self.snapshot.departed.contains_key(entity_ref) {
            EntityState::Orphan
        } else if self.is_stale(record.is_quarantined(), &record.claimant()) {
            EntityState::Stale
        } else if self.snapshot.disputed.contains_key(entity_ref) {
            EntityState::Conflicted
        } else {
            EntityState::Ok
        }
    }

    fn of_absent(&self, entity_ref: &EntityRef) -> EntityState {
        match self.snapshot.disputed.get(entity_ref) {
            Some(claims) if claims.iter().any(|claim| claim.incomplete) => EntityState::Pending,
            Some(_) => EntityState::Quarantined,
            None if self.snapshot.departed.contains_key(entity_ref) => EntityState::Orphan,
            None => EntityState::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use idp_core::{Entity, Revision, Timestamp};
    use serde_json::json;

    use std::sync::Arc;

    use super::*;
    use crate::Model;
    use crate::body::Packer;
    use crate::catalog::{Change, Changed, Claimed, State, Touched};

    /// What is said of `system:default/a`, one revision after the other: whether there is a body.
    fn state_of(said: &[(&str, Option<Entity>)]) -> EntityState {
        let mut state = State::default();
        for (revision, (location, entity)) in (1..).zip(said) {
            let claimed = Claimed {
                source: "s".into(),
                location: (*location).into(),
                entity_ref: "system:default/a".parse().unwrap(),
                incomplete: entity.is_none() && location.starts_with("incomplete"),
                body: entity.as_ref().map(|entity| Packer::default().pack(entity)),
                moved: false,
                diagnostics: Arc::default(),
                by: None,
            };
            let at = Changed { revision: Revision(revision), time: Timestamp::default() };
            state.apply(Change::Claimed(claimed), at, &mut Touched::default());
        }
        Snapshot::of(&mut state, &Model::backstage()).state(&"system:default/a".parse().unwrap())
    }

    #[test]
    fn what_is_incomplete_is_pending_until_it_was_once_complete() {
        let body = json!({"apiVersion": "v1", "kind": "System", "metadata": {"name": "a"}});
        let body = Some(Entity::from_value(body).unwrap());
        assert_eq!(state_of(&[("incomplete", None)]), EntityState::Pending);
        assert_eq!(state_of(&[("broken", None)]), EntityState::Quarantined);
        assert_eq!(state_of(&[("broken", None), ("incomplete", None)]), EntityState::Pending);
        assert_eq!(state_of(&[("incomplete", None), ("incomplete", body.clone())]), EntityState::Ok);
        assert_eq!(state_of(&[("incomplete", body.clone()), ("incomplete", None)]), EntityState::Stale);
        assert_eq!(state_of(&[("incomplete", None), ("other", body)]), EntityState::Conflicted);
    }
}

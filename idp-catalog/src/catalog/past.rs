//! What the log remembers: the catalog as it was, and what became of one entity.

use idp_core::{Entity, EntityRef, ErrorKind, Result, Revision, Timestamp};

use super::checkpoint;
use super::state::{Changed, State};
use super::writer::{Catalog, PAGE, take};
use crate::snapshot::{Claimant, Snapshot};

/// What an entity was from one revision on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Version {
    /// Since when.
    pub revision: Revision,
    /// Since when, by the writer's clock.
    pub time: Timestamp,
    /// The body; `None` where the entity was gone.
    pub entity: Option<Entity>,
    /// Who said so; `None` where nobody spoke of it any more.
    pub claimant: Option<Claimant>,
}

impl Catalog {
    /// The catalog as it was at a revision, as far back as the log goes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the log was compacted past it, [`ErrorKind::InvalidInput`] for a revision that is
    /// still to come, and as [`Catalog::refresh`].
    pub async fn as_of(&self, revision: Revision) -> Result<Snapshot> {
        let mut state = self.beginning(revision).await?;
        while state.revision < revision {
            let left = usize::try_from(revision.0 - state.revision.0).unwrap_or(usize::MAX);
            let events = self.log.read(&self.stream, state.revision, left.min(PAGE)).await?;
            if events.is_empty() {
                return Err(idp_core::Error::new(
                    ErrorKind::InvalidInput,
                    "the catalog has no such revision yet",
                )
                .with("revision", revision)
                .with("head", state.revision));
            }
            take(&mut state, &events)?;
        }
        Ok(Snapshot::of(&state, &self.options.model))
    }

    /// What became of an entity, oldest first, as far back as the log goes.
    ///
    /// # Errors
    /// As [`Catalog::refresh`].
    pub async fn history(&self, entity_ref: &EntityRef) -> Result<Vec<Version>> {
        let mut state = self.beginning(Revision(u64::MAX)).await?;
        let mut versions = Vec::new();
        versions.extend(state.changed.get(entity_ref).map(|at| version(&state, entity_ref, *at)));
        loop {
            let events = self.log.read(&self.stream, state.revision, PAGE).await?;
            if events.is_empty() {
                return Ok(versions);
            }
            for event in &events {
                let before = state.changed.get(entity_ref).copied();
                take(&mut state, std::slice::from_ref(event))?;
                let after = state.changed.get(entity_ref).copied();
                if before != after {
                    let at = after.unwrap_or(Changed { revision: event.revision, time: event.time });
                    versions.push(version(&state, entity_ref, at));
                }
            }
        }
    }

    /// The state to fold from: the checkpoint, where it is not past `revision`.
    async fn beginning(&self, revision: Revision) -> Result<State> {
        match self.log.checkpoint(&self.stream).await?.filter(|it| it.revision <= revision) {
            Some(stored) => checkpoint::read(&stored),
            None => Ok(State::default()),
        }
    }
}

fn version(state: &State, entity_ref: &EntityRef, at: Changed) -> Version {
    let winner = state.winner(entity_ref);
    Version {
        revision: at.revision,
        time: at.time,
        entity: winner.and_then(|claim| claim.entity.clone()),
        claimant: winner.map(Claimant::of),
    }
}

//! The catalog as it was, and what became of one entity.

use idp_core::{Entity, EntityRef, Result, Revision, Timestamp};

use super::attribution::Attribution;
use super::moment::Moment;
use super::replay::Replay;
use crate::Catalog;
use crate::catalog::{Claim, Difference, State, written_by};
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
    /// On whose behalf it was written, where the writer said so.
    pub by: Option<Attribution>,
}

impl Catalog {
    /// The catalog as it was at a revision or a time, as far back as the log goes.
    ///
    /// Costs the reading of the log up to there.
    ///
    /// # Errors
    /// [`NotFound`](idp_core::ErrorKind::NotFound) where the log was compacted past it,
    /// [`InvalidInput`](idp_core::ErrorKind::InvalidInput) for a revision that is still to come, and as
    /// [`Catalog::refresh`].
    pub async fn as_of(&self, moment: impl Into<Moment>) -> Result<Snapshot> {
        let mut replay = Replay::at(self, moment.into()).await?;
        Ok(Snapshot::of(&mut replay.state, self.model()))
    }

    /// What changed from one moment to another, by entity and field. The second may be the earlier one.
    ///
    /// ```
    /// # use idp_catalog::Catalog;
    /// # use idp_core::Revision;
    /// # async fn example(catalog: &Catalog) -> idp_core::Result<()> {
    /// let difference = catalog.difference(Revision(10), catalog.snapshot().revision()).await?;
    /// for change in &difference.changed {
    ///     println!("{}: {} fields", change.entity_ref, change.fields.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Catalog::as_of`].
    pub async fn difference(&self, a: impl Into<Moment>, b: impl Into<Moment>) -> Result<Difference> {
        let (mut replay, b) = (Replay::at(self, a.into()).await?, b.into());
        let first = replay.state.clone();
        if b.is_before(first.revision, first.latest) {
            let mut replay = Replay::at(self, b).await?;
            let second = replay.state.clone();
            let touched = replay.advance(first.revision.into()).await?;
            return Ok(Difference::between(&replay.state, &second, &touched));
        }
        let touched = replay.advance(b).await?;
        Ok(Difference::between(&first, &replay.state, &touched))
    }

    /// What became of an entity, oldest first, as far back as the log goes.
    ///
    /// # Errors
    /// As [`Catalog::refresh`].
    pub async fn history(&self, entity_ref: &EntityRef) -> Result<Vec<Version>> {
        let mut replay = Replay::earliest(self).await?;
        let mut versions = Vec::new();
        versions.extend(oldest(&replay.state, entity_ref));
        while let Some(event) = replay.peek().await?.cloned() {
            let before = replay.state.changed_of(entity_ref);
            replay.step()?;
            if before != replay.state.changed_of(entity_ref) {
                let by = written_by(&event)?;
                versions.push(version(&replay.state, entity_ref, event.revision, event.time, by));
            }
        }
        Ok(versions)
    }
}

/// What a checkpoint says about an entity: when it got its body, and by whom.
fn oldest(state: &State, entity_ref: &EntityRef) -> Option<Version> {
    let at = state.changed_of(entity_ref)?;
    let by = winner(state, entity_ref).and_then(|claim| claim.by.as_deref().cloned());
    Some(version(state, entity_ref, at.revision, at.time, by))
}

fn winner<'s>(state: &'s State, entity_ref: &EntityRef) -> Option<&'s Claim> {
    state.winner(state.directory.number(entity_ref)?).map(|claim| &**claim)
}

fn version(
    state: &State,
    entity_ref: &EntityRef,
    revision: Revision,
    time: Timestamp,
    by: Option<Attribution>,
) -> Version {
    let winner = winner(state, entity_ref);
    Version { revision, time, entity: winner.and_then(Claim::entity), claimant: winner.map(Claimant::of), by }
}

//! Following the catalog.

use std::sync::Arc;

use idp_core::{Error, ErrorKind, Result, Revision, Timestamp};

use super::moment::Moment;
use super::replay::Replay;
use crate::Catalog;
use crate::snapshot::{CatalogChange, Snapshot};

/// What others see differently from one revision to a later one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Changes {
    /// The revision before.
    pub after: Revision,
    /// The revision afterwards: where a watch goes on.
    pub revision: Revision,
    /// When that was, by the writer's clock.
    pub time: Timestamp,
    /// One change for each entity that differs, in the order of their references.
    pub items: Arc<[CatalogChange]>,
}

/// A stream of everything that changes from a revision on: see [`Catalog::watch`].
///
/// Whoever keeps up is served from memory. Whoever falls far behind reads the log, at the cost of the catalog's size
/// once.
#[derive(Debug)]
pub struct Watch {
    catalog: Arc<Catalog>,
    position: Revision,
}

impl Catalog {
    /// Follows the catalog from a revision on.
    ///
    /// From [`Revision::START`] the first changes are additions: everything that is there. A watch that ends goes on
    /// where it was with the [`revision`](Changes::revision) of the last changes it has dealt with;
    /// [`Catalog::consumer`] keeps that for you.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use idp_catalog::Catalog;
    /// # async fn example(catalog: Arc<Catalog>) -> idp_core::Result<()> {
    /// let mut watch = catalog.watch(catalog.snapshot().revision());
    /// loop {
    ///     for change in watch.next().await?.items.iter() {
    ///         println!("{} {:?}", change.entity_ref(), change.kind());
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn watch(self: &Arc<Self>, after: Revision) -> Watch {
        Watch { catalog: Arc::clone(self), position: after }
    }
}

impl Watch {
    /// What was seen last.
    #[must_use]
    pub fn position(&self) -> Revision {
        self.position
    }

    /// The catalog that is followed.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The next changes, once there are any. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the log was compacted past the watch's position: watch anew from
    /// [`Revision::START`]. [`ErrorKind::InvalidInput`] for a position that the catalog never had, and as
    /// [`Catalog::refresh`].
    pub async fn next(&mut self) -> Result<Changes> {
        loop {
            if let Some(changes) = self.try_next().await? {
                return Ok(changes);
            }
            self.catalog.changed(self.position).await?;
        }
    }

    /// The next changes, if there are any.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn try_next(&mut self) -> Result<Option<Changes>> {
        loop {
            let snapshot = self.catalog.refresh().await?;
            if self.position == snapshot.revision() {
                return Ok(None);
            }
            if self.position > snapshot.revision() {
                let error = Error::invalid("the catalog has no such revision yet");
                return Err(error.with("revision", self.position).with("head", snapshot.revision()));
            }
            let changes = match self.position {
                Revision::START => everything(&snapshot, self.catalog.time()),
                position => match self.catalog.recent(position) {
                    Some(changes) => changes,
                    None => self.read_log(snapshot.revision()).await.map_err(too_old)?,
                },
            };
            self.position = changes.revision;
            if !changes.items.is_empty() {
                return Ok(Some(changes));
            }
        }
    }

    /// The changes up to a revision by the log. Not page by page: what was appended at once is told at once.
    async fn read_log(&self, head: Revision) -> Result<Changes> {
        let (catalog, model) = (&*self.catalog, self.catalog.model());
        let mut replay = Replay::at(catalog, Moment::Revision(self.position)).await?;
        let before = Snapshot::of(&mut replay.state, model);
        let touched = replay.advance(Moment::Revision(head)).await?;
        let (_, items) = before.evolve(&mut replay.state, model, &touched);
        let Replay { state, .. } = replay;
        Ok(Changes {
            after: self.position,
            revision: state.revision,
            time: state.latest,
            items: items.into(),
        })
    }
}

/// The catalog as additions to an empty one.
fn everything(snapshot: &Snapshot, time: Timestamp) -> Changes {
    let items = snapshot.iter().map(CatalogChange::come);
    Changes { after: Revision::START, revision: snapshot.revision(), time, items: items.collect() }
}

fn too_old(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => {
            Error::new(ErrorKind::NotFound, "the history that comes next was compacted away; start over")
                .because(error)
        }
        _ => error,
    }
}

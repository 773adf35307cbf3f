//! The result of a query, as it changes.

use std::sync::Arc;

use idp_core::{Predicate, Result, Revision};

use super::watch::{Changes, Watch};
use crate::query::select;
use crate::snapshot::{CatalogChange, Record, Snapshot};
use crate::{Catalog, Matcher};

/// Of so many changes at once it is kept what many live queries ask of them.
const MOST_KEPT: usize = 1000;

/// How one entity changed a query's result.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ResultChange {
    /// It is in the result now.
    Entered(Record),
    /// It stays, and is not what it was.
    Changed {
        /// What it was.
        before: Record,
        /// What it is.
        after: Record,
    },
    /// It is no longer in the result: as it was while it still was.
    Left(Record),
}

/// A query whose result is kept up to date: see [`Catalog::live`].
#[derive(Debug)]
pub struct LiveQuery {
    matcher: Matcher,
    start: Arc<Snapshot>,
    watch: Watch,
}

impl Catalog {
    /// The entities a predicate holds for, and from then on how that changes.
    ///
    /// Each change costs one evaluation of the predicate before and after, whatever the size of the catalog.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use idp_catalog::{Catalog, ResultChange, parse_query};
    /// # async fn example(catalog: Arc<Catalog>) -> idp_core::Result<()> {
    /// let mut live = catalog.live(&parse_query("kind=component and not spec.owner exists")?)?;
    /// println!("{} without owner", live.initial().count());
    /// loop {
    ///     for change in live.next().await? {
    ///         if let ResultChange::Entered(record) = change {
    ///             println!("{} has no owner", record.entity_ref());
    ///         }
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Matcher::new`].
    pub fn live(self: &Arc<Self>, predicate: &Predicate) -> Result<LiveQuery> {
        let (matcher, start) = (Matcher::new(predicate)?, self.snapshot());
        let watch = self.watch(start.revision());
        Ok(LiveQuery { matcher, start, watch })
    }
}

impl LiveQuery {
    /// The result at the beginning, in the order of references.
    pub fn initial(&self) -> impl Iterator<Item = Record> {
        let found = select(&self.start, &self.matcher);
        self.start.iter_among(found)
    }

    /// The revision that the result is of, with all changes so far.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.watch.position()
    }

    /// The next changes of the result, once there are any. Dropping the future loses nothing that was not returned.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn next(&mut self) -> Result<Vec<ResultChange>> {
        loop {
            let changes = self.watch.next().await?;
            let changes = self.of(&changes);
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    /// The next changes of the result, if there are any.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn try_next(&mut self) -> Result<Option<Vec<ResultChange>>> {
        while let Some(changes) = self.watch.try_next().await? {
            let changes = self.of(&changes);
            if !changes.is_empty() {
                return Ok(Some(changes));
            }
        }
        Ok(None)
    }

    fn of(&self, changes: &Changes) -> Vec<ResultChange> {
        let keep = changes.items.len() <= MOST_KEPT;
        changes.items.iter().filter_map(|change| self.one(change, keep)).collect()
    }

    fn one(&self, change: &CatalogChange, keep: bool) -> Option<ResultChange> {
        let (before, after) = change.matching(&self.matcher, keep);
        match (before.cloned(), after.cloned()) {
            (None, None) => None,
            (None, Some(after)) => Some(ResultChange::Entered(after)),
            (Some(before), Some(after)) => Some(ResultChange::Changed { before, after }),
            (Some(before), None) => Some(ResultChange::Left(before)),
        }
    }
}

//! Changing some of what a source says, from code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{Completeness, Document, Entity, EntityRef, Error, ErrorKind, Result, Revision};

use super::judging::Judging;
use super::options::{IngestOptions, mass_deletion};
use super::plan::{self, Answer, Whole};
use super::report::IngestReport;
use super::state::State;
use super::writer::Catalog;
use crate::history::Attribution;

/// A change of some of what a source says; the rest of it stays.
///
/// What a delta says means what it would mean in the source's whole answer: a document that is not valid keeps the last
/// good body, a claim waits where another source's counts, removals that are too many need a confirmation.
///
/// ```
/// use idp_catalog::{Catalog, Delta};
/// use idp_core::Entity;
/// use serde_json::json;
///
/// # async fn example(catalog: &Catalog) -> idp_core::Result<()> {
/// let queue = Entity::from_value(json!({
///     "apiVersion": "backstage.io/v1alpha1", "kind": "Resource",
///     "metadata": {"name": "orders"}, "spec": {"type": "queue", "owner": "group:shop"},
/// }))?;
/// // Only if nobody has made it meanwhile.
/// let entity_ref = queue.entity_ref().clone();
/// let report = catalog.apply(&Delta::of("portal").expecting(entity_ref, None).upsert(queue)).await?;
/// assert_eq!(report.counts.added, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Delta {
    source: Arc<str>,
    documents: Vec<Document>,
    locations: BTreeSet<Arc<str>>,
    /// Entities that the source describes nowhere but where the delta does.
    settled: BTreeSet<EntityRef>,
    expected: BTreeMap<EntityRef, Option<Revision>>,
    confirm_removals: bool,
    by: Option<Arc<Attribution>>,
}

impl Delta {
    /// A change of nothing yet.
    #[must_use]
    pub fn of(source: impl Into<Arc<str>>) -> Self {
        Self { source: source.into(), ..Self::default() }
    }

    /// Makes the source describe an entity so, instead of however it did before.
    #[must_use]
    pub fn upsert(mut self, entity: Entity) -> Self {
        self.settled.insert(entity.entity_ref().clone());
        let location = entity.entity_ref().to_string();
        self.put(Document::entity(location, entity.into_value()))
    }

    /// Makes a location of the source hold this, and nothing else. Several documents may share a location.
    #[must_use]
    pub fn put(mut self, document: Document) -> Self {
        self.locations.insert(document.location.as_str().into());
        self.documents.push(document);
        self
    }

    /// Makes a location of the source hold nothing.
    #[must_use]
    pub fn gone(mut self, location: impl Into<Arc<str>>) -> Self {
        self.locations.insert(location.into());
        self
    }

    /// Makes the source describe an entity nowhere any more.
    #[must_use]
    pub fn remove(mut self, entity_ref: EntityRef) -> Self {
        self.settled.insert(entity_ref);
        self
    }

    /// Only if an entity is as it was at a revision ([`Record::changed`](crate::Record::changed)); `None`: only if it is
    /// not there.
    #[must_use]
    pub fn expecting(mut self, entity_ref: EntityRef, changed: Option<Revision>) -> Self {
        self.expected.insert(entity_ref, changed);
        self
    }

    /// Says whether removals that the [`RemovalGuard`](crate::RemovalGuard) would hold back are meant.
    #[must_use]
    pub fn confirm_removals(mut self, confirmed: bool) -> Self {
        self.confirm_removals = confirmed;
        self
    }

    /// Says on whose behalf.
    #[must_use]
    pub fn on_behalf_of(mut self, by: impl Into<Attribution>) -> Self {
        self.by = Some(Arc::new(by.into()));
        self
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.locations.is_empty() && self.settled.is_empty()
    }

    fn check(&self, state: &State) -> Result<()> {
        for (entity_ref, expected) in &self.expected {
            let found = state.changed_of(entity_ref).map(|it| it.revision);
            if found != *expected {
                let shown = |it: Option<Revision>| it.map_or("not there".to_owned(), |it| it.to_string());
                return Err(Error::new(ErrorKind::Conflict, "the entity is not as it was")
                    .with("entity", entity_ref)
                    .with("expected", shown(*expected))
                    .with("found", shown(found)));
            }
        }
        Ok(())
    }
}

impl Catalog {
    /// Changes some of what a source says.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where an entity is not as the delta expects it, and nothing is changed; those of
    /// [`Catalog::ingest`].
    pub async fn apply(&self, delta: &Delta) -> Result<IngestReport> {
        let mut judging = Judging::new(&self.options.model, &self.options.limits, self.packer());
        judging.all(delta.documents.clone(), || ());
        let (read, _) = judging.finish();
        let terms = self.terms(&IngestOptions::default().confirm_removals(delta.confirm_removals));
        let answer = Answer {
            source: &delta.source,
            by: delta.by.clone(),
            read: &read,
            whole: Whole::Here(&delta.locations, &delta.settled),
            follows: false,
        };
        let plan = |state: &State| {
            delta.check(state)?;
            Ok(plan::plan(state, &answer, &terms))
        };
        self.refresh().await?;
        let (revision, plan) = self.try_write(plan, |_| (), None).await?;
        let problems = match plan.held.len() {
            0 => Vec::new(),
            held => vec![mass_deletion(&delta.source, held, plan.spoken)],
        };
        Ok(IngestReport {
            revision,
            counts: plan.counts,
            completeness: Completeness::Complete,
            held: plan.held,
            problems,
            failure: None,
        })
    }
}

//! Taking in what a source says.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Completeness, EntityRef, Result, Revision, Source};

use super::judged::Judged;
use super::judging::Judging;
use super::options::{IngestOptions, RemovalGuard, Terms, mass_deletion};
use super::plan::{self, Answer, Plan, Whole};
use super::preview::{self, Foreseen, Preview};
use super::progress::IngestProgress;
use super::reading::{self, Reading};
use super::report::IngestReport;
use super::state::State;
use super::writer::Catalog;
use crate::follow::unknown_targets;
use crate::history::Attribution;
use crate::snapshot::Draft;

impl Catalog {
    /// Reads everything a source has, and makes the catalog say it.
    ///
    /// - A source that fails or answers partly removes nothing; its failure is in the report.
    /// - Removals that are too many to be meant are held back: see [`RemovalGuard`].
    /// - A document that is not valid keeps the entity's last good revision, and its diagnostics are kept with it.
    /// - Of several sources that claim one entity the weightiest counts ([`Precedence`](crate::Precedence)), and among equals the first.
    ///   When it lets go, the next one does. Within one source a description may move freely.
    /// - What nobody describes any more goes, or stays as an orphan: see [`OrphanPolicy`](crate::OrphanPolicy).
    ///
    /// # Errors
    /// What the log answers, and [`Conflict`](idp_core::ErrorKind::Conflict) where other writers were faster again
    /// and again.
    pub async fn ingest(&self, source: &dyn Source) -> Result<IngestReport> {
        self.ingest_with(source, &IngestOptions::default()).await
    }

    /// As [`Catalog::ingest`], with options.
    ///
    /// # Errors
    /// As [`Catalog::ingest`].
    pub async fn ingest_with(&self, source: &dyn Source, options: &IngestOptions) -> Result<IngestReport> {
        let is_first = self.lock().state.directory.end() == 0;
        let mut pass = self.pass(source, options, is_first).await;
        let draft = pass.draft.take();
        let tell = |plan: &Plan| options.tell(IngestProgress::Writing { changes: plan.changes.len() });
        let (revision, plan) = self.try_write(|state| Ok(pass.plan(state)), tell, draft).await?;
        tracing::debug!(source = &*pass.source, %revision, counts = ?plan.counts, "ingested");
        Ok(pass.report(revision, plan))
    }

    /// What [`Catalog::ingest`] would do now. Writes nothing.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use idp_catalog::{Catalog, DirectorySource};
    /// # async fn example(catalog: &Catalog) -> idp_core::Result<()> {
    /// let preview = catalog.preview(&DirectorySource::new("services", "./services")?).await?;
    /// for change in &preview.difference.changed {
    ///     println!("{}: {} fields", change.entity_ref, change.fields.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Catalog::refresh`].
    pub async fn preview(&self, source: &dyn Source) -> Result<Preview> {
        self.preview_with(source, &IngestOptions::default()).await
    }

    /// As [`Catalog::preview`], with options.
    ///
    /// # Errors
    /// As [`Catalog::preview`].
    pub async fn preview_with(&self, source: &dyn Source, options: &IngestOptions) -> Result<Preview> {
        self.refresh().await?;
        let pass = self.pass(source, options, false).await;
        let (base, plan, foreseen) = {
            let state = &self.lock().state;
            let plan = pass.plan(state);
            let foreseen = preview::foresee(state, &plan.changes, &pass.answer());
            (state.revision, plan, foreseen)
        };
        let revision = Revision(base.0 + plan.changes.len() as u64);
        let Foreseen { difference, quarantined, conflicts } = foreseen;
        Ok(Preview { report: pass.report(revision, plan), difference, quarantined, conflicts })
    }

    /// Ingests one source after the other, as in `catalog.ingest_all(registry.sources())`.
    ///
    /// # Errors
    /// As [`Catalog::ingest`]. A source that fails does not keep the others from being read.
    pub async fn ingest_all<'s>(
        &self,
        sources: impl IntoIterator<Item = &'s Arc<dyn Source>>,
    ) -> Result<Vec<IngestReport>> {
        let mut reports = Vec::new();
        for source in sources {
            reports.push(self.ingest(&**source).await?);
        }
        Ok(reports)
    }

    /// Forgets a source and everything only it claims. Nothing is held back.
    ///
    /// # Errors
    /// As [`Catalog::ingest`].
    pub async fn forget(&self, source: &str) -> Result<IngestReport> {
        self.forget_on_behalf_of(source, None).await
    }

    /// As [`Catalog::forget`], saying on whose behalf.
    ///
    /// # Errors
    /// As [`Catalog::ingest`].
    pub async fn forget_on_behalf_of(&self, source: &str, by: Option<Attribution>) -> Result<IngestReport> {
        let (name, by): (Arc<str>, _) = (source.into(), by.map(Arc::new));
        let terms = self.terms(&IngestOptions::default());
        let (revision, plan) = self.write(|state| plan::forget(state, &name, by.clone(), &terms)).await?;
        Ok(IngestReport {
            revision,
            counts: plan.counts,
            completeness: Completeness::Complete,
            held: plan.held,
            problems: Vec::new(),
            failure: None,
        })
    }

    /// Removes an entity that nobody describes any more, and that
    /// [`OrphanPolicy::Keep`](crate::OrphanPolicy::Keep) has kept. False where there is none.
    ///
    /// # Errors
    /// As [`Catalog::ingest`].
    pub async fn remove_orphan(&self, entity_ref: &EntityRef, by: Option<Attribution>) -> Result<bool> {
        let by = by.map(Arc::new);
        let (_, plan) = self.write(|state| plan::remove_orphan(state, entity_ref, by.clone())).await?;
        Ok(plan.counts.removed > 0)
    }

    /// Reads a source to its end. Drafts the snapshot that it makes, if it is the first one.
    async fn pass(&self, source: &dyn Source, options: &IngestOptions, is_first: bool) -> Pass {
        let cx = options.context(Arc::clone(&self.options.clock));
        // What documents lead to is judged one by one, and part of it twice.
        let drafts = is_first && options.following.is_none();
        let mut judging =
            Judging::new(&self.options.model, &self.options.limits, self.packer()).drafting(drafts);
        let info = source.info();
        let reading = match &options.following {
            // Page by page: no more than two are in memory as text.
            None => {
                let mut take = |page, meanwhile: &mut dyn FnMut()| {
                    judging.all(page, meanwhile);
                    options.tell(IngestProgress::Read { documents: judging.documents() });
                };
                reading::read(source, &cx, &mut take).await
            }
            Some(following) => {
                let mut documents = Vec::new();
                let mut take = |page, meanwhile: &mut dyn FnMut()| {
                    documents.extend(page);
                    meanwhile();
                };
                let mut reading = reading::read(source, &cx, &mut take).await;
                reading.add(following.read(&cx, &info, documents, &mut judging).await);
                options.tell(IngestProgress::Read { documents: judging.documents() });
                reading
            }
        };
        let by = options.by.clone().map(Arc::new);
        let follows = options.following.as_ref().is_some_and(|it| it.follows_locations());
        let (read, draft) = judging.finish();
        Pass { source: info.name.into(), by, reading, read, draft, terms: self.terms(options), follows }
    }

    pub(super) fn terms(&self, options: &IngestOptions) -> Terms {
        let guard = if options.confirm_removals { RemovalGuard::off() } else { self.options.removals };
        Terms { guard, orphans: self.options.orphans, precedence: self.options.precedence.clone() }
    }
}

/// One pass over a source, read and judged.
struct Pass {
    source: Arc<str>,
    by: Option<Arc<Attribution>>,
    reading: Reading,
    read: BTreeMap<Arc<str>, Judged>,
    /// The snapshot that it makes, where it is the first.
    draft: Option<Draft>,
    terms: Terms,
    /// Whether Location entities are followed.
    follows: bool,
}

impl Pass {
    fn answer(&self) -> Answer<'_> {
        let whole = match self.reading.completeness {
            Completeness::Complete => Whole::Everywhere,
            Completeness::Partial => Whole::Nowhere,
        };
        Answer { source: &self.source, by: self.by.clone(), read: &self.read, whole, follows: self.follows }
    }

    fn plan(&self, state: &State) -> Plan {
        plan::plan(state, &self.answer(), &self.terms)
    }

    fn report(self, revision: Revision, plan: Plan) -> IngestReport {
        let Reading { mut problems, mut completeness, failure, .. } = self.reading;
        if let Some(location) = &plan.lost {
            problems.push(unknown_targets(location, "cannot be read and led to others"));
            completeness = Completeness::Partial;
        }
        if !plan.held.is_empty() {
            problems.push(mass_deletion(&self.source, plan.held.len(), plan.spoken));
        }
        IngestReport { revision, counts: plan.counts, completeness, held: plan.held, problems, failure }
    }
}

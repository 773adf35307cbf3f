//! Locations that a run has the catalog know of: the provider behind `catalog:register`.

use std::sync::Arc;

use async_trait::async_trait;
use idp_core::{
    CatalogReader, Change, Content, Cursor, Document, EffectState, Entity, EntityRef, Error, ErrorKind,
    FetchRequest, Fetcher, IdempotencyKey, Node, Operation, Page, Provider, ProviderContext, ProviderInfo,
    Receipt, Registration, RegistrationState, ResourceId, Result, Revision, Source, SourceContext,
    SourceInfo, Tree, unknown,
};
use serde_json::{Value, json};
use url::Url;

use crate::{Catalog, IngestOptions};

/// Makes a [`Registration`] true: reads a location once, and keeps its entities under a source of the location's name
/// until the registration is undone.
///
/// Locations are read by the fetchers given here; what none of them handles cannot be registered.
#[derive(Debug)]
pub struct RegistrationProvider {
    catalog: Arc<Catalog>,
    fetchers: Vec<Arc<dyn Fetcher>>,
}

impl RegistrationProvider {
    /// Registers in this catalog what these fetchers read. Of several that handle a URL the last is asked.
    pub fn new(catalog: Arc<Catalog>, fetchers: impl IntoIterator<Item = Arc<dyn Fetcher>>) -> Self {
        Self { catalog, fetchers: fetchers.into_iter().collect() }
    }

    fn state(&self, target: &str) -> Option<RegistrationState> {
        let name = source_name(target);
        let snapshot = self.catalog.snapshot();
        let records = snapshot.iter().filter(|it| it.source() == name);
        let entities: Vec<EntityRef> = records.map(|it| it.entity_ref().clone()).collect();
        (!entities.is_empty()).then(|| RegistrationState { target: target.to_owned(), entities })
    }

    async fn fetch(&self, cx: &ProviderContext, target: &str) -> Result<Tree> {
        let url = Url::parse(target)
            .map_err(|error| Error::invalid("not a URL").with("url", target).because(error))?;
        let fetcher = self.fetchers.iter().rev().find(|it| it.handles(&url)).ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "no plugin fetches this URL").with("url", &url)
        })?;
        fetcher.fetch(cx, &FetchRequest::new(url)).await?.into_tree()
    }

    /// Drops the location again after its entities turned out to be of no use.
    async fn refuse(&self, target: &str, error: Error) -> Error {
        match self.catalog.forget(&source_name(target)).await {
            Ok(_) => error.with("target", target),
            Err(left) => {
                error.with("target", target).with("left behind", left.chain()).effect(EffectState::Unknown)
            }
        }
    }
}

#[async_trait]
impl Provider<Registration> for RegistrationProvider {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("catalog", "has the catalog read a location")
    }

    async fn observe(&self, _: &ProviderContext, id: &ResourceId) -> Result<Option<RegistrationState>> {
        self.catalog.refresh().await?;
        Ok(self.state(&id.name))
    }

    async fn propose(
        &self,
        _: &ProviderContext,
        want: &Registration,
        have: Option<&RegistrationState>,
    ) -> Result<Change> {
        if let Some(have) = have {
            return Ok(Change::nothing(json!(have)));
        }
        let after = json!({"target": want.target, "entities": unknown("entities")});
        let summary = format!("register {}", want.target);
        Ok(Change::reversible(Operation::Create, summary, after, "forget the location", Value::Null))
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Registration,
        _: &Change,
        _: &IdempotencyKey,
    ) -> Result<RegistrationState> {
        cx.cancel.check()?;
        let tree = self.fetch(cx, &want.target).await?;
        let options = IngestOptions::default().on_behalf_of(&cx.run);
        let location = Location { target: want.target.clone(), tree };
        let report = self.catalog.ingest_with(&location, &options).await?;
        if let Some(failure) = report.failure {
            return Err(failure);
        }
        match self.state(&want.target) {
            Some(state) => Ok(state),
            None => {
                let error = Error::invalid("the location holds no entity that the catalog accepts from it");
                Err(self.refuse(&want.target, error).await)
            }
        }
    }

    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()> {
        self.catalog.refresh().await?;
        if self.state(&receipt.resource.name).is_none() {
            return Ok(());
        }
        let (source, by) = (source_name(&receipt.resource.name), Some((&cx.run).into()));
        let report = self.catalog.forget_on_behalf_of(&source, by).await?;
        report.failure.map_or(Ok(()), Err)
    }
}

fn source_name(target: &str) -> String {
    format!("location:{target}")
}

/// A location as a source: what was fetched from it.
#[derive(Debug)]
struct Location {
    target: String,
    tree: Tree,
}

#[async_trait]
impl Source for Location {
    fn info(&self) -> SourceInfo {
        SourceInfo::new(source_name(&self.target), "a registered location")
    }

    async fn page(&self, _: &SourceContext, _: Option<&Cursor>) -> Result<Page> {
        let files = self.tree.iter().filter_map(|(path, node)| match node {
            Node::File { bytes, .. } => Some((path, bytes)),
            _ => None,
        });
        let documents = files.map(|(path, bytes)| Document {
            location: format!("{}#{path}", self.target),
            content: Content::Text(String::from_utf8_lossy(bytes).into_owned()),
        });
        Ok(Page::complete(documents.collect()))
    }
}

impl CatalogReader for Catalog {
    fn entity(&self, entity: &EntityRef) -> Option<Entity> {
        self.snapshot().get(entity).map(|it| it.entity().clone())
    }

    fn revision(&self) -> Revision {
        self.snapshot().revision()
    }
}

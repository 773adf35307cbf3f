//! What an engine needs from the program that embeds it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use idp_core::{
    Cancel, CatalogReader, Clock, Digest, Entity, EntityRef, GivenSecrets, IdSource, Log, MemoryLog,
    ProviderContext, RandomIds, Registry, Result, RunInfo, Secret, SecretStore, SystemClock, TreeLimits,
};
use serde_json::{Map, Value};

/// The host's side of the engine, shared by every plan and run.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) registry: Arc<Registry>,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) catalog: Option<Arc<dyn CatalogReader>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) scratch: Option<PathBuf>,
    pub(crate) limits: TreeLimits,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) environment: Map<String, Value>,
    pub(crate) expressions: crate::Engine,
}

impl Host {
    pub(crate) fn new(registry: Registry) -> Self {
        Self {
            registry: Arc::new(registry),
            log: Arc::new(MemoryLog::new()),
            catalog: None,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            scratch: None,
            limits: TreeLimits::default(),
            secrets: Arc::new(GivenSecrets::default()),
            environment: Map::new(),
            expressions: crate::Engine::new(crate::Mode::Backstage),
        }
    }

    /// The context for a provider or fetcher, without files yet.
    pub(crate) fn provider_context(
        &self,
        run: &RunInfo,
        secrets: &BTreeMap<String, Secret>,
        cancel: &Cancel,
    ) -> ProviderContext {
        let mut cx = ProviderContext::new(run.clone());
        cx.cancel = cancel.clone();
        cx.clock = Arc::clone(&self.clock);
        cx.secrets = Arc::new(RunSecrets { given: secrets.clone(), host: Arc::clone(&self.secrets) });
        cx
    }

    /// An entity of the catalog, and the digest that a plan remembers it by.
    pub(crate) fn entity(&self, entity: &EntityRef) -> (Option<Entity>, Option<Digest>) {
        let found = self.catalog.as_ref().and_then(|it| it.entity(entity));
        let digest = found.as_ref().map(|it| Digest::of_json(it.as_value()));
        (found, digest)
    }
}

/// The secrets given to a run, before those of the host's own store.
#[derive(Debug)]
struct RunSecrets {
    given: BTreeMap<String, Secret>,
    host: Arc<dyn SecretStore>,
}

#[async_trait]
impl SecretStore for RunSecrets {
    async fn get(&self, name: &str) -> Result<Secret> {
        match self.given.get(name) {
            Some(secret) => Ok(secret.clone()),
            None => self.host.get(name).await,
        }
    }
}

//! What an engine needs from the program that embeds it.

use std::path::PathBuf;
use std::sync::Arc;

use idp_core::{
    CatalogReader, Clock, IdSource, Log, MemoryLog, ProviderContext, RandomIds, Registry, RunInfo,
    SystemClock, TreeLimits,
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
            environment: Map::new(),
            expressions: crate::Engine::new(crate::Mode::Backstage),
        }
    }

    /// The context for a provider or fetcher, without files yet.
    pub(crate) fn provider_context(&self, run: &RunInfo) -> ProviderContext {
        let mut cx = ProviderContext::new(run.clone());
        cx.clock = Arc::clone(&self.clock);
        cx
    }
}

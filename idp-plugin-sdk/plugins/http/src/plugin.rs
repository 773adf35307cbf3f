//! The plugin.

use idp_plugin_sdk::{Plugin, PluginInfo, Registry, Result};

use crate::{HttpConfig, HttpFetcher};

/// Brings the fetcher to a host.
#[derive(Clone, Debug)]
pub struct HttpPlugin(HttpFetcher);

impl HttpPlugin {
    /// The plugin, so configured.
    ///
    /// # Errors
    /// As [`HttpFetcher::new`].
    pub fn new(config: HttpConfig) -> Result<Self> {
        HttpFetcher::new(config).map(Self)
    }
}

impl From<HttpFetcher> for HttpPlugin {
    fn from(fetcher: HttpFetcher) -> Self {
        Self(fetcher)
    }
}

impl Plugin for HttpPlugin {
    fn info(&self) -> PluginInfo {
        PluginInfo::new("http", env!("CARGO_PKG_VERSION"))
    }

    fn register(&self, registry: &mut Registry) -> Result<()> {
        registry.fetcher(self.0.clone())
    }
}

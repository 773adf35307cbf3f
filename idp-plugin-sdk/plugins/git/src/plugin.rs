//! The plugin.

use idp_plugin_sdk::resources::Repository;
use idp_plugin_sdk::{Plugin, PluginInfo, Registry, Result};

use crate::publish::publish_actions;
use crate::{GitConfig, GitFetcher, GitProvider};

/// Brings the provider, the fetcher and the `publish:*` actions to a host.
#[derive(Clone, Debug, Default)]
pub struct GitPlugin(GitConfig);

impl GitPlugin {
    /// The plugin, so configured.
    pub fn new(config: GitConfig) -> Self {
        Self(config)
    }
}

impl Plugin for GitPlugin {
    fn info(&self) -> PluginInfo {
        PluginInfo::new("git", env!("CARGO_PKG_VERSION"))
    }

    fn register(&self, registry: &mut Registry) -> Result<()> {
        registry.provider::<Repository>(GitProvider::new(self.0.clone()))?;
        registry.fetcher(GitFetcher::new(self.0.clone()))?;
        publish_actions(&self.0).try_for_each(|action| registry.action(action))
    }
}

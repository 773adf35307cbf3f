//! The plugin.

use idp_plugin_sdk::resources::{Manifest, Namespace};
use idp_plugin_sdk::{Plugin, PluginInfo, Registry, Result};

use crate::{EnvironmentConfig, EnvironmentProvider};

/// Brings the provider of namespaces and manifests to a host.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentPlugin(EnvironmentConfig);

impl EnvironmentPlugin {
    /// The plugin, so configured.
    pub fn new(config: EnvironmentConfig) -> Self {
        Self(config)
    }
}

impl Plugin for EnvironmentPlugin {
    fn info(&self) -> PluginInfo {
        PluginInfo::new("environment", env!("CARGO_PKG_VERSION"))
    }

    fn register(&self, registry: &mut Registry) -> Result<()> {
        registry.provider::<Namespace>(EnvironmentProvider::new(self.0.clone()))?;
        registry.provider::<Manifest>(EnvironmentProvider::new(self.0.clone()))
    }
}

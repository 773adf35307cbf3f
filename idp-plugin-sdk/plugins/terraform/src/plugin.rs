//! The plugin.

use idp_plugin_sdk::resources::Stack;
use idp_plugin_sdk::{Plugin, PluginInfo, Registry, Result};

use crate::{TerraformConfig, TerraformProvider};

/// Brings the provider of stacks to a host.
#[derive(Clone, Debug)]
pub struct TerraformPlugin(TerraformConfig);

impl TerraformPlugin {
    /// The plugin, so configured.
    pub fn new(config: TerraformConfig) -> Self {
        Self(config)
    }
}

impl Plugin for TerraformPlugin {
    fn info(&self) -> PluginInfo {
        PluginInfo::new("terraform", env!("CARGO_PKG_VERSION"))
    }

    fn register(&self, registry: &mut Registry) -> Result<()> {
        registry.provider::<Stack>(TerraformProvider::new(self.0.clone()))
    }
}

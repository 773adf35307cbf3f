//! How plugins reach a host.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Registry, Result};

/// What a plugin is: recorded in every plan that its code had a part in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PluginInfo {
    /// Unique in a registry.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl PluginInfo {
    /// A plugin of this name and version: `PluginInfo::new("git", env!("CARGO_PKG_VERSION"))`.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

/// Adds actions, providers, sources and the like to a host's [`Registry`].
///
/// A function is the smallest plugin: [`plugin_fn`].
pub trait Plugin: fmt::Debug + Send + Sync {
    /// What this is.
    fn info(&self) -> PluginInfo;

    /// Adds what it has.
    ///
    /// - Opens no connection, starts no process, reads no file: that is for the first call.
    /// - Calling it on two registries gives two independent sets.
    ///
    /// # Errors
    /// [`crate::ErrorKind::AlreadyExists`] where a name is taken.
    fn register(&self, registry: &mut Registry) -> Result<()>;
}

/// A plugin from a function.
///
/// ```
/// use idp_core::{plugin_fn, PluginInfo, Registry};
/// let mut registry = Registry::new();
/// registry.install(&plugin_fn(PluginInfo::new("nothing", "1.0.0"), |_| Ok(())))?;
/// assert_eq!(registry.plugins()[0].name, "nothing");
/// # Ok::<(), idp_core::Error>(())
/// ```
pub fn plugin_fn<F>(info: PluginInfo, register: F) -> impl Plugin
where
    F: Fn(&mut Registry) -> Result<()> + Send + Sync,
{
    FnPlugin { info, register }
}

struct FnPlugin<F> {
    info: PluginInfo,
    register: F,
}

impl<F> fmt::Debug for FnPlugin<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FnPlugin({} {})", self.info.name, self.info.version)
    }
}

impl<F: Fn(&mut Registry) -> Result<()> + Send + Sync> Plugin for FnPlugin<F> {
    fn info(&self) -> PluginInfo {
        self.info.clone()
    }

    fn register(&self, registry: &mut Registry) -> Result<()> {
        (self.register)(registry)
    }
}

//! A host whose every Git host is a folder.

use std::path::Path;
use std::sync::Arc;

use idp_catalog::{Catalog, RegistrationProvider};
use idp_core::{MemoryLog, PluginInfo, Registry, plugin_fn};
use idp_plugin_git::{GitConfig, GitPlugin};
use idp_scaffolder::{Builtins, Engine};

/// How the Git hosts of real templates name a repository; the first is for those that are not named.
const HOSTS: [(&str, &str); 4] = [
    ("*", "{owner}/{repo}"),
    ("bitbucket.org", "{workspace}/{repo}"),
    ("dev.azure.com", "{organization}/{repo}"),
    ("cnoe.localtest.me:8443", "{repo}"),
];

/// The built-in actions that render with an engine, the Git plugin, and a catalog to register in.
pub(crate) async fn registry(
    folder: &Path,
    expressions: &Engine,
    log: Arc<MemoryLog>,
) -> (Registry, Arc<Catalog>) {
    let catalog = Arc::new(Catalog::open(log).await.unwrap());
    let mut registry = Registry::new();
    registry.install(&Builtins::new(expressions.clone())).unwrap();
    let place = |parts: &str| format!("file://{}/{parts}.git", folder.display());
    let hosts =
        HOSTS.iter().fold(GitConfig::default(), |it, (host, parts)| it.with_host(*host, place(parts)));
    registry.install(&GitPlugin::new(hosts)).unwrap();
    let fetchers: Vec<_> = registry.fetchers().cloned().collect();
    let held = Arc::clone(&catalog);
    let registration = plugin_fn(PluginInfo::new("catalog", "1"), move |registry| {
        registry.provider(RegistrationProvider::new(Arc::clone(&held), fetchers.clone()))
    });
    registry.install(&registration).unwrap();
    (registry, catalog)
}

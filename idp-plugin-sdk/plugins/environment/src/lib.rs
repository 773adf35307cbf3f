//! Namespaces and manifests of an environment, as commits to the repository that Argo CD or Flux deploys from.
//!
//! [`EnvironmentProvider`] makes a [`Namespace`](idp_plugin_sdk::resources::Namespace) (with quota and limits) and a
//! [`Manifest`](idp_plugin_sdk::resources::Manifest) true: it writes their YAML into a GitOps repository, one commit for
//! each change, and undoes a change by a commit that restores the files. What the cluster makes of it is the GitOps
//! tool's business.
//!
//! ```text
//! <path>/<environment>[/<cluster>]/<namespace>/namespace/namespace.yaml
//!                                                       /resource-quota.yaml
//!                                                       /limit-range.yaml
//!                                             /manifests/<name>.yaml
//! ```
//!
//! Where the repository is, a resource says itself (`gitops`), or the configuration for its environment:
//!
//! ```
//! use idp_plugin_environment::{EnvironmentConfig, EnvironmentPlugin};
//! use idp_plugin_sdk::{Registry, resources::GitOpsPlace};
//!
//! let config = EnvironmentConfig::default().with_environment("*", GitOpsPlace::new("file:///srv/git/gitops.git"));
//! let mut registry = Registry::new();
//! registry.install(&EnvironmentPlugin::new(config))?;
//! assert_eq!(registry.resource_kinds().collect::<Vec<_>>(), ["manifest", "namespace"]);
//! # Ok::<(), idp_plugin_sdk::Error>(())
//! ```
//!
//! A repository on this machine is created where there is none. It needs the `git` program, version 2.31 or newer.

mod change;
mod config;
mod gitops;
mod manifest;
mod marker;
mod names;
mod namespace;
mod plugin;
mod provider;
mod slot;
mod yaml;

pub use config::EnvironmentConfig;
pub use plugin::EnvironmentPlugin;
pub use provider::EnvironmentProvider;

//! Repositories in plain Git.
//!
//! * [`GitProvider`] makes a [`Repository`](idp_plugin_sdk::resources::Repository) true: a bare repository on this
//!   machine (a path or a `file` URL), which it can create, or one that exists behind an `https`, `ssh` or `git` URL.
//! * [`GitFetcher`] reads files of a repository by URL: `<repository>/tree/<branch>/<folder>` and
//!   `<repository>/blob/<branch>/<file>`.
//! * The actions `publish:github`, `publish:gitlab` and their kin, so that existing templates run unmodified:
//!   [`GitConfig::hosts`] says where the repositories of a host are.
//!
//! What is on this machine is observed without starting a program, wherever this plugin was the last to write.
//!
//! ```
//! use idp_plugin_git::{GitConfig, GitPlugin};
//! use idp_plugin_sdk::Registry;
//!
//! let config = GitConfig::default().with_host("github.com", "file:///srv/git/{owner}/{repo}.git");
//! let mut registry = Registry::new();
//! registry.install(&GitPlugin::new(config))?;
//! assert!(registry.find_action("publish:github").is_some());
//! # Ok::<(), idp_plugin_sdk::Error>(())
//! ```
//!
//! It needs the `git` program, version 2.31 or newer.

mod advance;
mod change;
mod config;
mod create;
mod fetcher;
mod marker;
mod observe;
mod plugin;
mod provider;
mod publish;
mod repo_url;
mod target;
mod undo;

pub use config::GitConfig;
pub use fetcher::GitFetcher;
pub use plugin::GitPlugin;
pub use provider::GitProvider;

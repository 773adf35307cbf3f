//! Files behind http and https URLs.
//!
//! [`HttpFetcher`] reads one file by URL, conditionally: who has an answer already is told by an entity tag or a date that
//! nothing changed. It speaks to the hosts that its configuration allows, and to no other: every redirect is checked like
//! the first URL. Answers are bounded in size while they arrive, and in time.
//!
//! ```
//! use idp_plugin_http::{HttpConfig, HttpPlugin};
//! use idp_plugin_sdk::{Registry, Url};
//!
//! let config = HttpConfig::default()
//!     .allow("*.example.org")?
//!     .with_raw("github.com", "https://raw.githubusercontent.com/{project}/{path}");
//! let mut registry = Registry::new();
//! registry.install(&HttpPlugin::new(config)?)?;
//! assert!(registry.find_fetcher(&Url::parse("https://docs.example.org/catalog-info.yaml")?).is_some());
//! assert!(registry.find_fetcher(&Url::parse("https://github.com/acme/x/blob/main/catalog-info.yaml")?).is_some());
//! assert!(registry.find_fetcher(&Url::parse("https://elsewhere.com/")?).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files as a Git host shows them
//!
//! `https://HOST/OWNER/REPO/blob/REF/PATH` names a page, and not a file. [`HttpConfig::raw`] says where the host keeps the
//! bytes. The other way is the `git` plugin, which reads the same URLs from the repository itself: install it after this
//! one, for of two fetchers that handle a URL the one added last is asked.
//!
//! # Features
//!
//! * `tls` (default): https with rustls on ring and the certificates that the system trusts. A host that brings a client
//!   of its own ([`HttpFetcher::with_client`]) does without.

mod answer;
mod client;
mod config;
mod fetcher;
mod plugin;
mod validator;

pub use config::{Authorization, Credential, HttpConfig};
pub use fetcher::HttpFetcher;
pub use plugin::HttpPlugin;
/// The HTTP client, for hosts that bring one of their own.
pub use reqwest;

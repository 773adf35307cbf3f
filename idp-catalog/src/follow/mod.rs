//! Following what documents point at: Location entities to their targets, substitutions to their files.
//!
//! This is a step of an ingestion ([`IngestOptions::following`](crate::IngestOptions::following)), and not a source around
//! another: it works on documents that are parsed already, so that each file is parsed once, every problem points into
//! its text, and an unchanged target costs one conditional request and no parsing. A source stays what it is, whether
//! its locations are followed or not.
//!
//! ```text
//! documents ──► substitutions ──► rules ──► verdict ──► Location? ──► targets ──► documents …
//!                  fetch                                                 fetch
//! ```
//!
//! What is fetched is fetched by the host's [`Fetcher`]s, from the hosts that are allowed; files of the machine only
//! below the folder that is ingested. Each target is read once in a pass, so circles end. Every document stands alone: a
//! target that cannot be read, or a document that is not accepted, costs no other one anything. It makes the answer
//! partial, so that nothing that may stand behind it is deleted.

mod bundle;
mod fetching;
mod files;
mod limits;
mod links;
mod pass;
mod place;
mod rules;
mod substitute;
mod target;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use globset::GlobSet;
use idp_core::{Diagnostic, Fetcher, Hosts, ProviderContext, Result};

use files::Kept;
pub use limits::FollowLimits;
pub(crate) use pass::Followed;
pub use rules::Rules;

use crate::source::globs;

/// How locations and substitutions are followed, and what was fetched before.
///
/// Cheap to share, and worth keeping: what one pass has fetched, the next asks for conditionally.
///
/// ```
/// use std::sync::Arc;
/// use idp_catalog::{Catalog, DirectorySource, Following, IngestOptions, Rules};
/// use idp_core::{Hosts, Registry};
///
/// # async fn example(catalog: &Catalog, registry: &Registry) -> idp_core::Result<()> {
/// let following = Following::new(registry.fetchers().cloned())
///     .hosts(Hosts::none().allow("git.example.org")?)
///     .rules(Rules::only(["Component", "API", "Location"]));
/// let options = IngestOptions::default().following(Arc::new(following));
/// let report = catalog.ingest_with(&DirectorySource::new("services", "./services")?, &options).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Following {
    fetchers: Vec<Arc<dyn Fetcher>>,
    hosts: Hosts,
    types: BTreeSet<String>,
    rules: Rules,
    limits: FollowLimits,
    descriptors: GlobSet,
    locations: bool,
    release_gone: bool,
    context: ProviderContext,
    /// By source.
    kept: Mutex<BTreeMap<String, Kept>>,
}

impl Following {
    /// Follows with these fetchers; of several that handle a URL the last is asked.
    ///
    /// At first no host is allowed: only files below a source's own folder are read, for which no fetcher is needed.
    pub fn new(fetchers: impl IntoIterator<Item = Arc<dyn Fetcher>>) -> Self {
        Self {
            fetchers: fetchers.into_iter().collect(),
            hosts: Hosts::none(),
            types: BTreeSet::from([place::URL.to_owned()]),
            rules: Rules::any(),
            limits: FollowLimits::default(),
            descriptors: globs(&["**/catalog-info.yaml", "**/catalog-info.yml"]).unwrap_or_default(),
            locations: true,
            release_gone: false,
            context: ProviderContext::default(),
            kept: Mutex::default(),
        }
    }

    /// The hosts that may be asked.
    #[must_use]
    pub fn hosts(mut self, hosts: Hosts) -> Self {
        self.hosts = hosts;
        self
    }

    /// The location types that a Location of another type may name, besides its own. `url` by default, so that what
    /// stands behind a URL cannot name files of the machine.
    #[must_use]
    pub fn types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Which kinds may come from where.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Other bounds.
    #[must_use]
    pub fn limits(mut self, limits: FollowLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Which files of a target that is a folder are descriptors: `**/catalog-info.yaml` and `.yml` by default.
    ///
    /// # Errors
    /// [`InvalidInput`](idp_core::ErrorKind::InvalidInput) for a pattern that is none.
    pub fn descriptors(mut self, patterns: &[&str]) -> Result<Self> {
        self.descriptors = globs(patterns)?;
        Ok(self)
    }

    /// Whether Location entities are followed; if not, only substitutions are made.
    #[must_use]
    pub fn locations(mut self, follow: bool) -> Self {
        self.locations = follow;
        self
    }

    /// Whether a target of which its server says that it is gone takes its entities with it. If not, they stay until the
    /// Location no longer names it, or says `presence: optional`.
    #[must_use]
    pub fn release_gone(mut self, release: bool) -> Self {
        self.release_gone = release;
        self
    }

    /// What fetchers are handed: secrets, a scratch folder. Clock and cancel flag come from the ingestion.
    #[must_use]
    pub fn context(mut self, context: ProviderContext) -> Self {
        self.context = context;
        self
    }

    pub(crate) fn follows_locations(&self) -> bool {
        self.locations
    }

    fn take_kept(&self, source: &str) -> Kept {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(source).unwrap_or_default()
    }

    fn put_kept(&self, source: &str, files: Kept) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(source.to_owned(), files);
    }
}

/// Says that nothing is removed, because it cannot be told what a location leads to.
pub(crate) fn unknown_targets(location: &str, why: &str) -> Diagnostic {
    let message = format!("`{location}` {why}: what it leads to is kept as it was");
    Diagnostic::warning("unknown-targets", message)
}

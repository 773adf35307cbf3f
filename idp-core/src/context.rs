//! What the host hands to providers and fetchers.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Cancel, Clock, Digest, Entity, EntityRef, Error, ErrorKind, Principal, Result, Revision, Secret,
    SystemClock, Timestamp, Tree,
};

/// Hands out secrets by name.
#[async_trait]
pub trait SecretStore: fmt::Debug + Send + Sync + 'static {
    /// The secret of this name.
    ///
    /// - One it does not have is [`ErrorKind::NotFound`].
    /// - The value appears in no error and no log.
    async fn get(&self, name: &str) -> Result<Secret>;
}

/// Secrets given by value, for one run.
#[derive(Clone, Debug, Default)]
pub struct GivenSecrets(BTreeMap<String, Secret>);

impl GivenSecrets {
    /// These secrets, by name.
    pub fn new(secrets: impl IntoIterator<Item = (String, Secret)>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// Every name and secret.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(name, secret)| (name.as_str(), secret))
    }
}

#[async_trait]
impl SecretStore for GivenSecrets {
    async fn get(&self, name: &str) -> Result<Secret> {
        self.0
            .get(name)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "no such secret").with("name", name))
    }
}

/// Reads entities of a catalog at one revision.
pub trait CatalogReader: fmt::Debug + Send + Sync + 'static {
    /// The entity of a reference.
    fn entity(&self, entity: &EntityRef) -> Option<Entity>;

    /// The revision that all answers are of.
    fn revision(&self) -> Revision;
}

/// Who runs what, since when.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunInfo {
    /// The run.
    pub id: String,
    /// When it began: the one time that ends up in the world (dates of commits), so that a resumed run makes the same.
    pub started: Timestamp,
    /// On whose behalf.
    pub principal: Option<Principal>,
}

impl RunInfo {
    /// A run on nobody's behalf.
    pub fn new(id: impl Into<String>, started: Timestamp) -> Self {
        Self { id: id.into(), started, principal: None }
    }

    /// On whose behalf.
    #[must_use]
    pub fn by(mut self, principal: Option<Principal>) -> Self {
        self.principal = principal;
        self
    }
}

/// Takes lines of progress for a person. Secrets are masked by the host.
pub trait Progress: fmt::Debug + Send + Sync + 'static {
    /// One line.
    fn line(&self, text: &str);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn line(&self, _: &str) {}
}

/// What the host hands to a [`crate::Provider`] or [`crate::Fetcher`] with every call: everything it may use besides
/// the system it stands for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProviderContext {
    /// The run it is part of.
    pub run: RunInfo,
    /// Raised when the host wants the call to end.
    pub cancel: Cancel,
    /// The host's clock.
    pub clock: Arc<dyn Clock>,
    /// Secrets by name.
    pub secrets: Arc<dyn SecretStore>,
    /// Where to report progress.
    pub progress: Arc<dyn Progress>,
    scratch: Option<PathBuf>,
    trees: BTreeMap<Digest, Tree>,
}

impl Default for ProviderContext {
    fn default() -> Self {
        Self {
            run: RunInfo::new("none", Timestamp::default()),
            cancel: Cancel::new(),
            clock: Arc::new(SystemClock),
            secrets: Arc::new(GivenSecrets::default()),
            progress: Arc::new(Silent),
            scratch: None,
            trees: BTreeMap::new(),
        }
    }
}

impl ProviderContext {
    /// For a run, with everything else at its default: nothing to scratch on, no secrets, nobody listening.
    pub fn new(run: RunInfo) -> Self {
        Self { run, ..Self::default() }
    }

    /// With a folder for temporary files, which the host removes after the run.
    #[must_use]
    pub fn with_scratch(mut self, folder: impl Into<PathBuf>) -> Self {
        self.scratch = Some(folder.into());
        self
    }

    /// With the files that a resource refers to.
    #[must_use]
    pub fn with_tree(mut self, tree: Tree) -> Self {
        self.trees.insert(tree.digest(), tree);
        self
    }

    /// The folder for temporary files.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where the host offers none.
    pub fn scratch(&self) -> Result<&Path> {
        self.scratch
            .as_deref()
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, "this host offers no scratch folder"))
    }

    /// The files of a [`crate::TreeRef`].
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the host does not have them at hand.
    pub fn tree(&self, digest: &Digest) -> Result<&Tree> {
        self.trees.get(digest).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "these files are not at hand").with("tree", digest)
        })
    }
}

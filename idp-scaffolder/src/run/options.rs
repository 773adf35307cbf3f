//! What applying, resuming and undoing are given.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Cancel, Principal, Progress, Secret, Silent};

/// What applying, resuming or undoing needs besides the plan.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunOptions {
    /// The run's id; made up where it is `None`. Give one to watch the run from its first event.
    pub id: Option<String>,
    /// Secrets by name: those that the plan names.
    pub secrets: BTreeMap<String, Secret>,
    /// On whose behalf, where it is not the plan's principal.
    pub principal: Option<Principal>,
    /// Raised to stop the run at the next safe point.
    pub cancel: Cancel,
    /// Hears lines of progress as they come.
    pub progress: Arc<dyn Progress>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            id: None,
            secrets: BTreeMap::new(),
            principal: None,
            cancel: Cancel::new(),
            progress: Arc::new(Silent),
        }
    }
}

impl RunOptions {
    /// With an id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// With a secret.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.secrets.insert(name.into(), secret);
        self
    }

    /// Stopped by this flag.
    #[must_use]
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Heard by this listener.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }
}

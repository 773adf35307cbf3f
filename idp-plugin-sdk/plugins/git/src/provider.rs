//! Repositories, made true.

use idp_plugin_sdk::resources::{Repository, RepositoryState};
use idp_plugin_sdk::{
    Change, EffectState, Error, ErrorKind, IdempotencyKey, Operation, Provider, ProviderContext,
    ProviderInfo, Receipt, ResourceId, Result, async_trait,
};

use crate::advance::{self, advance};
use crate::change::{Before, encode};
use crate::observe::observe;
use crate::target::Target;
use crate::{GitConfig, change, create, undo};

/// Provides [`Repository`] by plain Git.
///
/// - On this machine it creates bare repositories; behind a URL it works with those that exist.
/// - The first content is the first commit; other content is one more commit, which leaves all history in place.
/// - Undo deletes a repository it created, or moves the branch back, unless somebody has pushed since.
/// - Absent repositories on this machine, and those it wrote to last, are observed without starting a program.
#[derive(Clone, Debug, Default)]
pub struct GitProvider(GitConfig);

impl GitProvider {
    /// A provider, so configured.
    pub fn new(config: GitConfig) -> Self {
        Self(config)
    }

    async fn state(&self, cx: &ProviderContext, url: &str) -> Result<Option<RepositoryState>> {
        observe(&Target::new(&self.0, cx, url).await?, url).await
    }
}

#[async_trait]
impl Provider<Repository> for GitProvider {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("git", "Repositories in plain Git, on this machine or behind a URL.")
    }

    async fn observe(&self, cx: &ProviderContext, id: &ResourceId) -> Result<Option<RepositoryState>> {
        self.state(cx, &id.name).await
    }

    async fn propose(
        &self,
        cx: &ProviderContext,
        want: &Repository,
        have: Option<&RepositoryState>,
    ) -> Result<Change> {
        let target = Target::new(&self.0, cx, &want.url).await?;
        match have {
            None => change::create(&target, want),
            Some(have) => change::update(&target, want, have),
        }
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Repository,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<RepositoryState> {
        cx.cancel.check()?;
        let target = Target::new(&self.0, cx, &want.url).await?;
        match change.operation {
            Operation::Nothing => {}
            Operation::Create => create::create(&target, want, key).await?,
            Operation::Update => match undo_data(change)? {
                Before::At(was) => advance(&target, want, &was).await?,
                Before::Absent => return Err(Error::internal("an update of a repository that was absent")),
            },
            Operation::Replace => {
                return Err(Error::new(ErrorKind::Unsupported, "repositories are not replaced"));
            }
        }
        let applied = if change.is_nothing() { EffectState::NotStarted } else { EffectState::Applied };
        let state = self.state(cx, &want.url).await.map_err(|error| error.effect(applied))?;
        let state =
            state.ok_or_else(|| Error::new(ErrorKind::Conflict, "the repository is gone").effect(applied))?;
        if change.is_nothing() && encode(&state)? != change.after {
            return Err(advance::moved(&target));
        }
        Ok(state)
    }

    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()> {
        cx.cancel.check()?;
        undo::undo(&Target::new(&self.0, cx, &receipt.resource.name).await?, receipt).await
    }
}

fn undo_data(change: &Change) -> Result<Before> {
    match &change.reversal {
        idp_plugin_sdk::Reversal::Undo { data, .. } => serde_json::from_value(data.clone())
            .map_err(|error| Error::new(ErrorKind::Corrupt, "the change does not read back").because(error)),
        idp_plugin_sdk::Reversal::Irreversible(_) => {
            Err(Error::new(ErrorKind::Corrupt, "the change was not proposed by this provider"))
        }
    }
}

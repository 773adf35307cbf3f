//! Stacks, made true.

use std::fs;

use idp_plugin_sdk::resources::{Stack, StackState};
use idp_plugin_sdk::{
    Change, EffectState, Error, ErrorKind, IdempotencyKey, Operation, Provider, ProviderContext,
    ProviderInfo, Receipt, Resource, ResourceId, Result, async_trait,
};

use crate::TerraformConfig;
use crate::advance::Job;
use crate::change::{change, encode, version};
use crate::cli::Cli;
use crate::plan::TfPlan;
use crate::store::Store;
use crate::workdir::{cannot, fill};

/// Provides [`Stack`] by the Terraform or OpenTofu command line.
///
/// A stack that was applied from the same code with the same variables is as wanted; other code is planned for real.
#[derive(Clone, Debug)]
pub struct TerraformProvider(TerraformConfig);

impl TerraformProvider {
    /// A provider, so configured.
    pub fn new(config: TerraformConfig) -> Self {
        Self(config)
    }

    async fn job<'a>(&'a self, cx: &'a ProviderContext, id: &ResourceId) -> Result<Job<'a>> {
        let store = Store::new(&self.0, id)?;
        Ok(Job { config: &self.0, cx, cli: Cli::new(&self.0, cx).await?, store })
    }

    /// A real plan, on copies.
    async fn plan(&self, job: &Job<'_>, want: &Stack) -> Result<TfPlan> {
        let scratch = job.cx.scratch()?;
        let folder = fs::create_dir_all(scratch)
            .and_then(|()| tempfile::Builder::new().prefix("stack-").tempdir_in(scratch))
            .and_then(|it| Ok((std::path::absolute(it.path())?, it)));
        let (path, _folder) = folder.map_err(|error| cannot(scratch, error))?;
        let (state, work) = (path.join("terraform.tfstate"), path.join("work"));
        if let Some(text) = job.store.state_text()? {
            fs::write(&state, text).map_err(|error| cannot(&state, error))?;
        }
        fill(&self.0, &work, job.cx.tree(&want.content.digest)?, &want.variables, &state)?;
        let plan = TfPlan::of(&job.cli.plan(&work, false).await?);
        Ok(plan.masked(&job.cli.redactor()))
    }
}

#[async_trait]
impl Provider<Stack> for TerraformProvider {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("terraform", "Stacks, through the Terraform or OpenTofu command line.")
    }

    async fn observe(&self, cx: &ProviderContext, id: &ResourceId) -> Result<Option<StackState>> {
        let job = self.job(cx, id).await?;
        let Some(digest) = job.store.digest()? else { return Ok(None) };
        let state = job.store.state()?;
        let redactor = job.cli.redactor();
        let outputs = state.as_ref().map(|it| it.outputs()).unwrap_or_default();
        Ok(Some(StackState {
            digest,
            resources: state.as_ref().map(|it| it.addresses()).unwrap_or_default(),
            outputs: outputs.into_iter().map(|(name, value)| (name, redactor.json(&value))).collect(),
            name: job.store.name,
            environment: job.store.environment,
        }))
    }

    async fn propose(&self, cx: &ProviderContext, want: &Stack, have: Option<&StackState>) -> Result<Change> {
        if let Some(have) = have.filter(|it| it.digest == version(want)) {
            return Ok(Change::nothing(encode(have)?));
        }
        let job = self.job(cx, &want.id()).await?;
        change(want, have, self.plan(&job, want).await?)
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Stack,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<StackState> {
        cx.cancel.check()?;
        let job = self.job(cx, &want.id()).await?;
        let applied = match change.operation {
            Operation::Nothing => EffectState::NotStarted,
            _ => {
                job.advance(want, change, key).await?;
                EffectState::Applied
            }
        };
        let state = self.observe(cx, &want.id()).await.map_err(|error| error.effect(applied))?;
        // Another version by now: nothing was to do, or somebody else was faster than this question.
        let is_wanted = |it: &StackState| it.digest == version(want);
        state.filter(is_wanted).ok_or_else(|| job.moved().effect(applied))
    }

    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()> {
        cx.cancel.check()?;
        if receipt.resource.kind != Stack::KIND {
            return Err(Error::new(ErrorKind::InvalidInput, "the receipt is not one of a stack"));
        }
        self.job(cx, &receipt.resource).await?.undo(receipt).await
    }
}

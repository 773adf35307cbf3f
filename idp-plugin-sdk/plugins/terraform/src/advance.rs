//! Applying a version of a stack.

use idp_plugin_sdk::resources::Stack;
use idp_plugin_sdk::{Change, EffectState, Error, ErrorKind, IdempotencyKey, ProviderContext, Result};

use crate::TerraformConfig;
use crate::change::{Basis, version};
use crate::cli::Cli;
use crate::plan::TfPlan;
use crate::store::{Applied, Marker, Store};
use crate::workdir::fill;

/// One stack and the program, for the length of one call.
pub(crate) struct Job<'a> {
    pub config: &'a TerraformConfig,
    pub cx: &'a ProviderContext,
    pub cli: Cli<'a>,
    pub store: Store,
}

impl Job<'_> {
    /// Applies what is wanted, unless it was applied under this key; goes on where an attempt under it was cut short.
    pub(crate) async fn advance(&self, want: &Stack, change: &Change, key: &IdempotencyKey) -> Result<()> {
        let recorded = self.store.marker()?;
        let marker = recorded.clone().unwrap_or_default();
        if self.is_done(&marker, key)? {
            return Ok(());
        }
        let resumes = marker.underway.as_ref() == Some(key);
        if !resumes && self.store.digest()? != Basis::of(change)?.before {
            return Err(self.moved());
        }
        // What an attempt that was cut short has done is no longer in the plan.
        let planned = self.plan(want).await.and_then(|plan| {
            if resumes || plan.lines == change.details { Ok(()) } else { Err(self.moved()) }
        });
        if let Err(error) = planned {
            self.restore(recorded.as_ref())?;
            return Err(error);
        }
        self.make(recorded.as_ref(), Applied { key: key.clone(), digest: version(want) }).await
    }

    fn is_done(&self, marker: &Marker, key: &IdempotencyKey) -> Result<bool> {
        let last = marker.history.last().is_some_and(|it| it.key == *key);
        if !last || marker.underway.is_some() {
            return Ok(false);
        }
        if marker.is_untouched(&self.store)? { Ok(true) } else { Err(self.moved()) }
    }

    async fn plan(&self, want: &Stack) -> Result<TfPlan> {
        let folder = self.store.version(&version(want));
        let code = self.cx.tree(&want.content.digest)?;
        fill(self.config, &folder, code, &want.variables, &self.store.state_path())?;
        Ok(TfPlan::of(&self.cli.plan(&folder, false).await?))
    }

    /// Applies the plan made last for a version.
    async fn make(&self, recorded: Option<&Marker>, applied: Applied) -> Result<()> {
        self.cx.cancel.check()?;
        let before = self.store.state_text()?;
        let mut marker = recorded.cloned().unwrap_or_default();
        self.begin(&marker, &applied.key)?;
        if let Err(error) = self.cli.apply(&self.store.version(&applied.digest)).await {
            return Err(self.failed(error, before.as_ref(), recorded));
        }
        marker.history.push(applied);
        self.end(marker.history).map_err(|error| error.effect(EffectState::Unknown))
    }

    /// Records that a change begins: from here on only its own key goes on with the stack.
    pub(crate) fn begin(&self, marker: &Marker, key: &IdempotencyKey) -> Result<()> {
        self.store.record(&Marker { underway: Some(key.clone()), ..marker.clone() })
    }

    /// Records what is there after a change.
    pub(crate) fn end(&self, history: Vec<Applied>) -> Result<()> {
        let stamp = self.store.state()?.map(|it| it.stamp());
        self.store.record(&Marker { history, stamp, underway: None })
    }

    /// The program saves its state after each resource. One that was stopped may not have come to that.
    fn failed(&self, error: Error, before: Option<&String>, recorded: Option<&Marker>) -> Error {
        let stopped = matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout);
        let unchanged = self.store.state_text().is_ok_and(|it| it.as_ref() == before);
        if !stopped && unchanged && self.restore(recorded).is_ok() {
            return error;
        }
        error.effect(EffectState::Unknown)
    }

    fn restore(&self, recorded: Option<&Marker>) -> Result<()> {
        match recorded {
            Some(marker) => self.store.record(marker),
            None => self.store.remove(),
        }
    }

    pub(crate) fn moved(&self) -> Error {
        Error::new(ErrorKind::Conflict, "the stack is no longer as it was").with("stack", &self.store.name)
    }
}

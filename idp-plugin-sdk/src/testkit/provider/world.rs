//! Calls of the subject, as a host makes them.

use std::sync::Arc;

use idp_core::{
    Cancel, Change, GivenSecrets, IdempotencyKey, Provider, ProviderContext, Receipt, Resource, Result,
    RunInfo, Timestamp,
};
use serde_json::Value;

use super::ProviderSubject;
use crate::testkit::run::unexpected;

/// One run of one subject.
pub(super) struct World<'a, S: ProviderSubject> {
    pub subject: &'a S,
    pub cx: ProviderContext,
}

pub(super) type State<S> = <<S as ProviderSubject>::Resource as Resource>::State;

impl<'a, S: ProviderSubject> World<'a, S> {
    pub(super) fn new(subject: &'a S) -> Self {
        let run = RunInfo::new("conformance", Timestamp::from_millis(1_772_366_400_000));
        let mut cx = ProviderContext::new(run);
        if let Some(folder) = subject.scratch() {
            cx = cx.with_scratch(folder);
        }
        cx.secrets = Arc::new(GivenSecrets::new(subject.secrets()));
        Self { subject, cx: subject.trees().into_iter().fold(cx, ProviderContext::with_tree) }
    }

    /// The same with a cancel flag of its own.
    pub(super) fn with_cancel(&self, cancel: &Cancel) -> ProviderContext {
        let mut cx = self.cx.clone();
        cx.cancel = cancel.clone();
        cx
    }

    pub(super) fn provider(&self) -> &S::Provider {
        self.subject.provider()
    }

    pub(super) async fn try_observe(&self) -> Result<Option<State<S>>> {
        self.provider().observe(&self.cx, &self.subject.first().id()).await
    }

    pub(super) async fn observe(&self) -> Result<Option<Value>, String> {
        let state = self.try_observe().await.map_err(unexpected("observe"))?;
        state.as_ref().map(encode).transpose()
    }

    /// What has to change now.
    pub(super) async fn propose(&self, want: &S::Resource) -> Result<Change, String> {
        Ok(self.receipt(want, "unused").await?.change)
    }

    pub(super) async fn apply(
        &self,
        want: &S::Resource,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<Value, String> {
        let state = self.provider().apply(&self.cx, want, change, key).await;
        encode(&state.map_err(unexpected("apply"))?)
    }

    /// Proposes and applies; answers with the receipt that a host would have kept.
    pub(super) async fn ensure(&self, want: &S::Resource, key: &str) -> Result<Receipt, String> {
        let receipt = self.receipt(want, key).await?;
        self.apply(want, &receipt.change, &receipt.key).await?;
        Ok(receipt)
    }

    /// What a host records before it applies.
    pub(super) async fn receipt(&self, want: &S::Resource, key: &str) -> Result<Receipt, String> {
        let have = self.try_observe().await.map_err(unexpected("observe"))?;
        let change = self.provider().propose(&self.cx, want, have.as_ref()).await;
        let (before, change) =
            (have.as_ref().map(encode).transpose()?, change.map_err(unexpected("propose"))?);
        Ok(Receipt { resource: want.id(), before, change, key: IdempotencyKey::new(&[key]) })
    }

    pub(super) async fn undo(&self, receipt: &Receipt) -> Result<(), String> {
        self.provider().undo(&self.cx, receipt).await.map_err(unexpected("undo"))
    }
}

fn encode(value: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| format!("a state does not serialise: {error}"))
}

//! Handles that apply: intent, effect, result, each in the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use idp_core::{
    Change, Digest, DynProvider, EffectState, Effects, EnsureRequest, Entity, EntityRef, Error, ErrorKind,
    IdempotencyKey, ProviderContext, Receipt, ResourceId, ResourceProfile, Result, Retry, Tree,
};
use serde_json::Value;

use super::planning::mask_change;
use super::{Place, Scratch, StepEffects, fetching, masked_digest, refuse_secret_identity};
use crate::host::Host;
use crate::journal::{Failure, Journal, RunEvent};
use crate::plan::{Plan, PlannedEffect, PlannedStatus};
use crate::run::{Intent, Past};

/// How often an effect that did not start is tried, where the provider says that trying again can help.
const ATTEMPTS: u32 = 4;

/// The handles of a run. Performs the effects of its plan, in order, and no others.
pub(crate) struct Applying<'a> {
    host: &'a Host,
    /// What every provider gets, without files.
    cx: ProviderContext,
    plan: &'a Plan,
    journal: &'a Journal,
    past: Past,
    /// Goes away with the run.
    _scratch: Scratch,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    step: String,
    /// The next effect of the run.
    next: usize,
    /// How many planned effects of each step were reached.
    reached: BTreeMap<String, usize>,
    /// Things that this run has changed: what was observed of them before no longer counts.
    touched: BTreeSet<ResourceId>,
}

/// One effect on its way through [`Applying::ensure`].
struct Task<'t> {
    number: usize,
    step: String,
    planned: Option<&'t PlannedEffect>,
    want: Digest,
    request: EnsureRequest,
}

/// One application of one change.
struct Application<'t> {
    cx: &'t ProviderContext,
    task: &'t Task<'t>,
    provider: &'t dyn DynProvider,
    change: &'t Change,
    key: &'t IdempotencyKey,
}

impl<'a> Applying<'a> {
    /// Handles over a context, to which a scratch folder is added.
    pub(crate) fn new(
        host: &'a Host,
        cx: ProviderContext,
        plan: &'a Plan,
        journal: &'a Journal,
        past: Past,
    ) -> Result<Self> {
        let scratch = Scratch::new(host.scratch.as_ref())?;
        let cx = cx.with_scratch(scratch.path());
        Ok(Self { host, cx, plan, journal, past, _scratch: scratch, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_deferred(&self, step: &str) -> bool {
        let deferred = |status: &PlannedStatus| matches!(status, PlannedStatus::Deferred { .. });
        self.plan.steps.iter().any(|it| it.id == step && deferred(&it.status))
    }

    /// Numbers the effect, and finds it in the plan.
    fn begin(&self, request: EnsureRequest) -> Result<Task<'a>> {
        let want = masked_digest(&request.want, self.journal.redactor());
        let mut state = self.state();
        let (number, step) = (state.next, state.step.clone());
        state.next += 1;
        let reached = state.reached.entry(step.clone()).or_insert(0);
        let planned = self.plan.effects.iter().filter(|it| it.step == step).nth(*reached);
        *reached += 1;
        drop(state);
        match planned {
            None if !self.is_deferred(&step) => {
                Err(moved("the plan does not hold this effect").with("step", step))
            }
            Some(planned) if planned.deferred.is_empty() && planned.want != want => {
                Err(moved("the desired state is not the planned one").with("resource", &planned.resource))
            }
            planned => Ok(Task { number, step, planned, want, request }),
        }
    }

    fn provider(&self, task: &Task<'_>, profile: &ResourceProfile) -> Result<Arc<dyn DynProvider>> {
        let registry = &self.host.registry;
        match task.planned {
            Some(planned) if planned.deferred.is_empty() => {
                registry.provider_named(&task.request.kind, &planned.provider).cloned()
            }
            _ => registry.choose(&task.request.kind, &profile.traits).map(|it| it.provider),
        }
    }

    /// Goes on with an effect that an earlier attempt began and did not report: not started, applied, or in between.
    async fn continue_intent(
        &self,
        cx: &ProviderContext,
        task: &Task<'_>,
        intent: &Intent,
        have: Option<Value>,
    ) -> Result<Value> {
        if intent.want != task.want {
            return Err(
                moved("an earlier attempt wanted something else").with("resource", &intent.receipt.resource)
            );
        }
        let provider = self.host.registry.provider_named(&task.request.kind, &intent.provider)?;
        let fresh = provider.propose(cx, &task.request.want, have.as_ref()).await?;
        if let (true, Some(state)) = (fresh.is_nothing(), have) {
            return self.finish(task, state).await;
        }
        // Started or not, the key is the same: a provider finds what it made under it.
        let Receipt { change, key, .. } = &intent.receipt;
        self.apply(Application { cx, task, provider: provider.as_ref(), change, key }).await
    }

    async fn start(
        &self,
        cx: &ProviderContext,
        task: &Task<'_>,
        provider: &dyn DynProvider,
        id: ResourceId,
        have: Option<Value>,
    ) -> Result<Value> {
        let redactor = self.journal.redactor();
        let precondition = have.as_ref().map(|it| masked_digest(it, redactor));
        let change = provider.propose(cx, &task.request.want, have.as_ref()).await?;
        self.hold_against_plan(task, &id, precondition, &change)?;
        if let (true, Some(state)) = (change.is_nothing(), &have) {
            return self.finish(task, state.clone()).await;
        }
        self.cx.cancel.check()?;
        let key = IdempotencyKey::new(&[&self.cx.run.id, &task.number.to_string(), &id.kind, &id.name]);
        let masked = mask_change(&change, redactor)?;
        let receipt = Receipt { resource: id.clone(), before: have, change: masked, key: key.clone() };
        tracing::debug!(run = %self.cx.run.id, resource = %id, operation = %change.operation, "applying");
        self.journal
            .append(&RunEvent::Intent {
                effect: task.number,
                step: task.step.clone(),
                provider: provider.info().name,
                want: task.want,
                precondition,
                receipt: Box::new(receipt),
            })
            .await?;
        self.state().touched.insert(id);
        self.apply(Application { cx, task, provider, change: &change, key: &key }).await
    }

    fn hold_against_plan(
        &self,
        task: &Task<'_>,
        id: &ResourceId,
        precondition: Option<Digest>,
        change: &Change,
    ) -> Result<()> {
        let Some(planned) = task.planned.filter(|it| it.deferred.is_empty()) else { return Ok(()) };
        let touched = self.state().touched.contains(id);
        if planned.resource != *id || (!touched && planned.precondition != precondition) {
            return Err(moved("the world has moved since the plan was made").with("resource", id));
        }
        if planned.change.operation != change.operation {
            return Err(moved("the change is no longer the planned one")
                .with("resource", id)
                .with("planned", planned.change.operation)
                .with("now", change.operation));
        }
        Ok(())
    }

    async fn apply(&self, application: Application<'_>) -> Result<Value> {
        let task = application.task;
        match self.apply_with_retries(application).await {
            Ok(state) => self.finish(task, state).await,
            Err(error) => {
                let failure = Failure::of(&error, self.journal.redactor());
                let state = error.effect_state();
                self.journal
                    .append(&RunEvent::EffectFailed { effect: task.number, state, error: failure })
                    .await?;
                Err(error)
            }
        }
    }

    async fn apply_with_retries(&self, application: Application<'_>) -> Result<Value> {
        let Application { cx, task, provider, change, key } = application;
        let mut attempt = 1;
        loop {
            let error = match provider.apply(cx, &task.request.want, change, key).await {
                Ok(state) => return Ok(state),
                Err(error) => error,
            };
            let again =
                error.is_retryable() && error.effect_state() == EffectState::NotStarted && attempt < ATTEMPTS;
            if !again {
                return Err(error);
            }
            let pause = match error.retry_hint() {
                Retry::After(time) => time.min(Duration::from_secs(60)),
                _ => Duration::from_millis(200 << attempt),
            };
            self.cx.progress.line(&format!("{}; trying again in {} ms", error.chain(), pause.as_millis()));
            self.sleep(pause).await?;
            attempt += 1;
        }
    }

    async fn finish(&self, task: &Task<'_>, state: Value) -> Result<Value> {
        let event = RunEvent::Applied { effect: task.number, want: task.want, state: state.clone() };
        self.journal.append(&event).await?;
        Ok(state)
    }
}

impl fmt::Debug for Applying<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Applying(run {}, effect {})", self.cx.run.id, self.state().next)
    }
}

impl StepEffects for Applying<'_> {
    fn enter(&self, step: &str) {
        self.state().step = step.to_owned();
    }

    fn defer_files(&self, _: &str) {}
}

#[async_trait]
impl Effects for Applying<'_> {
    async fn ensure(&self, request: EnsureRequest) -> Result<Value> {
        let task = self.begin(request)?;
        let past = self.past.0.get(&task.number).cloned().unwrap_or_default();
        if let Some((want, state)) = past.applied {
            if want != task.want {
                return Err(moved("an earlier attempt applied something else").with("step", task.step));
            }
            if let Some(intent) = past.intent {
                self.state().touched.insert(intent.receipt.resource);
            }
            return Ok(state);
        }
        let profile = self.host.registry.any_provider(&task.request.kind)?.describe(&task.request.want)?;
        refuse_secret_identity(&profile.id, self.journal.redactor())?;
        let provider = self.provider(&task, &profile)?;
        let cx = task.request.trees.iter().fold(self.cx.clone(), |cx, tree| cx.with_tree(tree.clone()));
        let have = provider.observe(&cx, &profile.id).await?;
        match &past.intent {
            Some(intent) => {
                self.state().touched.insert(profile.id);
                self.continue_intent(&cx, &task, intent, have).await
            }
            None => self.start(&cx, &task, provider.as_ref(), profile.id, have).await,
        }
    }

    async fn fetch(&self, url: &str) -> Result<Tree> {
        let template = &self.plan.template;
        let place = Place { base: template.base.as_ref(), root: template.root.as_ref() };
        let tree = fetching::fetch(&self.host.registry, &self.cx, place, url, self.host.limits).await?;
        match self.plan.fetched.get(url) {
            Some(planned) if *planned != tree.digest() => {
                Err(moved("what the template fetches has changed since the plan was made").with("url", url))
            }
            _ => Ok(tree),
        }
    }

    async fn sleep(&self, time: Duration) -> Result<()> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.cx.cancel.cancelled() => self.cx.cancel.check(),
        }
    }

    async fn entity(&self, entity: &EntityRef) -> Result<Option<Entity>> {
        let (found, digest) = self.host.entity(entity);
        match self.plan.entities.get(entity) {
            Some(planned) if *planned != digest => {
                Err(moved("an entity that the template reads has changed since the plan was made")
                    .with("entity", entity))
            }
            _ => Ok(found),
        }
    }
}

fn moved(message: &str) -> Error {
    Error::new(ErrorKind::Conflict, message)
}

//! Handles that record: what would be done, over an overlay of the world as observed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use idp_core::{
    Change, Choice, Effects, EnsureRequest, Entity, EntityRef, Operation, ProviderContext, Redactor,
    ResourceId, ResourceProfile, Result, Tree, unknown, unknown_origins,
};
use serde_json::Value;

use super::{Place, Scratch, StepEffects, fetching, masked_digest, refuse_secret_identity};
use crate::host::Host;
use crate::plan::{Observed, PlannedEffect};

/// The handles of a plan in the making. Nothing outside the scratch folder is changed through them.
pub(crate) struct Planning<'a> {
    host: &'a Host,
    /// What every provider gets, without files.
    cx: ProviderContext,
    place: Place<'a>,
    redactor: &'a Redactor,
    /// Goes away with the plan's making.
    _scratch: Scratch,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    step: String,
    observed: Observed,
    /// The states that recorded effects lead to, over those that are observed.
    overlay: BTreeMap<ResourceId, Value>,
    /// The steps whose change to the files is known after apply.
    deferred_files: Vec<String>,
}

impl<'a> Planning<'a> {
    /// Handles over a context, to which a scratch folder is added.
    pub(crate) fn new(
        host: &'a Host,
        cx: ProviderContext,
        place: Place<'a>,
        redactor: &'a Redactor,
    ) -> Result<Self> {
        let scratch = Scratch::new(host.scratch.as_ref())?;
        let cx = cx.with_scratch(scratch.path());
        Ok(Self { host, cx, place, redactor, _scratch: scratch, state: Mutex::default() })
    }

    pub(crate) fn into_observed(self) -> Observed {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).observed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn have(&self, cx: &ProviderContext, choice: &Choice, id: &ResourceId) -> Result<Option<Value>> {
        let planned = self.state().overlay.get(id).cloned();
        match planned {
            Some(state) => Ok(Some(state)),
            None => choice.provider.observe(cx, id).await,
        }
    }

    fn step(&self) -> String {
        self.state().step.clone()
    }

    fn deferred_files(&self) -> Vec<String> {
        self.state().deferred_files.clone()
    }

    fn record(&self, effect: PlannedEffect) {
        self.state().observed.effects.push(effect);
    }

    /// An effect of which only the kind of resource is known.
    fn record_undecided(&self, kind: &str, provider: &str, want: &Value, needs: Vec<String>) -> Value {
        let after = unknown(format!("{kind} state"));
        let mut change = Change::reversible(
            Operation::Create,
            "decided after apply",
            after.clone(),
            "undo what was done then",
            Value::Null,
        );
        change.details = needs.iter().map(|it| format!("needs {it}")).collect();
        let step = self.step();
        self.record(PlannedEffect {
            step,
            resource: ResourceId::new(kind, "(known after apply)"),
            provider: provider.to_owned(),
            reason: "decided after apply".to_owned(),
            want: masked_digest(want, self.redactor),
            precondition: None,
            change,
            deferred: needs,
        });
        after
    }

    async fn ensure_known(&self, request: EnsureRequest, profile: ResourceProfile) -> Result<Value> {
        let choice = self.host.registry.choose(&request.kind, &profile.traits)?;
        let cx = request.trees.iter().fold(self.cx.clone(), |cx, tree| cx.with_tree(tree.clone()));
        let have = self.have(&cx, &choice, &profile.id).await?;
        let provider = choice.provider.info().name;
        let needs = owned(unknown_origins(have.as_ref().unwrap_or(&Value::Null)));
        let change = match choice.provider.propose(&cx, &request.want, have.as_ref()).await {
            Ok(change) => change,
            // A state that an earlier effect leads to may hold too little to decide on.
            Err(_) if !needs.is_empty() => {
                return Ok(self.record_undecided(&request.kind, &provider, &request.want, needs));
            }
            Err(error) => return Err(error),
        };
        let after = change.after.clone();
        let deferred = if request.trees.is_empty() { Vec::new() } else { self.deferred_files() };
        let step = self.step();
        self.record(PlannedEffect {
            step,
            resource: profile.id.clone(),
            provider,
            reason: choice.reason,
            want: masked_digest(&request.want, self.redactor),
            precondition: have.as_ref().map(|have| masked_digest(have, self.redactor)),
            change: mask_change(&change, self.redactor)?,
            deferred,
        });
        self.state().overlay.insert(profile.id, after.clone());
        Ok(after)
    }
}

impl fmt::Debug for Planning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Planning({} effects)", self.state().observed.effects.len())
    }
}

impl StepEffects for Planning<'_> {
    fn enter(&self, step: &str) {
        self.state().step = step.to_owned();
    }

    fn defer_files(&self, step: &str) {
        self.state().deferred_files.push(format!("the files that step `{step}` leaves"));
    }
}

#[async_trait]
impl Effects for Planning<'_> {
    async fn ensure(&self, request: EnsureRequest) -> Result<Value> {
        let any = Arc::clone(self.host.registry.any_provider(&request.kind)?);
        let needs = owned(unknown_origins(&request.want));
        if !needs.is_empty() {
            return Ok(self.record_undecided(&request.kind, &any.info().name, &request.want, needs));
        }
        let profile = any.describe(&request.want)?;
        refuse_secret_identity(&profile.id, self.redactor)?;
        self.ensure_known(request, profile).await
    }

    async fn fetch(&self, url: &str) -> Result<Tree> {
        let tree = fetching::fetch(&self.host.registry, &self.cx, self.place, url, self.host.limits).await?;
        self.state().observed.fetched.insert(url.to_owned(), tree.digest());
        Ok(tree)
    }

    async fn sleep(&self, _: Duration) -> Result<()> {
        Ok(())
    }

    async fn entity(&self, entity: &EntityRef) -> Result<Option<Entity>> {
        let (found, digest) = self.host.entity(entity);
        self.state().observed.entities.insert(entity.clone(), digest);
        Ok(found)
    }
}

fn owned(origins: Vec<&str>) -> Vec<String> {
    origins.into_iter().map(str::to_owned).collect()
}

/// The change as a plan or journal keeps it.
pub(super) fn mask_change(change: &Change, redactor: &Redactor) -> Result<Change> {
    let corrupt = |error| idp_core::Error::internal("change does not serialise").because(error);
    let value = serde_json::to_value(change).map_err(corrupt)?;
    serde_json::from_value(redactor.json(&value)).map_err(corrupt)
}

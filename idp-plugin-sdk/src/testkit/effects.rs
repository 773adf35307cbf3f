//! An engine's stand-in, for tests of actions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use idp_core::{
    Action, ActionContext, Cancel, Clock, Effects, EnsureRequest, Entity, EntityRef, Error, ErrorKind,
    FixedClock, Result, RunInfo, Silent, StepInfo, Timestamp, Tree, Workspace,
};
use serde_json::Value;

type Answer = dyn Fn(&EnsureRequest) -> Result<Value> + Send + Sync;

/// Records what an action asks for, and answers as a test says.
pub struct RecordingEffects {
    answer: Box<Answer>,
    files: BTreeMap<String, Tree>,
    entities: Vec<Entity>,
    requests: Mutex<Vec<EnsureRequest>>,
}

impl RecordingEffects {
    /// Answers every request for a resource by this function.
    pub fn new(answer: impl Fn(&EnsureRequest) -> Result<Value> + Send + Sync + 'static) -> Self {
        let (files, entities) = (BTreeMap::new(), Vec::new());
        Self { answer: Box::new(answer), files, entities, requests: Mutex::default() }
    }

    /// With files at a URL.
    #[must_use]
    pub fn with_files(mut self, url: impl Into<String>, files: Tree) -> Self {
        self.files.insert(url.into(), files);
        self
    }

    /// With an entity of the catalog.
    #[must_use]
    pub fn with_entity(mut self, entity: Entity) -> Self {
        self.entities.push(entity);
        self
    }

    /// What was asked for, in order.
    pub fn requests(&self) -> Vec<EnsureRequest> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<EnsureRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RecordingEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordingEffects({} requests)", self.lock().len())
    }
}

#[async_trait]
impl Effects for RecordingEffects {
    async fn ensure(&self, request: EnsureRequest) -> Result<Value> {
        let answer = (self.answer)(&request);
        self.lock().push(request);
        answer
    }

    async fn fetch(&self, url: &str) -> Result<Tree> {
        let nothing = || Error::new(ErrorKind::NotFound, "nothing there").with("url", url);
        self.files.get(url).cloned().ok_or_else(nothing)
    }

    async fn sleep(&self, _: Duration) -> Result<()> {
        Ok(())
    }

    async fn entity(&self, entity: &EntityRef) -> Result<Option<Entity>> {
        Ok(self.entities.iter().find(|it| *it.entity_ref() == *entity).cloned())
    }
}

/// Runs an action once, as a step of a run that began on 2026-03-01, and answers with its output.
///
/// # Errors
/// The action's.
pub async fn run_action(
    action: &dyn Action,
    workspace: &Workspace,
    effects: &RecordingEffects,
    input: Value,
) -> Result<Value> {
    let started = Timestamp::from_millis(1_772_366_400_000);
    let (run, template) = (RunInfo::new("run-1", started), EntityRef::new("template", "default", "test")?);
    let step = StepInfo::new("step", "Step", template, false);
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(started));
    let (secrets, cancel) = (BTreeMap::new(), Cancel::new());
    let cx = ActionContext::new(&run, &step, workspace, &secrets, &cancel, &clock, &Silent, effects);
    action.run(&cx, input).await
}

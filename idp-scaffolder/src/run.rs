//! Applying a plan, going on after a crash, and reading what runs did.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{
    Cancel, Diagnostic, Error, ErrorKind, Log, Principal, Progress, Redactor, Result, Revision, RunInfo,
    Secret, Silent, Timestamp, Tree, Workspace,
};
use serde::Serialize;
use serde_json::Value;

use crate::Diagnostics;
use crate::effects::{Applying, Intent, Past};
use crate::journal::{Failure, Journal, RunEvent, RunRecord, RunStatus, read_journal, run_stream};
use crate::pipeline::{Interpreter, render_output};
use crate::plan::Plan;
use crate::record::{Lines, RunRecorder};
use crate::scaffolder::{Scaffolder, no_such_run};

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

/// A run as its journal tells it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Run {
    /// Its id.
    pub id: String,
    /// What it applies.
    pub plan: Plan,
    /// When it began.
    pub started: Timestamp,
    /// When its last event happened.
    pub last_event: Timestamp,
    /// Where it stands.
    pub status: RunStatus,
    /// What the template answers; null before the end.
    pub output: Value,
    /// The first error.
    pub error: Option<Failure>,
    /// Effects that were applied and not taken back.
    pub applied: usize,
}

impl Scaffolder {
    /// Applies exactly what a plan says, or refuses where the world has moved.
    ///
    /// Everything the plan depends on is looked at again before anything is changed, and each thing again right before
    /// its effect. The answer is the run as it ended: look at [`Run::status`]. A failed run can be resumed or undone.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`], with a diagnostic for each difference, where the plan is stale: nothing was changed
    /// and no run exists. Any other error before the first event; afterwards a failure is the run's, not the call's.
    pub async fn apply(&self, plan: &Plan, options: &RunOptions) -> Result<Run> {
        plan.verify()?;
        let secrets = planned_secrets(plan, options)?;
        let now = self
            .plan_checked(
                &plan.template()?,
                plan.parameters.clone(),
                &secrets,
                plan.principal.as_ref(),
                &options.cancel,
            )
            .await?;
        if now.id != plan.id {
            return Err(stale(plan, &now));
        }
        let id = options.id.clone().unwrap_or_else(|| self.host.ids.next_id());
        let principal = options.principal.clone().or_else(|| plan.principal.clone());
        let journal = self.journal(&id, &secrets, Revision::START)?;
        let started = RunEvent::Started { plan: Box::new(plan.clone()), principal };
        journal.append(&started).await?;
        self.drive(&id, &journal, secrets, options).await
    }

    /// Goes on with a run that stopped: after a crash, a failure or a cancellation. What was applied is not applied
    /// again; what may have been is asked of the provider.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Conflict`] where the run completed or was undone, or another worker takes
    /// it over.
    pub async fn resume(&self, id: &str, options: &RunOptions) -> Result<Run> {
        let records = self.records(id).await?;
        let run = summarise(id, &records)?;
        if matches!(run.status, RunStatus::Completed | RunStatus::Undone) {
            return Err(Error::new(ErrorKind::Conflict, "there is nothing to resume").with("run", id));
        }
        let secrets = planned_secrets(&run.plan, options)?;
        let head = records.last().map_or(Revision::START, |it| it.revision);
        let journal = self.journal(id, &secrets, head)?;
        journal.append(&RunEvent::Resumed).await?;
        self.drive(id, &journal, secrets, options).await
    }

    /// One run.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub async fn run(&self, id: &str) -> Result<Run> {
        summarise(id, &self.records(id).await?)
    }

    /// Every run, oldest first.
    ///
    /// # Errors
    /// Whatever the log answers.
    pub async fn runs(&self) -> Result<Vec<Run>> {
        let mut runs = Vec::new();
        for stream in self.host.log.streams("run/").await? {
            let id = stream.as_str().trim_start_matches("run/").to_owned();
            runs.push(self.run(&id).await?);
        }
        runs.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
        Ok(runs)
    }

    /// The journal of a run.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub async fn records(&self, id: &str) -> Result<Vec<RunRecord>> {
        let records = read_journal(self.host.log.as_ref(), id, Revision::START).await?;
        if records.is_empty() { Err(no_such_run(id)) } else { Ok(records) }
    }

    /// The events of a run from a revision on, as they come; also of a run that has not begun.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where the id cannot be a run's.
    pub fn watch(&self, id: &str, after: Revision) -> Result<RunEvents> {
        run_stream(id)?;
        Ok(RunEvents { log: Arc::clone(&self.host.log), run: id.to_owned(), after, ready: Vec::new() })
    }

    pub(crate) fn journal(
        &self,
        id: &str,
        secrets: &BTreeMap<String, Secret>,
        head: Revision,
    ) -> Result<Journal> {
        let redactor = Redactor::new(secrets.values().cloned());
        Journal::new(Arc::clone(&self.host.log), Arc::clone(&self.host.clock), id, redactor, head)
    }

    /// Runs the steps, whatever an earlier attempt has done of them, and journals how it ends.
    async fn drive(
        &self,
        id: &str,
        journal: &Journal,
        secrets: BTreeMap<String, Secret>,
        options: &RunOptions,
    ) -> Result<Run> {
        let records = self.records(id).await?;
        let run = summarise(id, &records)?;
        let plan = &run.plan;
        let template = plan.template()?;
        let info = RunInfo::new(id, run.started).by(principal_of(&records));
        let lines = Arc::new(Lines::new(Arc::clone(&options.progress), journal.redactor().clone()));
        let progress: Arc<dyn Progress> = Arc::clone(&lines) as _;
        let mut cx = self.host.provider_context(&info, &secrets);
        cx.cancel = options.cancel.clone();
        cx.progress = Arc::clone(&progress);
        let effects = Applying::new(&self.host, cx, plan, journal, past_of(&records))?;
        let recorder = RunRecorder { journal, lines };
        let mut interpreter = Interpreter {
            host: &self.host,
            template: &template,
            run: &info,
            scope: self.scope(&plan.parameters, &secrets, info.principal.as_ref(), Some(id)),
            redactor: journal.redactor(),
            workspace: Workspace::new(Tree::with_limits(self.host.limits)),
            effects: &effects,
            listener: &recorder,
            cancel: &options.cancel,
            progress,
            planning: false,
            problems: Diagnostics::new(),
        };
        tracing::info!(run = id, template = %template.entity_ref(), "running");
        let ended = interpreter.run().await;
        tracing::info!(run = id, ok = ended.is_ok(), "ended");
        let output = match &ended {
            Ok(()) => {
                let scope = interpreter.scope.open();
                render_output(
                    &self.host.expressions,
                    &template.spec().output,
                    &scope,
                    &mut interpreter.problems,
                )
            }
            Err(_) => Value::Null,
        };
        journal.append(&finished(ended, output, journal.redactor())).await?;
        self.run(id).await
    }
}

fn finished(ended: Result<()>, output: Value, redactor: &Redactor) -> RunEvent {
    match ended {
        Ok(()) => RunEvent::Finished { status: RunStatus::Completed, output, error: None },
        Err(error) => {
            let cancelled = error.kind() == ErrorKind::Cancelled;
            let status = if cancelled { RunStatus::Cancelled } else { RunStatus::Failed };
            RunEvent::Finished { status, output, error: Some(Failure::of(&error, redactor)) }
        }
    }
}

/// The events of one run, in order.
#[derive(Debug)]
pub struct RunEvents {
    log: Arc<dyn Log>,
    run: String,
    after: Revision,
    /// Read and not yet handed out, last first.
    ready: Vec<RunRecord>,
}

impl RunEvents {
    /// The next event; waits for it. Never ends by itself: stop at [`RunEvent::Finished`] or
    /// [`RunEvent::UndoFinished`]. Dropping the future loses nothing.
    ///
    /// # Errors
    /// Whatever the log answers.
    pub async fn next(&mut self) -> Result<RunRecord> {
        let stream = run_stream(&self.run)?;
        loop {
            if let Some(record) = self.ready.pop() {
                self.after = record.revision;
                return Ok(record);
            }
            self.log.changed(&stream, self.after).await?;
            self.ready = read_journal(self.log.as_ref(), &self.run, self.after).await?;
            self.ready.reverse();
        }
    }
}

/// The secrets that a plan names, all of them and no others.
fn planned_secrets(plan: &Plan, options: &RunOptions) -> Result<BTreeMap<String, Secret>> {
    let find =
        |name: &String| match options.secrets.get(name) {
            Some(secret) => Ok((name.clone(), secret.clone())),
            None => Err(Error::new(ErrorKind::Missing, "the plan needs a secret that was not given")
                .with("secret", name)),
        };
    plan.secrets.iter().map(find).collect()
}

fn principal_of(records: &[RunRecord]) -> Option<Principal> {
    records.iter().find_map(|it| match &it.event {
        RunEvent::Started { principal, .. } => principal.clone(),
        _ => None,
    })
}

/// What earlier attempts have done, by effect.
pub(crate) fn past_of(records: &[RunRecord]) -> Past {
    let mut past = Past::default();
    for record in records {
        match &record.event {
            RunEvent::Intent { effect, provider, want, receipt, .. } => {
                let intent = Intent { provider: provider.clone(), want: *want, receipt: (**receipt).clone() };
                past.0.entry(*effect).or_default().intent = Some(intent);
            }
            RunEvent::Applied { effect, want, state } => {
                past.0.entry(*effect).or_default().applied = Some((*want, state.clone()));
            }
            // Taken back: as if it had never been.
            RunEvent::Undone { effect } => {
                past.0.remove(effect);
            }
            _ => {}
        }
    }
    past
}

fn summarise(id: &str, records: &[RunRecord]) -> Result<Run> {
    let Some(RunRecord { time, event: RunEvent::Started { plan, .. }, .. }) = records.first() else {
        return Err(
            Error::new(ErrorKind::Corrupt, "the journal does not begin with its plan").with("run", id)
        );
    };
    let mut run = Run {
        id: id.to_owned(),
        plan: (**plan).clone(),
        started: *time,
        last_event: records.last().map_or(*time, |it| it.time),
        status: RunStatus::Running,
        output: Value::Null,
        error: None,
        applied: past_of(records).0.values().filter(|it| it.intent.is_some() && it.applied.is_some()).count(),
    };
    for record in records {
        match &record.event {
            RunEvent::Resumed | RunEvent::UndoStarted => (run.status, run.error) = (RunStatus::Running, None),
            RunEvent::Finished { status, output, error } => {
                (run.status, run.output, run.error) = (*status, output.clone(), error.clone());
            }
            RunEvent::UndoFinished { complete } => {
                run.status = if *complete { RunStatus::Undone } else { RunStatus::Failed };
            }
            _ => {}
        }
    }
    Ok(run)
}

/// The refusal of a stale plan: what has changed since it was made.
fn stale(plan: &Plan, now: &Plan) -> Error {
    let changed = |code: &'static str, message: String| Diagnostic::error(code, message);
    let mut found = Vec::new();
    if plan.plugins != now.plugins {
        found.push(changed("plugins-changed", "other plugins, or other versions, are installed".into()));
    }
    for (url, digest) in &plan.fetched {
        if now.fetched.get(url) != Some(digest) {
            found.push(changed("files-changed", format!("the files at `{url}` have changed")));
        }
    }
    for (entity, digest) in &plan.entities {
        if now.entities.get(entity) != Some(digest) {
            found.push(changed("entity-changed", format!("`{entity}` has changed in the catalog")));
        }
    }
    let count = plan.effects.len().max(now.effects.len());
    for index in 0..count {
        match (plan.effects.get(index), now.effects.get(index)) {
            (Some(old), Some(new)) if old == new => {}
            (Some(old), Some(new)) if old.resource == new.resource => found.push(changed(
                "world-moved",
                format!(
                    "{}: planned to {}, and now it would be: {}",
                    old.resource, old.change.summary, new.change.summary
                ),
            )),
            (Some(old), _) => {
                found.push(changed("world-moved", format!("{} is no longer as planned", old.resource)))
            }
            (None, Some(new)) => found.push(changed("world-moved", format!("{} is new", new.resource))),
            (None, None) => {}
        }
    }
    let mut error = Error::diagnosed(found);
    if error.diagnostics().is_empty() {
        error = Error::invalid("the plan no longer says what a run would do");
    }
    error.into_conflict("the plan is stale: make a new one")
}

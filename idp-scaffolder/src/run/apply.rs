//! Applying a plan, and going on after a crash.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Error, ErrorKind, Redactor, Result, Revision, RunInfo, Secret, Tree, Workspace};
use serde_json::Value;

use super::history::{principal_of, summarise};
use super::stale::stale;
use super::{Past, Run, RunOptions};
use crate::Diagnostics;
use crate::effects::Applying;
use crate::journal::{Failure, Journal, RunEvent, RunStatus};
use crate::pipeline::{Interpreter, render_output};
use crate::plan::Plan;
use crate::record::{Lines, RunRecorder};
use crate::scaffolder::Scaffolder;

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
        let mut cx = self.host.provider_context(&info, &secrets, &options.cancel);
        cx.progress = Arc::clone(&lines) as _;
        let effects = Applying::new(&self.host, cx.clone(), plan, journal, Past::of(&records))?;
        let recorder = RunRecorder { journal, lines };
        let mut interpreter = Interpreter {
            host: &self.host,
            template: &template,
            variables: self.variables(&plan.parameters, &secrets, info.principal.as_ref(), Some(id)),
            redactor: journal.redactor(),
            workspace: Workspace::new(Tree::with_limits(self.host.limits)),
            effects: &effects,
            listener: &recorder,
            cx,
            planning: false,
            problems: Diagnostics::new(),
        };
        tracing::info!(run = id, template = %template.entity_ref(), "running");
        let ended = interpreter.run().await;
        tracing::info!(run = id, ok = ended.is_ok(), "ended");
        let output = ended.and_then(|()| {
            let (engine, scope) = (&self.host.expressions, interpreter.variables.open());
            render_output(engine, &template.spec().output, &scope, &mut interpreter.problems)
        });
        journal.append(&finished(output, journal.redactor())).await?;
        self.run(id).await
    }
}

fn finished(output: Result<Value>, redactor: &Redactor) -> RunEvent {
    match output {
        Ok(output) => RunEvent::Finished { status: RunStatus::Completed, output, error: None },
        Err(error) => {
            let cancelled = error.kind() == ErrorKind::Cancelled;
            let status = if cancelled { RunStatus::Cancelled } else { RunStatus::Failed };
            RunEvent::Finished { status, output: Value::Null, error: Some(Failure::of(&error, redactor)) }
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

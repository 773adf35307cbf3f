//! Writes down what becomes of each step: in a plan, or in a journal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use idp_core::{Progress, Redactor, Result, StepInfo};
use serde_json::Value;

use crate::journal::{Failure, Journal, RunEvent};
use crate::pipeline::{StepListener, StepReport, StepResult};
use crate::plan::{PlannedStatus, PlannedStep};

/// Collects the steps of a plan.
#[derive(Debug, Default)]
pub(crate) struct PlanRecorder(Mutex<Vec<PlannedStep>>);

impl PlanRecorder {
    pub(crate) fn into_steps(self) -> Vec<PlannedStep> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl StepListener for PlanRecorder {
    async fn begins(&self, _: &StepInfo) -> Result<()> {
        Ok(())
    }

    async fn ended(&self, report: StepReport) -> Result<()> {
        let status = match report.result {
            StepResult::Ran(_) => PlannedStatus::Runs,
            StepResult::Skipped => PlannedStatus::Skipped,
            StepResult::Deferred(needs) => PlannedStatus::Deferred { needs },
            // Planning ends with the error; there is no plan to show it in.
            StepResult::Failed(_) => return Ok(()),
        };
        let StepReport { id, name, action, inputs, .. } = report;
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        steps.push(PlannedStep { id, name, action, status, inputs });
        Ok(())
    }
}

/// Journals the steps of a run, and the lines of progress between them.
#[derive(Debug)]
pub(crate) struct RunRecorder<'a> {
    pub(crate) journal: &'a Journal,
    pub(crate) lines: Arc<Lines>,
}

/// Lines of progress: shown at once to who listens, journaled with the step.
#[derive(Debug)]
pub(crate) struct Lines {
    listener: Arc<dyn Progress>,
    redactor: Redactor,
    waiting: Mutex<Vec<String>>,
}

impl Lines {
    /// Lines kept for one step's journal at the most; a chatty program does not fill the log.
    const MOST: usize = 1000;

    pub(crate) fn new(listener: Arc<dyn Progress>, redactor: Redactor) -> Self {
        Self { listener, redactor, waiting: Mutex::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<String>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Lines {
    fn line(&self, text: &str) {
        let text = self.redactor.text(text);
        self.listener.line(&text);
        let mut waiting = self.waiting();
        if waiting.len() < Self::MOST {
            waiting.push(text.into_owned());
        }
    }
}

#[async_trait]
impl StepListener for RunRecorder<'_> {
    async fn begins(&self, step: &StepInfo) -> Result<()> {
        self.journal.append(&RunEvent::StepStarted { step: step.id.clone(), name: step.name.clone() }).await
    }

    async fn ended(&self, report: StepReport) -> Result<()> {
        let lines = std::mem::take(&mut *self.lines.waiting());
        for text in lines {
            self.journal.append(&RunEvent::Line { step: report.id.clone(), text }).await?;
        }
        let status = report.result.status();
        let (output, error) = match report.result {
            StepResult::Ran(output) => (output, None),
            StepResult::Failed(error) => (Value::Null, Some(Failure::of(&error, self.journal.redactor()))),
            StepResult::Skipped | StepResult::Deferred(_) => (Value::Null, None),
        };
        self.journal.append(&RunEvent::StepFinished { step: report.id, status, output, error }).await
    }
}

//! The log of a run: intent before every effect, result after it.

use std::sync::Arc;

use idp_core::{
    Clock, Digest, EffectState, Error, ErrorKind, Expected, Log, NewEvent, Principal, Receipt, Redactor,
    Result, Revision, StreamName, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Plan;

/// One entry of a run's journal, and one event of its stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "event")]
#[non_exhaustive]
pub enum RunEvent {
    /// The run exists.
    Started {
        /// What it applies.
        plan: Box<Plan>,
        /// On whose behalf.
        principal: Option<Principal>,
    },
    /// Somebody took a run up again that had stopped.
    Resumed,
    /// A step begins, from the first or a further attempt.
    StepStarted {
        /// The step's id.
        step: String,
        /// The step's name.
        name: String,
    },
    /// A line of progress.
    Line {
        /// The step's id.
        step: String,
        /// The text, secrets masked.
        text: String,
    },
    /// An effect is about to be applied; what undoing needs is recorded first.
    #[serde(rename_all = "camelCase")]
    Intent {
        /// Its position in the run, from 0.
        effect: usize,
        /// The step it comes from.
        step: String,
        /// The provider that applies it.
        provider: String,
        /// The digest of the desired state.
        want: Digest,
        /// The digest of the state that was there.
        precondition: Option<Digest>,
        /// What undoing needs.
        receipt: Box<Receipt>,
    },
    /// An effect is there, or was there already.
    Applied {
        /// Its position in the run.
        effect: usize,
        /// The digest of the desired state.
        want: Digest,
        /// The state there is now.
        state: Value,
    },
    /// Applying an effect failed.
    #[serde(rename_all = "camelCase")]
    EffectFailed {
        /// Its position in the run.
        effect: usize,
        /// What became of it.
        state: EffectState,
        /// What went wrong.
        error: Failure,
    },
    /// A step ended.
    StepFinished {
        /// The step's id.
        step: String,
        /// How.
        status: StepStatus,
        /// What it answered, or why it failed.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        output: Value,
        /// What went wrong.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Failure>,
    },
    /// The run ended. A failed or cancelled one can be resumed or undone.
    Finished {
        /// How.
        status: RunStatus,
        /// What the template answers.
        output: Value,
        /// The first error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Failure>,
    },
    /// The run is being taken back.
    UndoStarted,
    /// An effect is taken back.
    Undone {
        /// Its position in the run.
        effect: usize,
    },
    /// An effect was not taken back.
    NotUndone {
        /// Its position in the run.
        effect: usize,
        /// Why.
        error: Failure,
    },
    /// Taking back ended.
    UndoFinished {
        /// True where every effect was taken back.
        complete: bool,
    },
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// It did its work.
    Completed,
    /// Its condition was false, or a step before it failed.
    Skipped,
    /// It failed.
    Failed,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// It is being applied, or its process died: which of the two only its worker knows.
    Running,
    /// Everything was applied.
    Completed,
    /// A step failed.
    Failed,
    /// Somebody asked it to stop.
    Cancelled,
    /// It was taken back.
    Undone,
}

/// An error as a journal keeps it: kind and text, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong, by name.
    pub kind: ErrorKind,
    /// What went wrong, for a person.
    pub message: String,
}

impl Failure {
    pub(crate) fn of(error: &Error, redactor: &Redactor) -> Self {
        Self { kind: error.kind(), message: redactor.text(&error.chain()).into_owned() }
    }
}

/// An event with its position and time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRecord {
    /// Its position in the run's stream.
    pub revision: Revision,
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: RunEvent,
}

/// The stream that holds a run's journal.
pub(crate) fn run_stream(run: &str) -> Result<StreamName> {
    StreamName::new(&format!("run/{run}"))
}

/// Reads a run's journal from a revision on.
pub(crate) async fn read_journal(log: &dyn Log, run: &str, after: Revision) -> Result<Vec<RunRecord>> {
    const PAGE: usize = 1000;
    let stream = run_stream(run)?;
    let (mut records, mut after) = (Vec::new(), after);
    loop {
        let page = log.read(&stream, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(records) };
        after = last.revision;
        for event in page {
            records.push(RunRecord { revision: event.revision, time: event.time, event: event.decode()? });
        }
    }
}

/// Appends to one run's journal. Every append expects the head that this writer left, so of two workers on one run
/// the slower is told before it does anything: appending is the lease.
#[derive(Debug)]
pub(crate) struct Journal {
    log: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    stream: StreamName,
    redactor: Redactor,
    head: tokio::sync::Mutex<Revision>,
}

impl Journal {
    pub(crate) fn new(
        log: Arc<dyn Log>,
        clock: Arc<dyn Clock>,
        run: &str,
        redactor: Redactor,
        head: Revision,
    ) -> Result<Self> {
        Ok(Self { log, clock, stream: run_stream(run)?, redactor, head: tokio::sync::Mutex::new(head) })
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Appends one event, durably, secrets masked.
    pub(crate) async fn append(&self, event: &RunEvent) -> Result<()> {
        let value = serde_json::to_value(event)
            .map_err(|error| Error::internal("event does not serialise").because(error))?;
        // A plan was masked when it was made, and has to read back as it is: masking it again would change its
        // template wherever a secret happens to be a word of it.
        let value = match event {
            RunEvent::Started { .. } => value,
            _ => self.redactor.json(&value),
        };
        let new = NewEvent::encode(self.clock.now(), "run", &value)?;
        let mut head = self.head.lock().await;
        *head =
            self.log.append(&self.stream, Expected::Exactly(*head), vec![new]).await.map_err(|error| {
                if error.kind() == ErrorKind::Conflict {
                    Error::new(ErrorKind::Conflict, "another worker has taken this run over").because(error)
                } else {
                    error
                }
            })?;
        Ok(())
    }
}

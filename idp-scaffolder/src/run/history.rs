//! Runs as their journals tell them.

use idp_core::{Error, ErrorKind, Principal, Result, Revision, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::Past;
use crate::journal::{Failure, RunEvent, RunRecord, RunStatus, read_journal};
use crate::plan::Plan;
use crate::scaffolder::Scaffolder;

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
        if records.is_empty() {
            Err(Error::new(ErrorKind::NotFound, "no such run").with("run", id))
        } else {
            Ok(records)
        }
    }
}

/// On whose behalf a run was begun.
pub(super) fn principal_of(records: &[RunRecord]) -> Option<Principal> {
    records.iter().find_map(|it| match &it.event {
        RunEvent::Started { principal, .. } => principal.clone(),
        _ => None,
    })
}

pub(super) fn summarise(id: &str, records: &[RunRecord]) -> Result<Run> {
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
        applied: Past::of(records).applied(),
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

//! Taking a run back.

use std::sync::Arc;

use idp_core::{Error, ErrorKind, ProviderContext, Result, Revision, RunInfo};

use super::{Intent, Past, Run, RunOptions};
use crate::effects::Scratch;
use crate::journal::{Failure, Journal, RunEvent, RunStatus};
use crate::record::Lines;
use crate::scaffolder::Scaffolder;

impl Scaffolder {
    /// Takes back what a run did, last effect first, from the receipts in its journal. What cannot be taken back is
    /// journaled as [`RunEvent::NotUndone`] and does not stop the rest; undo again to try it again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Conflict`] where the run was undone, or another worker has taken it over.
    pub async fn undo(&self, id: &str, options: &RunOptions) -> Result<Run> {
        let records = self.records(id).await?;
        let run = self.run(id).await?;
        if run.status == RunStatus::Undone {
            return Err(Error::new(ErrorKind::Conflict, "the run is undone already").with("run", id));
        }
        let head = records.last().map_or(Revision::START, |it| it.revision);
        let journal = self.journal(id, &options.secrets, head)?;
        journal.append(&RunEvent::UndoStarted).await?;
        let scratch = Scratch::new(self.host.scratch.as_ref())?;
        let info = RunInfo::new(id, run.started);
        let cx = self.host.provider_context(&info, &options.secrets, &options.cancel);
        let mut cx = cx.with_scratch(scratch.path());
        cx.progress = Arc::new(Lines::new(Arc::clone(&options.progress), journal.redactor().clone()));
        let mut complete = true;
        for (effect, past) in Past::of(&records).0.into_iter().rev() {
            // Without an intent nothing was changed: the thing was as wanted.
            let Some(intent) = past.intent else { continue };
            options.cancel.check()?;
            complete &= self.undo_one(&cx, &journal, effect, &intent).await?;
        }
        journal.append(&RunEvent::UndoFinished { complete }).await?;
        self.run(id).await
    }

    async fn undo_one(
        &self,
        cx: &ProviderContext,
        journal: &Journal,
        effect: usize,
        intent: &Intent,
    ) -> Result<bool> {
        let kind = &intent.receipt.resource.kind;
        cx.progress.line(&format!("undoing {}", intent.receipt.resource));
        let undone = match self.host.registry.provider_named(kind, &intent.provider) {
            Ok(provider) => provider.undo(cx, &intent.receipt).await,
            Err(error) => Err(error),
        };
        let event = match &undone {
            Ok(()) => RunEvent::Undone { effect },
            Err(error) => {
                cx.progress.line(&format!("not undone: {}", error.chain()));
                RunEvent::NotUndone { effect, error: Failure::of(error, journal.redactor()) }
            }
        };
        journal.append(&event).await?;
        Ok(undone.is_ok())
    }
}

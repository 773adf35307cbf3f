//! The events of a run as they come.

use std::sync::Arc;

use idp_core::{Log, Result, Revision};

use crate::journal::{RunRecord, read_journal, run_stream};
use crate::scaffolder::Scaffolder;

impl Scaffolder {
    /// The events of a run from a revision on, as they come; also of a run that has not begun.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] where the id cannot be a run's.
    pub fn watch(&self, id: &str, after: Revision) -> Result<RunEvents> {
        run_stream(id)?;
        Ok(RunEvents { log: Arc::clone(&self.host.log), run: id.to_owned(), after, ready: Vec::new() })
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
    /// The next event; waits for it. Never ends by itself: stop at [`crate::RunEvent::Finished`] or
    /// [`crate::RunEvent::UndoFinished`]. Dropping the future loses nothing.
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

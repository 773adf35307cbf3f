//! Changes on their way into the log.

use std::sync::Arc;

use idp_core::{
    DeferredPayloads, Error, EventBatches, Expected, Log, NewEvent, Payload, Result, Revision, StreamName,
    Timestamp,
};

use super::change::Change;
use crate::parallel;

/// Changes that are encoded at once: enough to keep every core busy, few enough to hold their texts.
const BATCH: usize = 4096;

/// Changes that are to be events of one time.
///
/// A log that keeps payloads keeps all of them as long as it has one of their events. An allocation for each would let them
/// go one by one; but they are appended together, are mostly compacted away together, and what they hold is shared with the
/// catalog for the most part.
pub(super) struct Outgoing {
    pub(super) changes: Vec<Change>,
    pub(super) time: Timestamp,
}

impl Outgoing {
    /// Without the room that changes were to grow into: they may stay as long as the log.
    pub(super) fn of(mut changes: Vec<Change>, time: Timestamp) -> Arc<Self> {
        changes.shrink_to_fit();
        Arc::new(Self { changes, time })
    }

    /// Appends their events in the form that the log wants.
    pub(super) async fn append(
        self: &Arc<Self>,
        log: &dyn Log,
        stream: &StreamName,
        expected: Expected,
    ) -> Result<Revision> {
        if log.keeps_payloads() {
            log.append(stream, expected, self.deferred()).await
        } else {
            log.append_batches(stream, expected, Arc::clone(self).encoded()).await
        }
    }

    /// Their events, whose texts are made when somebody asks for them.
    fn deferred(self: &Arc<Self>) -> Vec<NewEvent> {
        let event = |(index, change): (usize, &Change)| NewEvent {
            time: self.time,
            kind: change.kind().into(),
            payload: Payload::deferred(Arc::<Self>::clone(self), index),
        };
        self.changes.iter().enumerate().map(event).collect()
    }

    /// Their events, encoded on every core as a log asks for them: all of them as text take as much room as everything
    /// that is made of them.
    fn encoded(self: Arc<Self>) -> EventBatches {
        let starts = (0..self.changes.len()).step_by(BATCH);
        Box::new(starts.map(move |start| {
            let batch = self.changes.iter().skip(start).take(BATCH).collect();
            parallel::map(batch, |change| change.encode(self.time)).into_iter().collect()
        }))
    }
}

impl DeferredPayloads for Outgoing {
    fn text(&self, index: usize) -> Result<String> {
        let change = self.changes.get(index);
        change.ok_or_else(|| Error::internal("there is no such change").with("index", index))?.text()
    }
}

//! What the kit has to know of a log.

use std::sync::Arc;

use idp_core::{Event, Expected, Log, NewEvent, Result, Revision, StreamName, Timestamp};

use crate::testkit::run::unexpected;
use crate::testkit::{BoxFuture, block_on};

/// A log without streams.
pub trait LogSubject: Send + Sync {
    /// The log under test: the same one at every call.
    fn log(&self) -> Arc<dyn Log>;

    /// What the log holds, opened a second time. None for a log that keeps nothing.
    fn reopen(&self) -> Option<Arc<dyn Log>>;

    /// Runs a clause. For a log that needs a runtime, in that runtime.
    fn run(&self, clause: BoxFuture<'_, ()>) {
        block_on(clause);
    }
}

pub(super) fn stream(name: &str) -> Result<StreamName, String> {
    StreamName::new(name).map_err(|error| error.chain())
}

pub(super) fn event(number: usize) -> NewEvent {
    let time = Timestamp::from_millis(i64::try_from(number).unwrap_or(0) * 1000);
    NewEvent {
        time,
        kind: format!("kind-{number}").into(),
        payload: format!("{{\"number\":{number}}}").into(),
    }
}

/// Appends events with these numbers, whatever is there.
pub(super) async fn write(
    log: &dyn Log,
    stream: &StreamName,
    numbers: std::ops::RangeInclusive<usize>,
) -> Result<Revision, String> {
    let events = numbers.map(event).collect();
    log.append(stream, Expected::Any, events).await.map_err(unexpected("append"))
}

pub(super) async fn all(log: &dyn Log, stream: &StreamName, after: u64) -> Result<Vec<Event>, String> {
    log.read(stream, Revision(after), usize::MAX).await.map_err(unexpected("read"))
}

pub(super) fn revisions(events: &[Event]) -> Vec<u64> {
    events.iter().map(|it| it.revision.0).collect()
}

//! The storage contract: named streams of events, appended to at an expected revision.

mod event;
mod payload;
mod stream;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use self::event::{Event, NewEvent};
pub use self::payload::{DeferredPayloads, Payload};
pub use self::stream::{Revision, StreamName};
use crate::Result;

/// What a writer believes about the stream it appends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: append behind whatever is there.
    Any,
    /// The last event is this one; `Exactly(Revision::START)` means that the stream is empty or unknown.
    Exactly(Revision),
}

/// A stand-in for all events up to a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last event it stands for.
    pub revision: Revision,
    /// JSON text that means the same to the stream's owner.
    pub payload: Arc<str>,
}

/// What the owner of a stream made of its events up to a revision, to start from next time.
///
/// Unlike a [`Checkpoint`] it stands for nothing: it can be made again from the events, and may go at any time. So it may
/// have a form that only the program that wrote it understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The last event that is in it.
    pub revision: Revision,
    /// Its bytes, in parts of some megabytes.
    pub parts: Vec<Arc<[u8]>>,
}

/// Events that are made while they are appended, some at a time.
pub type EventBatches = Box<dyn Iterator<Item = Result<Vec<NewEvent>>> + Send>;

/// Named streams of events: the only storage contract.
///
/// Everything durable is a stream: the catalog is one, every run's journal is one, a lease is a compare-and-append.
/// Run `idp_plugin_sdk::testkit::log` on every implementation; its clauses are the bullets below.
#[async_trait]
pub trait Log: fmt::Debug + Send + Sync + 'static {
    /// Appends events and returns the revision of the last one.
    ///
    /// - All events are appended, or none; they get consecutive revisions, the first of a stream is 1.
    /// - Where the stream's head is not the expected one: [`crate::ErrorKind::Conflict`], and nothing is appended.
    /// - Of concurrent appends that expect the same head, exactly one succeeds.
    /// - Without events, the expectation is checked and the head returned.
    /// - A durable log returns once the events survive a crash of process and machine.
    /// - A failure whose outcome is unclear says [`crate::EffectState::Unknown`].
    /// - Where the text of a deferred payload cannot be made: its error, and nothing is appended. Only a log that
    ///   [keeps payloads](Log::keeps_payloads) may take it; whoever asks for the text then gets that error.
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Revision>;

    /// As [`Log::append`], of more events than are well held in memory at once.
    ///
    /// - All events of all batches are appended, or none.
    /// - Where a batch cannot be made, nothing is appended, and its error is the answer.
    ///
    /// Batches are asked for one after the other, on whatever thread the log writes from, and perhaps while it is locked:
    /// making one must not ask the log. By default all are taken together and appended.
    async fn append_batches(
        &self,
        stream: &StreamName,
        expected: Expected,
        batches: EventBatches,
    ) -> Result<Revision> {
        let mut events = Vec::new();
        for batch in batches {
            events.extend(batch?);
        }
        self.append(stream, expected, events).await
    }

    /// The events behind `after`, in order, `limit` at most.
    ///
    /// - An unknown stream, or `after` at or behind the head, gives none.
    /// - Payload, kind and time come back as they were appended; a deferred payload has the text that was to be made.
    /// - Where events behind `after` were compacted away: [`crate::ErrorKind::NotFound`]; start at the checkpoint.
    async fn read(&self, stream: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>>;

    /// The revision of the last event; [`Revision::START`] for an unknown stream.
    async fn head(&self, stream: &StreamName) -> Result<Revision>;

    /// The streams whose name starts with `prefix`, in byte order.
    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>>;

    /// Returns once the head is behind `after`, with that head.
    ///
    /// - Returns at once where it is already.
    /// - Dropping the future stops the waiting and has no other effect.
    async fn changed(&self, stream: &StreamName, after: Revision) -> Result<Revision>;

    /// Stores a checkpoint, and may drop the events it stands for.
    ///
    /// - The newest checkpoint replaces an older one; an older one than the stored is [`crate::ErrorKind::Conflict`].
    /// - A checkpoint behind the head is [`crate::ErrorKind::InvalidInput`].
    /// - Events behind the checkpoint's revision are kept.
    async fn compact(&self, stream: &StreamName, checkpoint: Checkpoint) -> Result<()>;

    /// The stored checkpoint.
    async fn checkpoint(&self, stream: &StreamName) -> Result<Option<Checkpoint>>;

    /// Whether an append goes on while nobody polls it, once it was polled: on a thread or a server of its own, with no
    /// more to be asked of it. A writer of many events then computes for seconds in between. By default it does not.
    fn appends_unpolled(&self) -> bool {
        false
    }

    /// Whether payloads are kept as they are given, and deferred ones not asked for their texts. A writer with much to append
    /// then gives deferred ones, and otherwise texts that it has made on every core. By default they are not: what is to
    /// outlive the process is text.
    ///
    /// - Where they are, appending makes no text.
    fn keeps_payloads(&self) -> bool {
        false
    }

    /// Whether images are kept. Making one costs time and memory, so that owners ask first. By default none are.
    fn keeps_images(&self) -> bool {
        false
    }

    /// Keeps an image of a stream in place of the one before, and all of the stream's events.
    ///
    /// - It comes back as it was, or not at all; one that is not kept to its end does not come back.
    /// - An image behind the head is [`crate::ErrorKind::InvalidInput`], one older than the one that is kept
    ///   [`crate::ErrorKind::Conflict`].
    /// - A log that keeps none takes it and forgets it.
    async fn keep_image(&self, stream: &StreamName, image: Image) -> Result<()> {
        let _ = (stream, image);
        Ok(())
    }

    /// The image that was kept last, if it is still there.
    async fn image(&self, stream: &StreamName) -> Result<Option<Image>> {
        let _ = stream;
        Ok(None)
    }
}

//! A [`Log`] that lives as long as the process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use event_listener::Event as Signal;

use crate::{
    Checkpoint, Error, ErrorKind, Event, Expected, Image, Log, NewEvent, Result, Revision, StreamName,
};

/// Events that are read at once while copying.
const COPIED_AT_ONCE: usize = 10_000;

/// Streams in memory: for tests, for hosts that keep nothing, and as the reference that other logs are held to.
///
/// It keeps payloads as they are given: of a catalog's events no text, but the changes that the text would be made of. They
/// share the packed bodies of entities with the catalog, and go on holding those that it has replaced since. The changes of
/// one write are kept together, until the last event of them is compacted away.
#[derive(Default)]
pub struct MemoryLog {
    streams: Mutex<BTreeMap<StreamName, Stream>>,
    keeps_images: bool,
    appended: Signal,
}

#[derive(Default)]
struct Stream {
    /// Events up to this revision are gone.
    compacted: u64,
    events: Vec<Event>,
    checkpoint: Option<Checkpoint>,
    image: Option<Image>,
}

impl Stream {
    fn head(&self) -> u64 {
        self.compacted + self.events.len() as u64
    }
}

impl MemoryLog {
    /// A log without streams.
    pub fn new() -> Self {
        Self::default()
    }

    /// A log that keeps images as well: for a host that opens a catalog over one log again and again. They take as much
    /// memory as what they are of.
    #[must_use]
    pub fn with_images() -> Self {
        Self { keeps_images: true, ..Self::default() }
    }

    /// Copies a stream of another log, as it is: its checkpoint and the events behind that. What this log has of that
    /// name is replaced.
    ///
    /// # Errors
    /// Whatever the other log answers.
    pub async fn copy(&self, other: &dyn Log, name: &StreamName) -> Result<()> {
        let checkpoint = other.checkpoint(name).await?;
        let compacted = checkpoint.as_ref().map_or(0, |it| it.revision.0);
        let mut copy = Stream { compacted, events: Vec::new(), checkpoint, image: None };
        loop {
            let events = other.read(name, Revision(copy.head()), COPIED_AT_ONCE).await?;
            if events.is_empty() {
                break;
            }
            copy.events.extend(events);
        }
        if copy.head() > 0 {
            self.lock().insert(name.clone(), copy);
            self.appended.notify(usize::MAX);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StreamName, Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn head_now(&self, stream: &StreamName) -> Revision {
        Revision(self.lock().get(stream).map_or(0, Stream::head))
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryLog({} streams)", self.lock().len())
    }
}

#[async_trait]
impl Log for MemoryLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Revision> {
        let head = {
            let mut streams = self.lock();
            let head = streams.get(stream).map_or(0, Stream::head);
            if let Expected::Exactly(wanted) = expected
                && wanted.0 != head
            {
                return Err(Error::new(ErrorKind::Conflict, "the stream has moved on")
                    .with("stream", stream)
                    .with("expected", wanted)
                    .with("head", head));
            }
            if events.is_empty() {
                return Ok(Revision(head));
            }
            let entry = streams.entry(stream.clone()).or_default();
            entry.events.extend((head + 1..).zip(events).map(
                |(revision, NewEvent { time, kind, payload })| Event {
                    revision: Revision(revision),
                    time,
                    kind,
                    payload,
                },
            ));
            entry.head()
        };
        self.appended.notify(usize::MAX);
        Ok(Revision(head))
    }

    async fn read(&self, stream: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>> {
        let streams = self.lock();
        let Some(stream) = streams.get(stream) else { return Ok(Vec::new()) };
        if after.0 < stream.compacted {
            return Err(Error::new(ErrorKind::NotFound, "these events were compacted away")
                .with("after", after)
                .with("compacted", stream.compacted));
        }
        let skip = usize::try_from(after.0 - stream.compacted).unwrap_or(usize::MAX);
        Ok(stream.events.iter().skip(skip).take(limit).cloned().collect())
    }

    async fn head(&self, stream: &StreamName) -> Result<Revision> {
        Ok(self.head_now(stream))
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>> {
        Ok(self.lock().keys().filter(|name| name.as_str().starts_with(prefix)).cloned().collect())
    }

    async fn changed(&self, stream: &StreamName, after: Revision) -> Result<Revision> {
        loop {
            // Listen first, look second: an append between the two is not missed.
            let listener = self.appended.listen();
            let head = self.head_now(stream);
            if head > after {
                return Ok(head);
            }
            listener.await;
        }
    }

    async fn compact(&self, stream: &StreamName, checkpoint: Checkpoint) -> Result<()> {
        let mut streams = self.lock();
        let head = streams.get(stream).map_or(0, Stream::head);
        let Some(entry) = streams.get_mut(stream).filter(|_| checkpoint.revision.0 <= head) else {
            return Err(Error::invalid("a checkpoint cannot be behind the head").with("stream", stream));
        };
        if checkpoint.revision.0 < entry.compacted {
            return Err(
                Error::new(ErrorKind::Conflict, "a newer checkpoint is stored").with("stream", stream)
            );
        }
        let drop = usize::try_from(checkpoint.revision.0 - entry.compacted).unwrap_or(usize::MAX);
        entry.events.drain(..drop);
        entry.compacted = checkpoint.revision.0;
        entry.checkpoint = Some(checkpoint);
        Ok(())
    }

    async fn checkpoint(&self, stream: &StreamName) -> Result<Option<Checkpoint>> {
        Ok(self.lock().get(stream).and_then(|it| it.checkpoint.clone()))
    }

    fn keeps_payloads(&self) -> bool {
        true
    }

    fn keeps_images(&self) -> bool {
        self.keeps_images
    }

    async fn keep_image(&self, stream: &StreamName, image: Image) -> Result<()> {
        let mut streams = self.lock();
        let head = streams.get(stream).map_or(0, Stream::head);
        let Some(entry) = streams.get_mut(stream).filter(|_| image.revision.0 <= head) else {
            return Err(Error::invalid("an image cannot be behind the head").with("stream", stream));
        };
        if entry.image.as_ref().is_some_and(|kept| kept.revision > image.revision) {
            return Err(Error::new(ErrorKind::Conflict, "a newer image is kept").with("stream", stream));
        }
        entry.image = self.keeps_images.then_some(image);
        Ok(())
    }

    async fn image(&self, stream: &StreamName) -> Result<Option<Image>> {
        Ok(self.lock().get(stream).and_then(|it| it.image.clone()))
    }
}

//! Consumers: followers whose position the log keeps.

use std::sync::Arc;

use idp_core::{
    Checkpoint, Error, ErrorKind, Expected, Log, NewEvent, Result, Revision, StreamName, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::watch::{Changes, Watch};
use crate::Catalog;

const ACKNOWLEDGED: &str = "acknowledged";
const FORGOTTEN: &str = "forgotten";
/// Acknowledgements after which only the last one is kept.
const COMPACT_EVERY: u64 = 64;
const PAGE: usize = 1000;

/// Follows the catalog under a name, and goes on where it acknowledged last: see [`Catalog::consumer`].
#[derive(Debug)]
pub struct Consumer {
    stream: StreamName,
    acknowledged: Revision,
    watch: Watch,
}

/// A consumer that the catalog knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConsumerInfo {
    /// Its name.
    pub name: String,
    /// What it has dealt with.
    pub acknowledged: Revision,
    /// When it said so.
    pub at: Timestamp,
}

/// What a consumer's stream holds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Position {
    revision: Revision,
    time: Timestamp,
}

impl Catalog {
    /// A follower that goes on where the last one of its name acknowledged; a new one begins with everything.
    ///
    /// Changes come at least once: what was delivered and not acknowledged comes again. [`Catalog::compact`] keeps
    /// what a consumer has not dealt with, as far as [`Retention`](crate::Retention) says so.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use idp_catalog::Catalog;
    /// # async fn example(catalog: Arc<Catalog>) -> idp_core::Result<()> {
    /// let mut consumer = catalog.consumer("search-index").await?;
    /// loop {
    ///     let changes = consumer.next().await?;
    ///     // … deal with them, then:
    ///     consumer.acknowledge(changes.revision).await?;
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a name that is not lower-case letters, digits and `._-`, and whatever the log
    /// answers.
    pub async fn consumer(self: &Arc<Self>, name: &str) -> Result<Consumer> {
        if name.contains('/') {
            return Err(Error::invalid("a consumer's name has no `/`").with("name", name));
        }
        let stream = StreamName::new(&format!("{}{name}", self.consumers_prefix()))?;
        let position = read(&*self.log, &stream).await?;
        let acknowledged = position.map_or(Revision::START, |it| it.revision);
        Ok(Consumer { stream, acknowledged, watch: self.watch(acknowledged) })
    }

    /// The consumers there are, by name.
    ///
    /// # Errors
    /// Whatever the log answers.
    pub async fn consumers(&self) -> Result<Vec<ConsumerInfo>> {
        let prefix = self.consumers_prefix();
        let mut consumers = Vec::new();
        for stream in self.log.streams(&prefix).await? {
            if let Some(Position { revision, time }) = read(&*self.log, &stream).await? {
                let name = stream.as_str().trim_start_matches(&prefix).to_owned();
                consumers.push(ConsumerInfo { name, acknowledged: revision, at: time });
            }
        }
        Ok(consumers)
    }

    /// Forgets a consumer: nothing is kept for it any more, and one of its name begins anew.
    ///
    /// # Errors
    /// As [`Catalog::consumer`].
    pub async fn forget_consumer(&self, name: &str) -> Result<()> {
        let stream = StreamName::new(&format!("{}{name}", self.consumers_prefix()))?;
        if read(&*self.log, &stream).await?.is_none() {
            return Ok(());
        }
        let event = NewEvent::encode(self.now(), FORGOTTEN, &())?;
        self.log.append(&stream, Expected::Any, vec![event]).await.map(|_| ())
    }

    fn consumers_prefix(&self) -> String {
        format!("{}/consumer/", self.stream)
    }
}

impl Consumer {
    /// What was acknowledged last.
    #[must_use]
    pub fn acknowledged(&self) -> Revision {
        self.acknowledged
    }

    /// The next changes, once there are any, whether those before them were acknowledged or not.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn next(&mut self) -> Result<Changes> {
        self.watch.next().await
    }

    /// The next changes, if there are any.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn try_next(&mut self) -> Result<Option<Changes>> {
        self.watch.try_next().await
    }

    /// Says that everything up to a revision was dealt with. An older one than the last changes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a revision that was not delivered yet, and whatever the log answers.
    pub async fn acknowledge(&mut self, revision: Revision) -> Result<()> {
        if revision > self.watch.position() {
            let error = Error::invalid("what was not delivered cannot be acknowledged");
            return Err(error.with("revision", revision).with("delivered", self.watch.position()));
        }
        if revision <= self.acknowledged {
            return Ok(());
        }
        let catalog = self.watch.catalog();
        let time = catalog.now();
        let position = Position { revision, time };
        let event = NewEvent::encode(time, ACKNOWLEDGED, &position)?;
        let head = catalog.log.append(&self.stream, Expected::Any, vec![event]).await?;
        self.acknowledged = revision;
        if head.0.is_multiple_of(COMPACT_EVERY) {
            tidy(&*catalog.log, &self.stream, head, position).await?;
        }
        Ok(())
    }
}

/// Keeps only the last position. Another that does the same at the same time is as good.
async fn tidy(log: &dyn Log, stream: &StreamName, head: Revision, position: Position) -> Result<()> {
    let payload = serde_json::to_string(&position)
        .map_err(|error| Error::internal("a position does not serialise").because(error))?;
    match log.compact(stream, Checkpoint { revision: head, payload: payload.into() }).await {
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        outcome => outcome,
    }
}

/// What a consumer's stream says; `None` where there is none, or it was forgotten.
async fn read(log: &dyn Log, stream: &StreamName) -> Result<Option<Position>> {
    let corrupt =
        |error| Error::new(ErrorKind::Corrupt, "a consumer's position does not read back").because(error);
    let (mut position, mut after) = match log.checkpoint(stream).await? {
        Some(stored) => (Some(serde_json::from_str(&stored.payload).map_err(corrupt)?), stored.revision),
        None => (None, Revision::START),
    };
    loop {
        let events = log.read(stream, after, PAGE).await?;
        let Some(last) = events.last() else { return Ok(position) };
        after = last.revision;
        for event in &events {
            match &*event.kind {
                ACKNOWLEDGED => position = Some(further(position, event.decode()?)),
                FORGOTTEN => position = None,
                _ => {}
            }
        }
    }
}

/// The further one of two positions.
fn further(known: Option<Position>, other: Position) -> Position {
    known.filter(|known| known.revision > other.revision).unwrap_or(other)
}

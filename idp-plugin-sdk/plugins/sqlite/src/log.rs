//! The log.

use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use idp_plugin_sdk::{
    Checkpoint, Error, Event, EventBatches, Expected, Image, Log, NewEvent, Result, Revision, StreamName,
    async_trait,
};

use crate::worker::Worker;
use crate::{SqliteConfig, image, schema, store};

/// A durable log in one SQLite file.
#[derive(Debug)]
pub struct SqliteLog {
    config: SqliteConfig,
    worker: Worker,
}

impl SqliteLog {
    /// Opens the file, or makes it. Blocks while it does.
    ///
    /// # Errors
    /// [`idp_plugin_sdk::ErrorKind::InvalidInput`] for another program's file,
    /// [`idp_plugin_sdk::ErrorKind::Unsupported`] for one of a newer version or on a disk that cannot hold it,
    /// [`idp_plugin_sdk::ErrorKind::NotFound`] where its folder is not there.
    pub fn open(config: SqliteConfig) -> Result<Self> {
        let connection = schema::open(&config)?;
        let poll = Duration::from_millis(config.poll_millis.max(1));
        Ok(Self { worker: Worker::start(connection, poll)?, config })
    }

    /// What it was opened with.
    pub fn config(&self) -> &SqliteConfig {
        &self.config
    }
}

impl SqliteLog {
    /// One by one, so that events can be appended in between.
    async fn keep_parts(&self, id: i64, parts: &[Arc<[u8]>]) -> Result<()> {
        for (place, part) in parts.iter().enumerate() {
            let part = Arc::clone(part);
            self.worker.run(move |it| image::put(it, id, place, &part)).await?;
        }
        self.worker.run(move |it| image::finish(it, id)).await
    }
}

#[async_trait]
impl Log for SqliteLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Revision> {
        self.append_batches(stream, expected, Box::new(iter::once(Ok(events)))).await
    }

    async fn append_batches(
        &self,
        stream: &StreamName,
        expected: Expected,
        batches: EventBatches,
    ) -> Result<Revision> {
        let name = stream.clone();
        let append = move |connection: &mut _| store::append(connection, &name, expected, batches);
        let head = self.worker.run(|connection| unwinding_no_further(|| append(connection))).await?;
        self.worker.changes().announce();
        Ok(head)
    }

    async fn read(&self, stream: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>> {
        let name = stream.clone();
        self.worker.run(move |it| store::read(it, &name, after, limit)).await
    }

    async fn head(&self, stream: &StreamName) -> Result<Revision> {
        let name = stream.clone();
        self.worker.run(move |it| store::head(it, &name)).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>> {
        let prefix = prefix.to_owned();
        self.worker.run(move |it| store::streams(it, &prefix)).await
    }

    async fn changed(&self, stream: &StreamName, after: Revision) -> Result<Revision> {
        let _waiting = self.worker.changes().wait();
        loop {
            // Listen first, look second: an append between the two is not missed.
            let listener = self.worker.changes().listen();
            let head = self.head(stream).await?;
            if head > after {
                return Ok(head);
            }
            listener.await;
        }
    }

    async fn compact(&self, stream: &StreamName, checkpoint: Checkpoint) -> Result<()> {
        let name = stream.clone();
        self.worker.run(move |it| store::compact(it, &name, &checkpoint)).await
    }

    async fn checkpoint(&self, stream: &StreamName) -> Result<Option<Checkpoint>> {
        let name = stream.clone();
        self.worker.run(move |it| store::checkpoint(it, &name)).await
    }

    fn appends_unpolled(&self) -> bool {
        // The worker's thread has all of it.
        true
    }

    fn keeps_images(&self) -> bool {
        !self.config.read_only
    }

    async fn keep_image(&self, stream: &StreamName, image: Image) -> Result<()> {
        let (name, image) = (stream.clone(), Arc::new(image));
        let started = Arc::clone(&image);
        let id = self.worker.run(move |it| image::start(it, &name, &started)).await?;
        let kept = self.keep_parts(id, &image.parts).await;
        if kept.is_err() {
            // It takes room that events may need; what goes wrong here too was said already.
            let _ = self.worker.run(move |it| image::abandon(it, id)).await;
        }
        kept
    }

    async fn image(&self, stream: &StreamName) -> Result<Option<Image>> {
        let name = stream.clone();
        self.worker.run(move |it| image::read(it, &name)).await
    }
}

/// What an append comes to, or an error where making its events or their texts panics: the worker's thread is everybody's.
/// What was written until then is rolled back.
fn unwinding_no_further(append: impl FnOnce() -> Result<Revision>) -> Result<Revision> {
    let panicked = |_| Err(Error::internal("making the events has panicked"));
    catch_unwind(AssertUnwindSafe(append)).unwrap_or_else(panicked)
}

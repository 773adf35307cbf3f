//! A log that takes its time, as one on a disk does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use idp_core::{
    Checkpoint, Error, ErrorKind, Event, Expected, Image, Log, MemoryLog, NewEvent, Result, Revision,
    StreamName,
};

/// Wants texts, lets others go first when it is to append, and then fails as often as it should.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    pub(crate) whole: Arc<MemoryLog>,
    pub(crate) failures: AtomicUsize,
    /// How often it lets others go first besides.
    pub(crate) waits: usize,
}

#[async_trait]
impl Log for Slow {
    async fn append(&self, name: &StreamName, at: Expected, events: Vec<NewEvent>) -> Result<Revision> {
        for _ in 0..=self.waits {
            tokio::task::yield_now().await;
        }
        let failing = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| it.checked_sub(1));
        match failing {
            Ok(_) => Err(Error::new(ErrorKind::Unavailable, "the disk is full")),
            Err(_) => self.whole.append(name, at, events).await,
        }
    }

    fn appends_unpolled(&self) -> bool {
        true
    }

    async fn read(&self, name: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>> {
        self.whole.read(name, after, limit).await
    }

    async fn head(&self, name: &StreamName) -> Result<Revision> {
        self.whole.head(name).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>> {
        self.whole.streams(prefix).await
    }

    async fn changed(&self, name: &StreamName, after: Revision) -> Result<Revision> {
        self.whole.changed(name, after).await
    }

    async fn compact(&self, name: &StreamName, checkpoint: Checkpoint) -> Result<()> {
        self.whole.compact(name, checkpoint).await
    }

    async fn checkpoint(&self, name: &StreamName) -> Result<Option<Checkpoint>> {
        self.whole.checkpoint(name).await
    }

    fn keeps_images(&self) -> bool {
        self.whole.keeps_images()
    }

    async fn keep_image(&self, name: &StreamName, image: Image) -> Result<()> {
        self.whole.keep_image(name, image).await
    }

    async fn image(&self, name: &StreamName) -> Result<Option<Image>> {
        self.whole.image(name).await
    }
}

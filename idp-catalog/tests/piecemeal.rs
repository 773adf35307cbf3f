//! Logs that are read in pieces.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::script::{Script, feed, file, resource};
use idp_catalog::Catalog;
use idp_core::{
    Checkpoint, Error, ErrorKind, Event, Expected, Log, MemoryLog, NewEvent, Result, Revision, StreamName,
};
use idp_plugin_sdk::async_trait;

/// Answers with one event at a time, or with none that it still has.
#[derive(Debug)]
struct Piecemeal {
    whole: Arc<MemoryLog>,
    lost: bool,
}

#[async_trait]
impl Log for Piecemeal {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Revision> {
        self.whole.append(stream, expected, events).await
    }

    async fn read(&self, stream: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>> {
        // Lets others look between two pieces.
        tokio::task::yield_now().await;
        if self.lost {
            return Err(Error::new(ErrorKind::NotFound, "these events are gone"));
        }
        self.whole.read(stream, after, limit.min(1)).await
    }

    async fn head(&self, stream: &StreamName) -> Result<Revision> {
        self.whole.head(stream).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>> {
        self.whole.streams(prefix).await
    }

    async fn changed(&self, stream: &StreamName, after: Revision) -> Result<Revision> {
        self.whole.changed(stream, after).await
    }

    async fn compact(&self, stream: &StreamName, checkpoint: Checkpoint) -> Result<()> {
        self.whole.compact(stream, checkpoint).await
    }

    async fn checkpoint(&self, stream: &StreamName) -> Result<Option<Checkpoint>> {
        self.whole.checkpoint(stream).await
    }
}

fn names(prefix: &str) -> Script {
    let texts: Vec<String> = (0..5).map(|it| resource(&format!("{prefix}{it}"), "x")).collect();
    Script::says("s", vec![file("f", &texts)])
}

#[tokio::test]
async fn half_of_an_ingestion_was_published() {
    let whole = Arc::new(MemoryLog::new());
    let writer = Catalog::open(whole.clone()).await.unwrap();
    feed(&writer, names("a")).await;
    let first = writer.snapshot().revision();
    let reader = Arc::new(Catalog::open(Arc::new(Piecemeal { whole, lost: false })).await.unwrap());
    assert_eq!(*reader.snapshot(), *writer.snapshot());

    let mut watch = reader.watch(first);
    feed(&writer, names("b")).await;
    let look = async {
        for _ in 0..50 {
            let seen = reader.snapshot();
            assert!([first, writer.snapshot().revision()].contains(&seen.revision()), "{}", seen.revision());
            tokio::task::yield_now().await;
        }
    };
    let (refreshed, ()) = tokio::join!(reader.refresh(), look);
    assert_eq!(*refreshed.unwrap(), *writer.snapshot());
    assert_eq!(watch.next().await.unwrap().items.len(), 10, "five that went and five that came");

    // By the log: what was published before this catalog was opened is in no memory.
    let late = Arc::new(Catalog::open(reader.log().clone()).await.unwrap());
    let changes = late.watch(first).next().await.unwrap();
    assert_eq!((changes.items.len(), changes.revision), (10, writer.snapshot().revision()));
}

#[tokio::test]
async fn a_log_that_lost_its_events_and_has_no_checkpoint_was_asked_for_ever() {
    let log = Piecemeal { whole: Arc::new(MemoryLog::new()), lost: true };
    let opened = tokio::time::timeout(Duration::from_secs(10), Catalog::open(Arc::new(log))).await;
    assert_eq!(opened.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
}

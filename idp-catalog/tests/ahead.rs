//! Many changes at once, over logs that take their time.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::script::{Script, feed, file, resource};
use idp_catalog::Catalog;
use idp_core::{
    Checkpoint, Error, ErrorKind, Event, Expected, Log, MemoryLog, NewEvent, Result, Revision, StreamName,
};
use idp_plugin_sdk::async_trait;

/// Lets others go first when it is to append, and then fails as often as it should.
#[derive(Debug, Default)]
struct Slow {
    whole: Arc<MemoryLog>,
    failures: AtomicUsize,
}

#[async_trait]
impl Log for Slow {
    async fn append(&self, name: &StreamName, at: Expected, events: Vec<NewEvent>) -> Result<Revision> {
        tokio::task::yield_now().await;
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
}

/// A source that says so much that the catalog works ahead of the log.
fn many(source: &'static str, owner: &str) -> Script {
    let texts: Vec<String> = (0..1_500).map(|it| resource(&format!("{source}-{it}"), owner)).collect();
    Script::says(source, vec![file("f", &texts)])
}

async fn read_anew(log: &Slow) -> Catalog {
    Catalog::open(log.whole.clone()).await.unwrap()
}

#[tokio::test]
async fn what_was_worked_out_ahead_is_what_is_read_from_the_log() {
    let log = Arc::new(Slow::default());
    let catalog = Arc::new(Catalog::open(log.clone()).await.unwrap());
    feed(&catalog, many("s", "x")).await;
    assert_eq!(*catalog.snapshot(), *read_anew(&log).await.snapshot());
    let seen = catalog.snapshot().revision();
    feed(&catalog, many("s", "y")).await;
    assert_eq!(*catalog.snapshot(), *read_anew(&log).await.snapshot());
    let heard = catalog.watch(seen).next().await.unwrap();
    assert_eq!((heard.after, heard.items.len()), (seen, 1_500));
}

#[tokio::test]
async fn nothing_has_happened_where_the_log_fails() {
    let log = Arc::new(Slow::default());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    feed(&catalog, many("s", "x")).await;
    let before = catalog.snapshot();
    log.failures.store(1, Ordering::SeqCst);
    let failure = catalog.ingest(&many("s", "y")).await.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Unavailable);
    assert_eq!(*catalog.snapshot(), *before);
    feed(&catalog, many("s", "y")).await;
    assert_eq!(*catalog.snapshot(), *read_anew(&log).await.snapshot());
}

#[tokio::test]
async fn of_two_that_work_ahead_one_plans_anew() {
    let log = Arc::new(Slow::default());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    let other = Catalog::open(log.clone()).await.unwrap();
    tokio::join!(
        feed(&catalog, many("a", "x")),
        feed(&other, many("b", "x")),
        feed(&catalog, many("c", "x"))
    );
    catalog.refresh().await.unwrap();
    other.refresh().await.unwrap();
    assert_eq!(catalog.snapshot().len(), 4_500);
    assert_eq!(*catalog.snapshot(), *other.snapshot());
    assert_eq!(*catalog.snapshot(), *read_anew(&log).await.snapshot());
}

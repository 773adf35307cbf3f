//! Many changes at once, over logs that take their time.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::script::{Script, feed, file, resource};
use common::slow::Slow;
use idp_catalog::{Catalog, CatalogOptions, ImagePolicy};
use idp_core::{ErrorKind, Log, MemoryLog, Revision, StreamName};

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

/// A catalog whose image is due after many changes, over a log that appends while it is made.
async fn pictured(failures: usize) -> (Arc<Slow>, Catalog) {
    let whole = Arc::new(MemoryLog::with_images());
    let log = Arc::new(Slow { whole, failures: failures.into(), waits: 2 });
    let mut options = CatalogOptions::default();
    options.images = ImagePolicy::Behind(1_000);
    (log.clone(), Catalog::open_with(log, options).await.unwrap())
}

async fn image_of(log: &Slow) -> Option<Revision> {
    let image = log.image(&StreamName::new("catalog").unwrap()).await.unwrap();
    image.map(|image| image.revision)
}

#[tokio::test]
async fn an_image_that_was_made_ahead_is_of_what_is_in_the_log() {
    let (log, catalog) = pictured(0).await;
    feed(&catalog, many("s", "x")).await;
    assert_eq!(image_of(&log).await, Some(Revision(1_500)));
    assert_eq!(*catalog.snapshot(), *read_anew(&log).await.snapshot());
    feed(&catalog, many("s", "y")).await;
    assert_eq!(image_of(&log).await, Some(Revision(3_000)));
    assert_eq!(*catalog.snapshot(), *read_anew(&log).await.snapshot());
}

#[tokio::test]
async fn no_image_is_kept_of_what_the_log_did_not_take() {
    let (log, catalog) = pictured(1).await;
    assert!(catalog.ingest(&many("s", "x")).await.is_err());
    assert_eq!(image_of(&log).await, None);
    let other = Catalog::open(log.clone()).await.unwrap();
    tokio::join!(feed(&catalog, many("s", "x")), feed(&other, many("t", "x")));
    let again = Catalog::open(log.clone()).await.unwrap();
    assert_eq!(*again.snapshot(), *catalog.refresh().await.unwrap());
}

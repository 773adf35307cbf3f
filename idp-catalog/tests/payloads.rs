//! A log that keeps payloads as they are tells what one tells that is given texts.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;

use common::script::{Script, feed, file, resource};
use common::slow::Slow;
use common::story::{script, steps};
use idp_catalog::{Attribution, Catalog, CatalogOptions, IngestOptions, Precedence, Retention};
use idp_core::{Checkpoint, EntityRef, FixedClock, Log, MemoryLog, Revision, StreamName, Timestamp};
use proptest::prelude::*;

/// Catalogs over a log that keeps payloads, and over one that is given texts.
struct Both([Catalog; 2]);

/// What a log has: by event its kind, time and payload as text.
type Told = (Option<Checkpoint>, Vec<(String, Timestamp, String)>);

fn stream() -> StreamName {
    StreamName::new("catalog").unwrap()
}

async fn told(log: &dyn Log) -> Told {
    let checkpoint = log.checkpoint(&stream()).await.unwrap();
    let after = checkpoint.as_ref().map_or(Revision::START, |it| it.revision);
    let events = log.read(&stream(), after, usize::MAX).await.unwrap();
    let told = events.iter().map(|it| {
        let text = it.payload.text().unwrap().into_owned();
        (it.kind.to_string(), it.time, text)
    });
    (checkpoint, told.collect())
}

impl Both {
    async fn open() -> Self {
        let mut options = CatalogOptions::default();
        options.clock = Arc::new(FixedClock::new(Timestamp::from_millis(1_000)));
        options.precedence = Some(Precedence::new(["two"]));
        let (kept, texts) = (Arc::new(MemoryLog::new()), Arc::new(Slow::default()));
        assert!(kept.keeps_payloads() && !texts.keeps_payloads());
        Self([
            Catalog::open_with(kept, options.clone()).await.unwrap(),
            Catalog::open_with(texts, options).await.unwrap(),
        ])
    }

    /// What both logs have, byte for byte.
    async fn told(&self) -> Told {
        let [kept, texts] = self.0.each_ref().map(|it| it.log());
        let told = told(&**kept).await;
        assert_eq!(told, self::told(&**texts).await);
        told
    }

    /// Compares what the logs and catalogs say, and what is read from copies of the logs.
    async fn agree(&self) {
        let (checkpoint, events) = self.told().await;
        let [kept, texts] = &self.0;
        assert_eq!(*kept.snapshot(), *texts.snapshot());
        let first = checkpoint.map_or(0, |it| it.revision.0);
        for revision in first..=first + events.len() as u64 {
            let [kept, texts] = [kept.as_of(Revision(revision)).await, texts.as_of(Revision(revision)).await];
            assert_eq!(kept.unwrap(), texts.unwrap(), "at {revision}");
        }
        for name in ["r0", "r1", "r2", "r3"] {
            let entity_ref: EntityRef = format!("resource:{name}").parse().unwrap();
            let [kept, texts] = [kept.history(&entity_ref).await, texts.history(&entity_ref).await];
            assert_eq!(kept.unwrap(), texts.unwrap(), "{name}");
        }
        for catalog in &self.0 {
            let copy = Arc::new(MemoryLog::new());
            copy.copy(&**catalog.log(), &stream()).await.unwrap();
            let again = Catalog::open(copy).await.unwrap();
            assert_eq!(*again.snapshot(), *catalog.snapshot());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happened_both_logs_tell_the_same(steps in steps(), kept in 0_u64..20) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let both = Both::open().await;
            let by = Attribution::principal("user:default/ann".parse().unwrap());
            let options = IngestOptions::default().on_behalf_of(by);
            for step in &steps {
                for catalog in &both.0 {
                    let report = catalog.ingest_with(&script(step), &options).await.unwrap();
                    assert!(report.failure.is_none());
                }
            }
            both.agree().await;
            for catalog in &both.0 {
                catalog.compact(&Retention::nothing().revisions(kept)).await.unwrap();
            }
            both.agree().await;
        });
    }
}

#[tokio::test]
async fn many_changes_are_the_same_events_in_batches_and_as_they_are() {
    let both = Both::open().await;
    let texts: Vec<String> = (0..9_000).map(|it| resource(&format!("r-{it}"), "x")).collect();
    for catalog in &both.0 {
        feed(catalog, Script::says("s", vec![file("f", &texts)])).await;
    }
    // One says whose word counts.
    assert_eq!(both.told().await.1.len(), 9_001);
    assert_eq!(*both.0[0].snapshot(), *both.0[1].snapshot());
}

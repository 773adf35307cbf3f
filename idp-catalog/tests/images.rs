//! Starting at an image: it is the catalog, or it is none.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::script::{Script, feed, file, resource};
use common::story::{script, steps};
use idp_catalog::{
    Attribution, Catalog, CatalogOptions, ImagePolicy, IngestOptions, Model, OrphanPolicy, Precedence, Query,
};
use idp_core::{
    Checkpoint, Digest, Error, ErrorKind, Event, Expected, FixedClock, Image, Log, MemoryLog, NewEvent,
    Predicate, Result, Revision, StreamName, Timestamp,
};
use idp_plugin_sdk::async_trait;
use proptest::prelude::*;

/// Keeps an image that can be damaged, and counts the events that are read.
#[derive(Debug, Default)]
struct Watched {
    events: MemoryLog,
    image: Mutex<Option<Image>>,
    read: AtomicUsize,
    /// How often an image was to be kept.
    tried: AtomicUsize,
    /// Whether there is no room for one.
    full: AtomicBool,
}

impl Watched {
    fn image(&self) -> Image {
        self.image.lock().unwrap().clone().unwrap()
    }

    fn damage(&self, damage: impl FnOnce(&mut Image)) {
        damage(self.image.lock().unwrap().as_mut().unwrap());
    }

    /// How many events were read since it was asked last.
    fn taken(&self) -> usize {
        self.read.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl Log for Watched {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Revision> {
        self.events.append(stream, expected, events).await
    }

    async fn read(&self, stream: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>> {
        let events = self.events.read(stream, after, limit).await?;
        // One at a time is a look at whether there are any.
        self.read.fetch_add(if limit > 1 { events.len() } else { 0 }, Ordering::SeqCst);
        Ok(events)
    }

    async fn head(&self, stream: &StreamName) -> Result<Revision> {
        self.events.head(stream).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>> {
        self.events.streams(prefix).await
    }

    async fn changed(&self, stream: &StreamName, after: Revision) -> Result<Revision> {
        self.events.changed(stream, after).await
    }

    async fn compact(&self, stream: &StreamName, checkpoint: Checkpoint) -> Result<()> {
        self.events.compact(stream, checkpoint).await
    }

    async fn checkpoint(&self, stream: &StreamName) -> Result<Option<Checkpoint>> {
        self.events.checkpoint(stream).await
    }

    fn keeps_images(&self) -> bool {
        true
    }

    async fn keep_image(&self, _: &StreamName, image: Image) -> Result<()> {
        self.tried.fetch_add(1, Ordering::SeqCst);
        if self.full.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Unavailable, "the disk is full"));
        }
        *self.image.lock().unwrap() = Some(image);
        Ok(())
    }

    async fn image(&self, _: &StreamName) -> Result<Option<Image>> {
        Ok(self.image.lock().unwrap().clone())
    }
}

fn names(count: usize) -> Script {
    let describe = |it| resource(&format!("r{it}"), ["x", "y"][it % 2]);
    Script::says("s", vec![file("f", &(0..count).map(describe).collect::<Vec<_>>())])
}

/// A catalog with an image of so many entities.
async fn pictured(count: usize) -> (Arc<Watched>, Catalog) {
    let log = Arc::new(Watched::default());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    feed(&catalog, names(count)).await;
    assert!(catalog.keep_image().await.unwrap());
    log.taken();
    (log, catalog)
}

fn ask(catalog: &Catalog, field: &str) -> Vec<String> {
    let query = Query::matching(Predicate::equals(field, "x"));
    let items = catalog.snapshot().query(&query).unwrap().items;
    items.iter().map(|it| it.entity_ref().to_string()).collect()
}

#[tokio::test]
async fn a_start_at_an_image_reads_what_is_behind_it() {
    let (log, catalog) = pictured(200).await;
    let again = Catalog::open(log.clone()).await.unwrap();
    assert_eq!((log.taken(), &*again.snapshot()), (0, &*catalog.snapshot()));
    assert_eq!(ask(&again, "spec.type"), ask(&catalog, "spec.type"));
    feed(&catalog, names(150)).await;
    let behind = catalog.snapshot().revision().0 - log.image().revision.0;
    let late = Catalog::open(log.clone()).await.unwrap();
    assert_eq!((log.taken() as u64, &*late.snapshot()), (behind, &*catalog.snapshot()));
    assert_eq!(again.refresh().await.unwrap(), catalog.snapshot());
}

#[tokio::test]
async fn a_damaged_image_is_none() {
    let (log, catalog) = pictured(40).await;
    let whole = log.image();
    let mut damages: Vec<Image> = Vec::new();
    for part in 0..whole.parts.len() {
        let bytes = &whole.parts[part];
        for at in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            let mut damaged = whole.clone();
            let mut bytes = bytes.to_vec();
            bytes[at] ^= 1;
            damaged.parts[part] = bytes.into();
            damages.push(damaged);
        }
        let mut damaged = whole.clone();
        damaged.parts.remove(part);
        damages.push(damaged);
    }
    damages.push(Image { parts: Vec::new(), ..whole.clone() });
    damages.push(Image { revision: Revision(whole.revision.0 - 1), ..whole.clone() });
    damages.push(Image { revision: Revision(u64::MAX), ..whole.clone() });
    let mut turned = whole.clone();
    turned.parts[1..].reverse();
    damages.push(turned);
    for damaged in damages {
        log.damage(|image| *image = damaged);
        let again = Catalog::open(log.clone()).await.unwrap();
        assert_eq!((log.taken(), &*again.snapshot()), (40, &*catalog.snapshot()));
    }
}

#[tokio::test]
async fn an_image_of_another_model_is_none() {
    let (log, _) = pictured(40).await;
    let layer = idp_core::SourceText::new(
        "queue.yaml",
        "layer: acme\nkinds:\n  - kind: Queue\n    apiVersions: [acme.io/v1]\n",
    );
    let mut options = CatalogOptions::default();
    options.model = Model::backstage().with_layers([layer]).unwrap();
    Catalog::open_with(log.clone(), options.clone()).await.unwrap();
    assert_eq!(log.taken(), 40);
}

#[tokio::test]
async fn an_image_is_kept_when_the_next_start_would_take_long() {
    let log = Arc::new(Watched::default());
    let mut options = CatalogOptions::default();
    options.images = ImagePolicy::Behind(20);
    let catalog = Catalog::open_with(log.clone(), options.clone()).await.unwrap();
    feed(&catalog, names(20)).await;
    assert!(log.image.lock().unwrap().is_none());
    feed(&catalog, names(21)).await;
    assert_eq!(log.image().revision, Revision(21));
    // Whoever finds none makes one.
    *log.image.lock().unwrap() = None;
    Catalog::open_with(log.clone(), options.clone()).await.unwrap();
    assert_eq!(log.image().revision, Revision(21));
    options.images = ImagePolicy::ByHand;
    *log.image.lock().unwrap() = None;
    Catalog::open_with(log.clone(), options).await.unwrap();
    assert!(log.image.lock().unwrap().is_none());
}

#[tokio::test]
async fn a_log_that_keeps_no_images_is_given_none() {
    let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
    assert!(!catalog.keep_image().await.unwrap());
}

#[tokio::test]
async fn an_image_of_nothing_was_ahead_of_the_log() {
    let catalog = Catalog::open(Arc::new(MemoryLog::with_images())).await.unwrap();
    assert!(!catalog.keep_image().await.unwrap());
    feed(&catalog, names(3)).await;
    assert!(catalog.keep_image().await.unwrap());
}

#[tokio::test]
async fn an_image_that_could_not_be_kept_was_tried_again_with_every_write() {
    let log = Arc::new(Watched::default());
    let mut options = CatalogOptions::default();
    options.images = ImagePolicy::Behind(20);
    let catalog = Catalog::open_with(log.clone(), options).await.unwrap();
    log.full.store(true, Ordering::SeqCst);
    for count in 21..=30 {
        feed(&catalog, names(count)).await;
    }
    assert_eq!(log.tried.load(Ordering::SeqCst), 1);
    log.full.store(false, Ordering::SeqCst);
    feed(&catalog, names(50)).await;
    assert_eq!(log.image().revision, Revision(50));
}

#[tokio::test]
async fn events_that_were_compacted_behind_an_image_start_at_the_checkpoint() {
    let (log, catalog) = pictured(40).await;
    feed(&catalog, names(60)).await;
    let old = log.image();
    catalog.compact(&idp_catalog::Retention::nothing()).await.unwrap();
    assert_eq!(log.image().revision, catalog.snapshot().revision(), "it holds what was to go");
    log.damage(|image| *image = old);
    let again = Catalog::open(log).await.unwrap();
    assert_eq!(*again.snapshot(), *catalog.snapshot());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happened_an_image_tells_the_same(steps in steps(), cut in 0_usize..12, keep: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let log = Arc::new(Watched::default());
            let mut options = CatalogOptions::default();
            options.images = ImagePolicy::ByHand;
            options.precedence = Some(Precedence::new(["two"]));
            options.orphans = if keep { OrphanPolicy::Keep } else { OrphanPolicy::Delete };
            let mut catalog = Catalog::open_with(log.clone(), options.clone()).await.unwrap();
            for (index, step) in steps.iter().enumerate() {
                if index == cut {
                    catalog.keep_image().await.unwrap();
                    catalog = Catalog::open_with(log.clone(), options.clone()).await.unwrap();
                }
                let by = IngestOptions::default().on_behalf_of(Attribution::principal("user:default/ann".parse().unwrap()));
                let _ = catalog.ingest_with(&script(step), &by).await.unwrap();
                *log.image.lock().unwrap() = None;
                let plain = Catalog::open_with(log.clone(), options.clone()).await.unwrap();
                prop_assert_eq!(&*catalog.snapshot(), &*plain.snapshot());
                catalog.keep_image().await.unwrap();
                log.taken();
                let again = Catalog::open_with(log.clone(), options.clone()).await.unwrap();
                prop_assert_eq!(log.taken(), 0);
                prop_assert_eq!(&*again.snapshot(), &*catalog.snapshot());
                for field in ["spec.type", "relations.dependsOn", "relations.dependencyOf", "metadata.name"] {
                    let query = Query::matching(Predicate::exists(field));
                    let answers = [&catalog, &again].map(|it| it.snapshot().query(&query).unwrap().items);
                    prop_assert_eq!(&answers[0], &answers[1]);
                }
            }
            Ok(())
        })?;
    }
}

/// The digest of what an image is made of, its first part aside, which names the version of the crate.
const BYTES: &str = "fc2baadee372";

/// Whoever changes what is kept in memory changes an image, and this digest. Its format (`FORMAT` in `catalog/image`) has to
/// be another one too, or an older image would be read as what it is not; unless only numbers are others.
#[tokio::test]
async fn another_image_has_another_format() {
    let log = Arc::new(Watched::default());
    let mut options = CatalogOptions::default();
    options.clock = Arc::new(FixedClock::new(Timestamp::from_millis(0)));
    let catalog = Catalog::open_with(log.clone(), options).await.unwrap();
    feed(&catalog, names(100)).await;
    assert!(catalog.keep_image().await.unwrap());
    let image = log.image();
    let parts = image.parts[1..].iter().map(|part| &**part);
    assert_eq!(Digest::of_parts(parts).short(), BYTES);
}

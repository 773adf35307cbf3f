//! The log kit itself: each broken log breaks its own clause and no other.
#![cfg(feature = "testkit")]
#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use idp_plugin_sdk::testkit::log::{LogSubject, clauses, judge};
use idp_plugin_sdk::testkit::within;
use idp_plugin_sdk::{
    Checkpoint, Error, ErrorKind, Event, EventBatches, Expected, Image, Log, MemoryLog, NewEvent, Payload,
    Result, Revision, StreamName, async_trait,
};

/// What is wrong with a log; named after the clause it breaks.
type Bug = &'static str;

#[derive(Debug)]
struct Broken {
    bug: Bug,
    log: Arc<MemoryLog>,
    image: Mutex<Option<(StreamName, Image)>>,
    dropped: AtomicU64,
}

impl Broken {
    fn has(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    /// A payload as text.
    fn made(&self, payload: &Payload) -> Result<Payload> {
        let text = payload.text()?;
        let trims = self.has(if text.contains("deferred") {
            "deferred_payloads_come_back_as_their_texts"
        } else {
            "events_come_back_as_appended"
        });
        Ok(if trims { text.trim() } else { &text }.into())
    }
}

/// Counts a waiting that was dropped before it ended.
struct Dropped<'a>(&'a AtomicU64);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Log for Broken {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        mut events: Vec<NewEvent>,
    ) -> Result<Revision> {
        if self.has("polled_append_goes_on") {
            // Waits to be polled again.
            let mut was_polled = false;
            std::future::poll_fn(|cx| {
                cx.waker().wake_by_ref();
                if std::mem::replace(&mut was_polled, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        let head = self.log.head(stream).await?;
        if self.has("dropping_changed_is_harmless") && self.dropped.load(Ordering::SeqCst) >= 3 {
            return Ok(Revision(head.0 + events.len() as u64));
        }
        if self.has("appending_nothing_checks_and_answers_head") && events.is_empty() {
            return Ok(head);
        }
        if !self.has("payload_that_cannot_be_made_is_not_appended") {
            for event in &mut events {
                event.payload = self.made(&event.payload)?;
            }
        }
        if self.has("one_of_concurrent_appends_wins")
            && head.0 == 0
            && expected == Expected::Exactly(head)
            && events.len() == 1
        {
            // Compared, and a moment later appended.
            std::thread::sleep(Duration::from_millis(20));
            return self.log.append(stream, Expected::Any, events).await;
        }
        let answer = self.log.append(stream, expected, events.clone()).await;
        if answer.is_err() && self.has("stale_append_conflicts_and_appends_nothing") && events.len() == 2 {
            self.log.append(stream, Expected::Any, events).await?;
        }
        let off =
            self.has("appends_all_with_consecutive_revisions") && expected == Expected::Exactly(Revision(3));
        answer.map(|it| Revision(it.0 + u64::from(off)))
    }

    async fn append_batches(
        &self,
        stream: &StreamName,
        expected: Expected,
        batches: EventBatches,
    ) -> Result<Revision> {
        let mut made = Ok(Vec::new());
        for batch in batches {
            match (batch, &mut made) {
                (Ok(batch), Ok(events)) => events.extend(batch),
                (Err(error), Ok(events)) if self.has("batches_are_one_append") => {
                    // What was made before it failed stays.
                    self.append(stream, expected, std::mem::take(events)).await?;
                    return Err(error);
                }
                (Err(error), _) => made = Err(error),
                _ => {}
            }
        }
        let events = made?;
        if events.is_empty() {
            // What is wrong with an append of nothing is not wrong with this.
            return self.log.append(stream, expected, events).await;
        }
        self.append(stream, expected, events).await
    }

    async fn read(&self, stream: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>> {
        if self.has("nothing_behind_the_head") && after.0 > self.log.head(stream).await?.0 {
            return self.log.read(stream, Revision::START, limit).await;
        }
        let limit = if self.has("reads_in_order_up_to_limit") && limit == 2 { 3 } else { limit };
        match self.log.read(stream, after, limit).await {
            Err(error)
                if error.kind() == ErrorKind::NotFound && self.has("compacted_events_are_not_found") =>
            {
                Ok(Vec::new())
            }
            found => found,
        }
    }

    async fn head(&self, stream: &StreamName) -> Result<Revision> {
        self.log.head(stream).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>> {
        let mut names = self.log.streams(prefix).await?;
        if self.has("streams_by_prefix_in_byte_order") {
            names.reverse();
        }
        Ok(names)
    }

    async fn changed(&self, stream: &StreamName, after: Revision) -> Result<Revision> {
        let head = self.log.head(stream).await?;
        if head > after && self.has("changed_answers_at_once") {
            return Ok(Revision(after.0 + 1));
        }
        if self.has("changed_wakes_on_append") && head == after {
            std::future::pending::<()>().await;
        }
        let _dropped = Dropped(&self.dropped);
        self.log.changed(stream, after).await
    }

    async fn compact(&self, stream: &StreamName, checkpoint: Checkpoint) -> Result<()> {
        let head = self.log.head(stream).await?;
        if self.has("checkpoint_ahead_of_head_is_invalid") && checkpoint.revision > head {
            return Ok(());
        }
        let first = self.log.checkpoint(stream).await?.is_none();
        if self.has("compaction_keeps_newer_events") && first && checkpoint.revision.0 == 3 && head.0 == 5 {
            let all = Checkpoint { revision: head, ..checkpoint };
            return self.log.compact(stream, all).await;
        }
        match self.log.compact(stream, checkpoint).await {
            Err(error)
                if error.kind() == ErrorKind::Conflict && self.has("newest_checkpoint_replaces_older") =>
            {
                Ok(())
            }
            answer => answer,
        }
    }

    async fn checkpoint(&self, stream: &StreamName) -> Result<Option<Checkpoint>> {
        self.log.checkpoint(stream).await
    }

    fn appends_unpolled(&self) -> bool {
        self.has("polled_append_goes_on")
    }

    fn keeps_payloads(&self) -> bool {
        self.has("kept_payloads_are_not_made")
    }

    fn keeps_images(&self) -> bool {
        true
    }

    async fn keep_image(&self, stream: &StreamName, image: Image) -> Result<()> {
        let ahead = image.revision > self.log.head(stream).await?;
        if ahead && !self.has("image_ahead_of_head_is_invalid") {
            return Err(Error::invalid("an image cannot be behind the head"));
        }
        let mut kept = self.image.lock().unwrap();
        if kept.as_ref().is_some_and(|(name, kept)| name == stream && kept.revision > image.revision) {
            return Err(Error::new(ErrorKind::Conflict, "a newer image is kept"));
        }
        let stays = self.has("images_come_back_as_kept") && kept.is_some();
        if !stays {
            *kept = Some((stream.clone(), image));
        }
        Ok(())
    }

    async fn image(&self, stream: &StreamName) -> Result<Option<Image>> {
        let kept = self.image.lock().unwrap();
        Ok(kept.as_ref().filter(|(name, _)| name == stream).map(|(_, image)| image.clone()))
    }
}

struct Subject(Arc<Broken>);

impl Subject {
    fn with(bug: Bug) -> Self {
        Self(Arc::new(Broken {
            bug,
            log: Arc::default(),
            image: Mutex::default(),
            dropped: AtomicU64::new(0),
        }))
    }
}

impl LogSubject for Subject {
    fn log(&self) -> Arc<dyn Log> {
        self.0.clone()
    }

    fn reopen(&self) -> Option<Arc<dyn Log>> {
        let forgets = self.0.has("durable_log_keeps_everything");
        Some(if forgets { Arc::new(MemoryLog::new()) } else { self.0.clone() })
    }
}

idp_plugin_sdk::log_conformance!(Subject::with("nothing"));

#[test]
fn each_bug_breaks_its_own_clause() {
    for (bug, _) in clauses::<Subject>() {
        let verdicts =
            clauses::<Subject>().into_iter().map(|(name, _)| (name, judge(&Subject::with(bug), name)));
        let broken: Vec<_> = verdicts.filter_map(|(name, verdict)| Some((name, verdict.err()?))).collect();
        let names: Vec<_> = broken.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [bug], "{broken:?}");
    }
}

#[test]
fn a_log_that_hangs_is_caught() {
    let subject = Subject::with("changed_wakes_on_append");
    let name = StreamName::new("one").unwrap();
    let log = subject.log();
    let waits = within(Duration::from_millis(10), log.changed(&name, Revision::START));
    assert!(idp_plugin_sdk::testkit::block_on(waits).is_none());
}

//! How much history is kept.

use std::time::Duration;

use idp_core::{Result, Revision, Timestamp};

use super::replay::Replay;
use crate::Catalog;
use crate::catalog::checkpoint;

/// How much history [`Catalog::compact`] keeps. What any of these asks for stays.
///
/// Kept history answers [`as_of`](Catalog::as_of), [`difference`](Catalog::difference),
/// [`history`](Catalog::history), [`blame`](Catalog::blame) and [`watch`](Catalog::watch) as before. What is older is
/// one version: the catalog as it was at the end of it. The catalog of today never changes by compaction.
///
/// By default: 90 days, and whatever a consumer has not acknowledged within 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Events younger than this.
    pub age: Duration,
    /// This many of the last events.
    pub revisions: u64,
    /// Events that a consumer has not acknowledged, unless it has acknowledged nothing for longer than this.
    pub consumers: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Retention {
    fn default() -> Self {
        Self { age: DAY * 90, revisions: 0, consumers: DAY * 30 }
    }
}

impl Retention {
    /// Keeps no history.
    #[must_use]
    pub fn nothing() -> Self {
        Self { age: Duration::ZERO, revisions: 0, consumers: Duration::ZERO }
    }

    /// Keeps events younger than this.
    #[must_use]
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Keeps this many of the last events.
    #[must_use]
    pub fn revisions(mut self, revisions: u64) -> Self {
        self.revisions = revisions;
        self
    }

    /// Keeps what consumers have not acknowledged that were heard of within this time.
    #[must_use]
    pub fn consumers(mut self, consumers: Duration) -> Self {
        self.consumers = consumers;
        self
    }
}

impl Catalog {
    /// Replaces the history that is not to be kept by the state it led to, so that opening the catalog costs less.
    /// Answers the revision up to which the history is gone.
    ///
    /// # Errors
    /// Whatever the log answers.
    pub async fn compact(&self, retention: &Retention) -> Result<Revision> {
        let head = self.refresh().await?.revision();
        let bound = self.oldest_wanted(retention, head).await?;
        let mut replay = Replay::earliest(self).await?;
        let before = replay.state.revision;
        let old = self.ago(retention.age);
        replay.advance_while(|event| event.revision <= bound && event.time <= old).await?;
        if replay.state.revision <= before {
            return Ok(before);
        }
        let stored = checkpoint::write(&replay.state)?;
        self.log.compact(&self.stream, stored).await?;
        self.renew_image().await;
        Ok(replay.state.revision)
    }

    /// The revision behind which everything is kept for its number, or for a consumer.
    async fn oldest_wanted(&self, retention: &Retention, head: Revision) -> Result<Revision> {
        let mut bound = head.0.saturating_sub(retention.revisions);
        let heard_since = self.ago(retention.consumers);
        for consumer in self.consumers().await? {
            if consumer.at > heard_since {
                bound = bound.min(consumer.acknowledged.0);
            }
        }
        Ok(Revision(bound))
    }

    fn ago(&self, age: Duration) -> Timestamp {
        let millis = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(self.now().as_millis().saturating_sub(millis))
    }
}

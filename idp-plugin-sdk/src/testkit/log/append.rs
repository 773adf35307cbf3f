//! The bullets of `append`.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use idp_core::{Error, ErrorKind, Event, EventBatches, Expected, NewEvent, Result, Revision};

use super::LogSubject;
use super::subject::{all, event, revisions, stream, write};
use crate::testkit::run::{ensure, unexpected};
use crate::testkit::{Outcome, Verdict};

/// How long an append that nobody polls may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// All events are appended; they get consecutive revisions, the first of a stream is 1.
pub async fn appends_all_with_consecutive_revisions<S: LogSubject>(subject: &S) -> Verdict {
    let (log, one, two) = (subject.log(), stream("one")?, stream("two")?);
    ensure(write(&*log, &one, 1..=3).await? == Revision(3), "three events do not end at 3")?;
    ensure(write(&*log, &two, 1..=1).await? == Revision(1), "a second stream does not begin at 1")?;
    let exactly = log.append(&one, Expected::Exactly(Revision(3)), vec![event(4), event(5)]).await;
    ensure(exactly.map_err(unexpected("append"))? == Revision(5), "two more events do not end at 5")?;
    let found = revisions(&all(&*log, &one, 0).await?);
    ensure(found == [1, 2, 3, 4, 5], format!("revisions {found:?}"))?;
    Ok(Outcome::Holds)
}

/// Where the head is not the expected one: conflict, and nothing is appended.
pub async fn stale_append_conflicts_and_appends_nothing<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=2).await?;
    for expected in [0, 1, 3] {
        let answer = log.append(&name, Expected::Exactly(Revision(expected)), vec![event(8), event(9)]).await;
        ensure(is_conflict(&answer), format!("expecting {expected} where 2 is the head: {answer:?}"))?;
        let found = revisions(&all(&*log, &name, 0).await?);
        ensure(found == [1, 2], format!("a refused append left {found:?}"))?;
    }
    let unknown = log.append(&stream("unknown")?, Expected::Exactly(Revision(1)), vec![event(1)]).await;
    ensure(is_conflict(&unknown), format!("expecting 1 of an unknown stream: {unknown:?}"))?;
    Ok(Outcome::Holds)
}

fn is_conflict(answer: &Result<Revision>) -> bool {
    answer.as_ref().is_err_and(|it| it.kind() == ErrorKind::Conflict)
}

/// Of concurrent appends that expect the same head, exactly one succeeds.
pub async fn one_of_concurrent_appends_wins<S: LogSubject>(subject: &S) -> Verdict {
    const WRITERS: usize = 8;
    let name = stream("one")?;
    for round in 0..5 {
        let wins = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| {
                    subject.run(Box::pin(async {
                        let expected = Expected::Exactly(Revision(round));
                        if subject.log().append(&name, expected, vec![event(1)]).await.is_ok() {
                            wins.fetch_add(1, Ordering::SeqCst);
                        }
                    }));
                });
            }
        });
        let wins = wins.into_inner();
        ensure(wins == 1, format!("{wins} of {WRITERS} appends behind {round} succeed"))?;
        let found = all(&*subject.log(), &name, 0).await?.len() as u64;
        ensure(found == round + 1, format!("{found} events after {} appends", round + 1))?;
    }
    Ok(Outcome::Holds)
}

/// Without events, the expectation is checked and the head returned.
pub async fn appending_nothing_checks_and_answers_head<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    let nothing = async |expected| log.append(&name, expected, Vec::new()).await;
    let empty = nothing(Expected::Exactly(Revision::START)).await.map_err(unexpected("append"))?;
    ensure(empty == Revision::START, format!("an unknown stream is at {empty}"))?;
    write(&*log, &name, 1..=2).await?;
    for expected in [Expected::Any, Expected::Exactly(Revision(2))] {
        let head = nothing(expected).await.map_err(unexpected("append"))?;
        ensure(head == Revision(2), format!("the head is 2, and the answer {head}"))?;
    }
    let stale = nothing(Expected::Exactly(Revision(1))).await;
    ensure(is_conflict(&stale), format!("a wrong expectation without events: {stale:?}"))?;
    Ok(Outcome::Holds)
}

/// Batches are appended as their events are, or none of them is.
pub async fn batches_are_one_append<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    let batches = |batches: Vec<Result<Vec<NewEvent>>>| -> EventBatches { Box::new(batches.into_iter()) };
    let made = || vec![Ok(vec![event(1), event(2)]), Ok(Vec::new()), Ok(vec![event(3)])];
    let answer = log.append_batches(&name, Expected::Exactly(Revision::START), batches(made())).await;
    ensure(answer.map_err(unexpected("append"))? == Revision(3), "three events in batches do not end at 3")?;
    let found = all(&*log, &name, 0).await?;
    ensure(revisions(&found) == [1, 2, 3], format!("revisions {:?}", revisions(&found)))?;
    let is_it = |(found, number): (&Event, usize)| found.payload == event(number).payload;
    ensure(found.iter().zip(1..).all(is_it), format!("the events are {found:?}"))?;
    let failed = || Err(Error::new(ErrorKind::PermissionDenied, "it cannot be made"));
    for refused in [vec![Ok(vec![event(4)]), failed()], vec![failed()]] {
        let answer = log.append_batches(&name, Expected::Any, batches(refused)).await;
        let is_its_own = answer.as_ref().is_err_and(|it| it.kind() == ErrorKind::PermissionDenied);
        ensure(is_its_own, format!("a batch cannot be made: {answer:?}"))?;
    }
    for events in [made(), Vec::new(), vec![Ok(Vec::new())]] {
        let stale = log.append_batches(&name, Expected::Exactly(Revision(2)), batches(events)).await;
        ensure(is_conflict(&stale), format!("expecting 2 where 3 is the head: {stale:?}"))?;
    }
    for nothing in [Vec::new(), vec![Ok(Vec::new())]] {
        let head = log.append_batches(&name, Expected::Any, batches(nothing)).await;
        ensure(head.as_ref().is_ok_and(|head| *head == Revision(3)), format!("the head is 3, and {head:?}"))?;
    }
    let left = revisions(&all(&*log, &name, 0).await?);
    ensure(left == [1, 2, 3], format!("refused batches left {left:?}"))?;
    Ok(Outcome::Holds)
}

/// What was appended survives: opened again, everything is there.
pub async fn durable_log_keeps_everything<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=4).await?;
    let checkpoint = idp_core::Checkpoint { revision: Revision(2), payload: "[]".into() };
    log.compact(&name, checkpoint.clone()).await.map_err(unexpected("compact"))?;
    let Some(again) = subject.reopen() else { return Ok(Outcome::NotOffered("the log keeps nothing")) };
    let (before, after) = (all(&*log, &name, 2).await?, all(&*again, &name, 2).await?);
    ensure(before == after && after.len() == 2, format!("opened again, it holds {:?}", revisions(&after)))?;
    let stored = again.checkpoint(&name).await.map_err(unexpected("checkpoint"))?;
    ensure(stored == Some(checkpoint), "opened again, the checkpoint is another one")?;
    ensure(write(&*again, &name, 5..=5).await? == Revision(5), "opened again, it goes on elsewhere")?;
    Ok(Outcome::Holds)
}

/// Where the log says so, an append that was polled once goes on by itself.
pub async fn polled_append_goes_on<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    if !log.appends_unpolled() {
        return Ok(Outcome::NotOffered("an append needs to be polled to its end"));
    }
    let mut append = log.append(&name, Expected::Any, vec![event(1)]);
    let polled = poll_fn(|cx| Poll::Ready(append.as_mut().poll(cx))).await;
    let until = Instant::now() + PATIENCE;
    while log.head(&name).await.map_err(unexpected("head"))? == Revision::START {
        ensure(Instant::now() < until, "the append stands still while nobody polls it")?;
        std::thread::sleep(Duration::from_millis(1));
    }
    let answer = match polled {
        Poll::Ready(answer) => answer,
        Poll::Pending => append.await,
    };
    ensure(answer.map_err(unexpected("append"))? == Revision(1), "the first event does not end at 1")?;
    Ok(Outcome::Holds)
}

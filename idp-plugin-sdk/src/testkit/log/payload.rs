//! The bullets on payloads whose texts are made when somebody asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use idp_core::{
    DeferredPayloads, Error, ErrorKind, EventBatches, Expected, Log, NewEvent, Payload, StreamName,
};

use super::LogSubject;
use super::subject::{all, event, revisions, stream, write};
use crate::testkit::run::{ensure, unexpected};
use crate::testkit::{Outcome, Verdict};

/// Makes texts, and counts them. One of them cannot be made.
#[derive(Default)]
struct Deferred {
    made: AtomicUsize,
}

const UNMADE: usize = 9;

/// No text that would come out of reading and writing it again.
fn text(index: usize) -> String {
    format!("{{ \"deferred\":  {index}.0e0,\t\"ä\": 1 }}\n")
}

impl DeferredPayloads for Deferred {
    fn text(&self, index: usize) -> idp_core::Result<String> {
        self.made.fetch_add(1, Ordering::SeqCst);
        let made = (index != UNMADE).then(|| text(index));
        made.ok_or_else(|| Error::new(ErrorKind::PermissionDenied, "it cannot be made"))
    }
}

fn deferred(payloads: &Arc<Deferred>, index: usize) -> NewEvent {
    NewEvent { payload: Payload::deferred(Arc::<Deferred>::clone(payloads), index), ..event(index) }
}

fn batches<const N: usize>(batches: [Vec<NewEvent>; N]) -> EventBatches {
    Box::new(batches.into_iter().map(Ok))
}

/// Appends deferred payloads from 1 to 5.
async fn write_deferred(log: &dyn Log, name: &StreamName, payloads: &Arc<Deferred>) -> Result<(), String> {
    let made = |index| deferred(payloads, index);
    let appended = log.append(name, Expected::Any, vec![made(1), made(2)]).await;
    appended.map_err(unexpected("append"))?;
    let batches = batches([vec![made(3)], vec![made(4), made(5)]]);
    log.append_batches(name, Expected::Any, batches).await.map_err(unexpected("append_batches"))?;
    Ok(())
}

async fn texts(log: &dyn Log, name: &StreamName) -> Result<Vec<String>, String> {
    let text = |it: &Payload| it.text().map(|text| text.into_owned()).map_err(unexpected("text"));
    all(log, name, 0).await?.iter().map(|event| text(&event.payload)).collect()
}

/// A deferred payload comes back with the text that was to be made.
pub async fn deferred_payloads_come_back_as_their_texts<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write_deferred(&*log, &name, &Arc::default()).await?;
    let expected: Vec<_> = (1..=5).map(text).collect();
    for time in ["once", "again"] {
        let found = texts(&*log, &name).await?;
        ensure(found == expected, format!("read {time}, {expected:?} come back as {found:?}"))?;
    }
    Ok(Outcome::Holds)
}

/// Where the text of a payload cannot be made, nothing is appended; or the text is missed by who asks for it.
pub async fn payload_that_cannot_be_made_is_not_appended<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    let payloads = Arc::default();
    let bad = || deferred(&payloads, UNMADE);
    write(&*log, &name, 1..=1).await?;
    let mut taken = Vec::new();
    for answer in [
        log.append(&name, Expected::Any, vec![event(2), bad()]).await,
        log.append_batches(&name, Expected::Any, batches([vec![event(2)], vec![bad()]])).await,
    ] {
        match answer {
            Ok(head) if log.keeps_payloads() => taken.push(head),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
            other => return Err(format!("the text of a payload cannot be made: {other:?}")),
        }
    }
    let found = all(&*log, &name, 0).await?;
    let count = 1 + 2 * taken.len();
    ensure(found.len() == count, format!("refused appends left {:?}", revisions(&found)))?;
    for event in found {
        let expected = taken.contains(&event.revision).then_some(ErrorKind::PermissionDenied);
        let error = event.payload.text().err().map(|it| it.kind());
        ensure(error == expected, format!("the text of event {} says {error:?}", event.revision))?;
    }
    Ok(Outcome::Holds)
}

/// Where the log keeps payloads as they are given, appending makes no text.
pub async fn kept_payloads_are_not_made<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name, payloads) = (subject.log(), stream("one")?, Arc::<Deferred>::default());
    if !log.keeps_payloads() {
        return Ok(Outcome::NotOffered("the log wants texts"));
    }
    write_deferred(&*log, &name, &payloads).await?;
    let made = payloads.made.load(Ordering::SeqCst);
    ensure(made == 0, format!("the log keeps payloads, and appending five makes {made} texts"))?;
    Ok(Outcome::Holds)
}

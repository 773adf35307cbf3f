//! The bullets of `changed`.

use std::time::Duration;

use idp_core::Revision;

use super::LogSubject;
use super::subject::{all, stream, write};
use crate::testkit::run::{ensure, unexpected};
use crate::testkit::{Outcome, Verdict, within};

/// How long a log may take to notice.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns at once where the head is behind already.
pub async fn changed_answers_at_once<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=3).await?;
    for after in [0, 2] {
        let head = within(PATIENCE, log.changed(&name, Revision(after))).await;
        let head = head.ok_or("it waits though the head is behind")?.map_err(unexpected("changed"))?;
        ensure(head == Revision(3), format!("the head is 3, and the answer {head}"))?;
    }
    let waits = within(Duration::from_millis(50), log.changed(&name, Revision(3))).await;
    ensure(waits.is_none(), format!("nothing is behind 3, and it answers {waits:?}"))?;
    Ok(Outcome::Holds)
}

/// An append, and nothing that happens to other streams, ends the waiting.
pub async fn changed_wakes_on_append<S: LogSubject>(subject: &S) -> Verdict {
    let (name, other) = (stream("one")?, stream("other")?);
    let writer = async || {
        std::thread::sleep(Duration::from_millis(50));
        write(&*subject.log(), &other, 1..=1).await?;
        std::thread::sleep(Duration::from_millis(50));
        write(&*subject.log(), &name, 1..=1).await
    };
    let mut written = Err("the writer did not run".to_owned());
    let head = std::thread::scope(|scope| {
        scope.spawn(|| subject.run(Box::pin(async { written = writer().await })));
        let mut head = None;
        let waiting = async { head = within(PATIENCE, subject.log().changed(&name, Revision::START)).await };
        subject.run(Box::pin(waiting));
        head
    });
    written?;
    let head = head.ok_or("it sleeps through an append")?.map_err(unexpected("changed"))?;
    ensure(head == Revision(1), format!("the head is 1, and the answer {head}"))?;
    Ok(Outcome::Holds)
}

/// Dropping the future stops the waiting and has no other effect.
pub async fn dropping_changed_is_harmless<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    for _ in 0..3 {
        let waits = within(Duration::from_millis(5), log.changed(&name, Revision::START)).await;
        ensure(waits.is_none(), format!("nothing is there, and it answers {waits:?}"))?;
    }
    write(&*log, &name, 1..=2).await?;
    let found = within(PATIENCE, all(&*log, &name, 0)).await.ok_or("it hangs afterwards")??;
    ensure(found.len() == 2, "an append is lost afterwards")?;
    Ok(Outcome::Holds)
}

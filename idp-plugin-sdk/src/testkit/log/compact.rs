//! The bullets of `compact` and `checkpoint`.

use idp_core::{Checkpoint, ErrorKind, Log, Revision, StreamName};

use super::LogSubject;
use super::subject::{all, revisions, stream, write};
use crate::testkit::run::{ensure, unexpected};
use crate::testkit::{Outcome, Verdict};

fn at(revision: u64) -> Checkpoint {
    Checkpoint { revision: Revision(revision), payload: format!("{{ \"at\": {revision} }}").into() }
}

async fn stored(log: &dyn Log, name: &StreamName) -> Result<Option<Checkpoint>, String> {
    log.checkpoint(name).await.map_err(unexpected("checkpoint"))
}

/// The newest checkpoint replaces an older one; an older one than the stored is a conflict.
pub async fn newest_checkpoint_replaces_older<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=5).await?;
    ensure(stored(&*log, &name).await?.is_none(), "there is a checkpoint before there was one")?;
    for revision in [2, 4] {
        log.compact(&name, at(revision)).await.map_err(unexpected("compact"))?;
        ensure(
            stored(&*log, &name).await? == Some(at(revision)),
            "the newest checkpoint is not the stored one",
        )?;
    }
    let older = log.compact(&name, at(3)).await.err().map(|it| it.kind());
    ensure(older == Some(ErrorKind::Conflict), format!("an older checkpoint: {older:?}"))?;
    ensure(stored(&*log, &name).await? == Some(at(4)), "an older checkpoint replaced a newer one")?;
    Ok(Outcome::Holds)
}

/// A checkpoint behind the head is invalid input.
pub async fn checkpoint_ahead_of_head_is_invalid<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=2).await?;
    for (name, revision) in [(&name, 3), (&stream("unknown")?, 1)] {
        let kind = log.compact(name, at(revision)).await.err().map(|it| it.kind());
        ensure(
            kind == Some(ErrorKind::InvalidInput),
            format!("a checkpoint at {revision} of {name}: {kind:?}"),
        )?;
    }
    ensure(stored(&*log, &name).await?.is_none(), "an invalid checkpoint was stored")?;
    Ok(Outcome::Holds)
}

/// Events behind the checkpoint's revision are kept, and numbering goes on.
pub async fn compaction_keeps_newer_events<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=5).await?;
    log.compact(&name, at(3)).await.map_err(unexpected("compact"))?;
    let found = revisions(&all(&*log, &name, 3).await?);
    ensure(found == [4, 5], format!("behind the checkpoint: {found:?}"))?;
    log.compact(&name, at(5)).await.map_err(unexpected("compact"))?;
    ensure(write(&*log, &name, 6..=6).await? == Revision(6), "numbering does not go on")?;
    let names = log.streams("").await.map_err(unexpected("streams"))?;
    ensure(names == [name], "a compacted stream is not listed")?;
    Ok(Outcome::Holds)
}

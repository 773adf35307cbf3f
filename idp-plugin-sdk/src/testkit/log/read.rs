//! The bullets of `read`, `head` and `streams`.

use idp_core::{Checkpoint, ErrorKind, Expected, NewEvent, Revision, Timestamp};

use super::LogSubject;
use super::subject::{all, revisions, stream, write};
use crate::testkit::run::{ensure, unexpected};
use crate::testkit::{Outcome, Verdict};

/// An unknown stream, or a place at or behind the head, gives none; an unknown stream's head is the start.
pub async fn nothing_behind_the_head<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name, unknown) = (subject.log(), stream("one")?, stream("unknown")?);
    write(&*log, &name, 1..=2).await?;
    for (name, after) in [(&name, 2), (&name, 3), (&name, u64::MAX), (&unknown, 0), (&unknown, 7)] {
        let found = all(&*log, name, after).await?;
        ensure(found.is_empty(), format!("{name} behind {after} gives {:?}", revisions(&found)))?;
    }
    for (name, expected) in [(&name, Revision(2)), (&unknown, Revision::START)] {
        let head = log.head(name).await.map_err(unexpected("head"))?;
        ensure(head == expected, format!("the head of {name} is {head}"))?;
    }
    Ok(Outcome::Holds)
}

/// Payload, kind and time come back as they were appended.
pub async fn events_come_back_as_appended<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    let long = format!("\"{}\"", "ä".repeat(100_000));
    let appended: Vec<_> = [
        (0, "plain", "{}"),
        (-62_135_596_800_000, "", "{ \"spaces\" :  1.0e0,\t\"twice\":1, \"twice\":2 }\n"),
        (253_402_300_799_999, "a:b/c ü'\"", "\"\\u0000 \u{1F600} \u{2028}\""),
        (7, "long", long.as_str()),
    ]
    .into_iter()
    .map(|(time, kind, payload)| NewEvent {
        time: Timestamp::from_millis(time),
        kind: kind.into(),
        payload: payload.into(),
    })
    .collect();
    log.append(&name, Expected::Any, appended.clone()).await.map_err(unexpected("append"))?;
    for (read, appended) in all(&*log, &name, 0).await?.into_iter().zip(appended) {
        let same =
            (read.time, &read.kind, &read.payload) == (appended.time, &appended.kind, &appended.payload);
        ensure(same, format!("event {} came back changed", appended.kind))?;
    }
    Ok(Outcome::Holds)
}

/// The events behind a place, in order, and no more than asked for.
pub async fn reads_in_order_up_to_limit<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=12).await?;
    for (after, limit, expected) in
        [(0, 3, vec![1, 2, 3]), (3, 2, vec![4, 5]), (10, 9, vec![11, 12]), (0, 0, vec![])]
    {
        let found = log.read(&name, Revision(after), limit).await.map_err(unexpected("read"))?;
        let found = revisions(&found);
        ensure(found == expected, format!("{limit} behind {after} gives {found:?}"))?;
    }
    Ok(Outcome::Holds)
}

/// Where events were compacted away: not found.
pub async fn compacted_events_are_not_found<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    write(&*log, &name, 1..=4).await?;
    let checkpoint = Checkpoint { revision: Revision(2), payload: "[]".into() };
    log.compact(&name, checkpoint).await.map_err(unexpected("compact"))?;
    for after in [0, 1] {
        // A log may keep what a checkpoint stands for. It must not leave a hole without saying so.
        let kept = match log.read(&name, Revision(after), 9).await {
            Ok(found) => revisions(&found) == (after + 1..=4).collect::<Vec<_>>(),
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        ensure(kept, format!("what was compacted behind {after} is missing without a word"))?;
    }
    Ok(Outcome::Holds)
}

/// The streams whose name starts with a prefix, in byte order.
pub async fn streams_by_prefix_in_byte_order<S: LogSubject>(subject: &S) -> Verdict {
    let log = subject.log();
    for name in ["run/b", "run/a", "run-2", "run", "catalog", "run/a.1", "run_"] {
        write(&*log, &stream(name)?, 1..=1).await?;
    }
    for (prefix, expected) in [
        ("run/", vec!["run/a", "run/a.1", "run/b"]),
        ("run", vec!["run", "run-2", "run/a", "run/a.1", "run/b", "run_"]),
        ("run_", vec!["run_"]),
        ("x", vec![]),
        ("", vec!["catalog", "run", "run-2", "run/a", "run/a.1", "run/b", "run_"]),
    ] {
        let found = log.streams(prefix).await.map_err(unexpected("streams"))?;
        let found: Vec<_> = found.iter().map(|it| it.as_str()).collect();
        ensure(found == expected, format!("`{prefix}` gives {found:?}"))?;
    }
    Ok(Outcome::Holds)
}

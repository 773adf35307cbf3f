//! The contract's operations as SQL, one transaction each.

use idp_plugin_sdk::{
    Checkpoint, EffectState, Error, ErrorKind, Event, Expected, NewEvent, Result, Revision, StreamName,
    Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::error::storage;
use crate::schema::REVISION_BITS;

/// A stream's row.
#[derive(Clone, Copy, Default)]
pub(crate) struct Stream {
    pub(crate) id: i64,
    pub(crate) head: u64,
    compacted: u64,
}

pub(crate) fn append(
    connection: &mut Connection,
    name: &StreamName,
    expected: Expected,
    batches: impl Iterator<Item = Result<Vec<NewEvent>>>,
) -> Result<Revision> {
    let change = begin(connection)?;
    let before = find(&change, name)?.unwrap_or_default().head;
    check(name, expected, before)?;
    let mut head = before;
    for batch in batches {
        let events = batch?;
        let grown = head + events.len() as u64;
        if grown > head {
            let id = set_head(&change, name, grown)?;
            insert(&change, id, head, &events)?;
        }
        head = grown;
    }
    if head > before {
        commit(change)?;
    }
    Ok(Revision(head))
}

fn check(name: &StreamName, expected: Expected, head: u64) -> Result<()> {
    match expected {
        Expected::Exactly(wanted) if wanted.0 != head => {
            Err(Error::new(ErrorKind::Conflict, "the stream has moved on")
                .with("stream", name)
                .with("expected", wanted)
                .with("head", head))
        }
        _ => Ok(()),
    }
}

fn set_head(change: &Transaction<'_>, name: &StreamName, head: u64) -> Result<i64> {
    const UPSERT: &str = "INSERT INTO stream (name, head, compacted) VALUES (?1, ?2, 0)
        ON CONFLICT (name) DO UPDATE SET head = excluded.head RETURNING id";
    let mut statement = change.prepare_cached(UPSERT).map_err(storage)?;
    statement.query_row(params![name.as_str(), signed(head)], |row| row.get(0)).map_err(storage)
}

fn insert(change: &Transaction<'_>, stream: i64, head: u64, events: &[NewEvent]) -> Result<()> {
    const INSERT: &str = "INSERT INTO event (number, time, kind, payload) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = change.prepare_cached(INSERT).map_err(storage)?;
    for (revision, NewEvent { time, kind, payload }) in (head + 1..).zip(events) {
        let (number, text) = (number(stream, revision)?, payload.text()?);
        statement.execute(params![number, time.as_millis(), kind, text]).map_err(storage)?;
    }
    Ok(())
}

pub(crate) fn read(
    connection: &mut Connection,
    name: &StreamName,
    after: Revision,
    limit: usize,
) -> Result<Vec<Event>> {
    const SELECT: &str = "SELECT number, time, kind, payload FROM event
        WHERE number > ?1 AND number <= ?2 ORDER BY number LIMIT ?3";
    // One transaction: no compaction comes between the two questions.
    let view = connection.transaction().map_err(storage)?;
    let Some(stream) = find(&view, name)? else { return Ok(Vec::new()) };
    if after.0 < stream.compacted {
        return Err(Error::new(ErrorKind::NotFound, "these events were compacted away")
            .with("after", after)
            .with("compacted", stream.compacted));
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = view.prepare_cached(SELECT).map_err(storage)?;
    // Nothing is behind a revision that no event can have.
    let Ok(after) = number(stream.id, after.0) else { return Ok(Vec::new()) };
    let last = number(stream.id, stream.head)?;
    let rows = statement.query_map(params![after, last, limit], event).map_err(storage)?;
    rows.map(|it| it.map_err(storage)).collect()
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        revision: Revision(unsigned(row.get(0)?) & MOST_REVISIONS),
        time: Timestamp::from_millis(row.get(1)?),
        kind: row.get::<_, String>(2)?.into(),
        payload: row.get::<_, String>(3)?.into(),
    })
}

pub(crate) fn head(connection: &mut Connection, name: &StreamName) -> Result<Revision> {
    Ok(Revision(find(connection, name)?.unwrap_or_default().head))
}

pub(crate) fn streams(connection: &mut Connection, prefix: &str) -> Result<Vec<StreamName>> {
    const SELECT: &str =
        "SELECT name FROM stream WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 ORDER BY name";
    let mut statement = connection.prepare_cached(SELECT).map_err(storage)?;
    let rows = statement.query_map([prefix], |row| row.get::<_, String>(0)).map_err(storage)?;
    rows.map(|it| it.map_err(storage).and_then(|name| StreamName::new(&name).map_err(damaged))).collect()
}

pub(crate) fn compact(connection: &mut Connection, name: &StreamName, checkpoint: &Checkpoint) -> Result<()> {
    let change = begin(connection)?;
    let revision = checkpoint.revision.0;
    let Some(stream) = find(&change, name)?.filter(|it| revision <= it.head) else {
        return Err(Error::invalid("a checkpoint cannot be behind the head").with("stream", name));
    };
    if revision < stream.compacted {
        return Err(Error::new(ErrorKind::Conflict, "a newer checkpoint is stored").with("stream", name));
    }
    store(&change, stream.id, checkpoint)?;
    commit(change)
}

fn store(change: &Transaction<'_>, stream: i64, checkpoint: &Checkpoint) -> Result<()> {
    let revision = signed(checkpoint.revision.0);
    let (before, last) = (number(stream, 0)?, number(stream, checkpoint.revision.0)?);
    for (sql, parameters) in [
        ("DELETE FROM event WHERE number > ?1 AND number <= ?2", params![before, last]),
        ("UPDATE stream SET compacted = ?2 WHERE id = ?1", params![stream, revision]),
        (
            "INSERT INTO checkpoint (stream, revision, payload) VALUES (?1, ?2, ?3)
                ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision, payload = excluded.payload",
            params![stream, revision, &*checkpoint.payload],
        ),
    ] {
        change.prepare_cached(sql).and_then(|mut it| it.execute(parameters)).map_err(storage)?;
    }
    Ok(())
}

pub(crate) fn checkpoint(connection: &mut Connection, name: &StreamName) -> Result<Option<Checkpoint>> {
    const SELECT: &str = "SELECT checkpoint.revision, payload FROM checkpoint
        JOIN stream ON stream.id = checkpoint.stream WHERE name = ?1";
    let mut statement = connection.prepare_cached(SELECT).map_err(storage)?;
    let read =
        |row: &Row<'_>| Ok(Checkpoint { revision: Revision(unsigned(row.get(0)?)), payload: row.get(1)? });
    statement.query_row([name.as_str()], read).optional().map_err(storage)
}

/// A number that is another one whenever another connection has changed the file.
pub(crate) fn version(connection: &Connection) -> Result<i64> {
    let mut statement = connection.prepare_cached("PRAGMA data_version").map_err(storage)?;
    statement.query_row([], |row| row.get(0)).map_err(storage)
}

pub(crate) fn find(connection: &Connection, name: &StreamName) -> Result<Option<Stream>> {
    const SELECT: &str = "SELECT id, head, compacted FROM stream WHERE name = ?1";
    let mut statement = connection.prepare_cached(SELECT).map_err(storage)?;
    let read = |row: &Row<'_>| {
        let (head, compacted) = (unsigned(row.get(1)?), unsigned(row.get(2)?));
        Ok(Stream { id: row.get(0)?, head, compacted })
    };
    statement.query_row([name.as_str()], read).optional().map_err(storage)
}

/// Takes the write lock at once: what is compared stays true until the commit.
pub(crate) fn begin(connection: &mut Connection) -> Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)
}

/// Where a commit fails, SQLite does not say whether the disk holds it.
pub(crate) fn commit(change: Transaction<'_>) -> Result<()> {
    change.commit().map_err(|error| storage(error).effect(EffectState::Unknown))
}

fn damaged(error: Error) -> Error {
    Error::new(ErrorKind::Corrupt, "the log's file is damaged").because(error)
}

/// Most events of a stream, and a mask for their revisions.
const MOST_REVISIONS: u64 = (1 << REVISION_BITS) - 1;

/// The number of an event, or what comes before a stream's first.
fn number(stream: i64, revision: u64) -> Result<i64> {
    let above = stream.checked_mul(1 << REVISION_BITS).filter(|_| revision <= MOST_REVISIONS);
    above.map(|above| above | signed(revision)).ok_or_else(|| {
        let message = "the log holds no more: it has 2^23 streams of 2^40 events";
        Error::new(ErrorKind::LimitExceeded, message).with("stream", stream).with("revision", revision)
    })
}

/// SQLite counts to 2⁶³−1; no stream gets there.
pub(crate) fn signed(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(revision: i64) -> u64 {
    u64::try_from(revision).unwrap_or(0)
}

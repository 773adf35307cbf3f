//! Images: many megabytes beside the events, which may go at any time.
//!
//! Their tables are made when an image is kept for the first time, and no version of the layout knows of them: a file
//! without them has no image.

use std::sync::Arc;

use idp_plugin_sdk::{Error, ErrorKind, Image, Result, Revision, StreamName};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::storage;
use crate::schema;
use crate::store::{begin, commit, find, signed, unsigned};

/// A part's number is the image's above so many bits, and its place.
const PART_BITS: u32 = 20;

const LAYOUT: &str = "
    CREATE TABLE IF NOT EXISTS image (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        stream INTEGER NOT NULL REFERENCES stream (id),
        revision INTEGER NOT NULL,
        parts INTEGER NOT NULL,
        complete INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS image_part (
        number INTEGER PRIMARY KEY,
        payload BLOB NOT NULL
    ) STRICT;
";

/// Begins an image; its number.
///
/// Parts are written one by one, so that events can be appended in between. Until [`finish`] nobody sees any of it.
pub(crate) fn start(connection: &mut Connection, name: &StreamName, image: &Image) -> Result<i64> {
    const INSERT: &str =
        "INSERT INTO image (stream, revision, parts, complete) VALUES (?1, ?2, ?3, 0) RETURNING id";
    let parts = i64::try_from(image.parts.len()).ok().filter(|parts| *parts < 1 << PART_BITS);
    let parts = parts.ok_or_else(|| Error::new(ErrorKind::LimitExceeded, "an image has too many parts"))?;
    let change = begin(connection)?;
    let Some(stream) = find(&change, name)?.filter(|it| image.revision.0 <= it.head) else {
        return Err(Error::invalid("an image cannot be behind the head").with("stream", name));
    };
    change.execute_batch(LAYOUT).map_err(storage)?;
    if newest(&change, stream.id)?.is_some_and(|kept| kept > image.revision.0) {
        return Err(Error::new(ErrorKind::Conflict, "a newer image is kept").with("stream", name));
    }
    // What somebody began and did not end: whoever is still at it hears of a conflict.
    change.execute("DELETE FROM image WHERE stream = ?1 AND complete = 0", [stream.id]).map_err(storage)?;
    sweep(&change)?;
    let values = params![stream.id, signed(image.revision.0), parts];
    let id = change.query_row(INSERT, values, |row| row.get(0)).map_err(storage)?;
    commit(change)?;
    Ok(id)
}

/// Adds a part. Nobody waits for the disk to have it: [`finish`] does for all of them, and whoever finds an image that was
/// not finished does not read it.
pub(crate) fn put(connection: &mut Connection, id: i64, place: usize, part: &[u8]) -> Result<()> {
    let added = schema::wait_little(connection).and_then(|()| add(connection, id, place, part));
    // Also where that went wrong: events are appended on the same connection.
    schema::wait_for_disk(connection).and(added)
}

fn add(connection: &mut Connection, id: i64, place: usize, part: &[u8]) -> Result<()> {
    const INSERT: &str = "INSERT INTO image_part (number, payload)
        SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM image WHERE id = ?3)";
    let number = first_part(id) + i64::try_from(place).unwrap_or(i64::MAX);
    let change = begin(connection)?;
    if change.execute(INSERT, params![number, part, id]).map_err(storage)? == 0 {
        return Err(overtaken());
    }
    commit(change)
}

/// Makes an image the one that is kept, and drops every other one of its stream.
pub(crate) fn finish(connection: &mut Connection, id: i64) -> Result<()> {
    const DROP: &str =
        "DELETE FROM image WHERE id <> ?1 AND stream = (SELECT stream FROM image WHERE id = ?1)";
    let change = begin(connection)?;
    if change.execute("UPDATE image SET complete = 1 WHERE id = ?1", [id]).map_err(storage)? == 0 {
        return Err(overtaken());
    }
    change.execute(DROP, [id]).map_err(storage)?;
    sweep(&change)?;
    commit(change)
}

/// Drops an image that came to nothing.
pub(crate) fn abandon(connection: &mut Connection, id: i64) -> Result<()> {
    let change = begin(connection)?;
    change.execute("DELETE FROM image WHERE id = ?1 AND complete = 0", [id]).map_err(storage)?;
    sweep(&change)?;
    commit(change)
}

/// Drops the parts of images that are not there any more.
fn sweep(change: &Connection) -> Result<()> {
    const SWEEP: &str = "DELETE FROM image_part WHERE number >> 20 NOT IN (SELECT id FROM image)";
    change.execute(SWEEP, []).map(drop).map_err(storage)
}

fn newest(change: &Connection, stream: i64) -> Result<Option<u64>> {
    const SELECT: &str = "SELECT max(revision) FROM image WHERE stream = ?1 AND complete = 1";
    let found: Option<i64> = change.query_row(SELECT, [stream], |row| row.get(0)).map_err(storage)?;
    Ok(found.map(unsigned))
}

fn overtaken() -> Error {
    Error::new(ErrorKind::Conflict, "another image is being kept")
}

pub(crate) fn read(connection: &mut Connection, name: &StreamName) -> Result<Option<Image>> {
    const TABLES: &str = "SELECT count(*) FROM sqlite_schema WHERE name IN ('image', 'image_part')";
    const SELECT: &str = "SELECT image.id, revision, parts FROM image JOIN stream ON stream.id = image.stream
        WHERE name = ?1 AND complete = 1 ORDER BY image.id DESC LIMIT 1";
    const PARTS: &str = "SELECT payload FROM image_part WHERE number >= ?1 AND number < ?2 ORDER BY number";
    // One transaction: no other image takes its place in between.
    let view = connection.transaction().map_err(storage)?;
    if view.query_row(TABLES, [], |row| row.get::<_, i64>(0)).map_err(storage)? < 2 {
        return Ok(None);
    }
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: Option<(i64, i64, i64)> =
        view.query_row(SELECT, [name.as_str()], read).optional().map_err(storage)?;
    let Some((id, revision, parts)) = found else { return Ok(None) };
    let mut statement = view.prepare_cached(PARTS).map_err(storage)?;
    let payload = |row: &rusqlite::Row<'_>| Ok(Arc::from(row.get_ref(0)?.as_blob()?));
    let rows = statement.query_map([first_part(id), first_part(id + 1)], payload).map_err(storage)?;
    let found: Vec<Arc<[u8]>> = rows.collect::<rusqlite::Result<_>>().map_err(storage)?;
    let is_whole = i64::try_from(found.len()) == Ok(parts);
    Ok(is_whole.then(|| Image { revision: Revision(unsigned(revision)), parts: found }))
}

fn first_part(id: i64) -> i64 {
    id << PART_BITS
}

#[cfg(test)]
mod tests {
    use idp_plugin_sdk::{Expected, NewEvent, Timestamp};

    use super::*;
    use crate::{SqliteConfig, store};

    fn parts(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM image_part", [], |row| row.get(0)).unwrap()
    }

    /// A log in which there is a stream with an event, and an image of it that is not kept yet.
    fn begun(folder: &tempfile::TempDir) -> (Connection, StreamName, Image) {
        let mut file = schema::open(&SqliteConfig::new(folder.path().join("log.db"))).unwrap();
        let name = StreamName::new("one").unwrap();
        let event = NewEvent::encode(Timestamp::from_millis(0), "k", &"x").unwrap();
        store::append(&mut file, &name, Expected::Any, std::iter::once(Ok(vec![event]))).unwrap();
        (file, name, Image { revision: Revision(1), parts: vec![[1; 9].into(), [2; 9].into()] })
    }

    #[test]
    fn events_wait_for_the_disk_whatever_became_of_a_part_before_them() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, name, image) = begun(&folder);
        let id = start(&mut file, &name, &image).unwrap();
        for (id, is_there) in [(id, true), (id + 1, false)] {
            assert_eq!(put(&mut file, id, 0, &image.parts[0]).is_ok(), is_there);
            let synchronous: i64 = file.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
            assert_eq!(synchronous, 2, "not FULL");
        }
    }

    #[test]
    fn parts_of_who_was_overtaken_stayed_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, name, image) = begun(&folder);
        let slow = start(&mut file, &name, &image).unwrap();
        put(&mut file, slow, 0, &image.parts[0]).unwrap();
        let fast = start(&mut file, &name, &image).unwrap();
        assert_eq!(put(&mut file, slow, 1, &image.parts[1]).unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(finish(&mut file, slow).unwrap_err().kind(), ErrorKind::Conflict);
        abandon(&mut file, slow).unwrap();
        for (place, part) in image.parts.iter().enumerate() {
            put(&mut file, fast, place, part).unwrap();
        }
        finish(&mut file, fast).unwrap();
        abandon(&mut file, fast).unwrap();
        assert_eq!(read(&mut file, &name).unwrap(), Some(image.clone()));
        assert_eq!(parts(&file), 2);
        let failed = start(&mut file, &name, &image).unwrap();
        put(&mut file, failed, 0, &image.parts[0]).unwrap();
        abandon(&mut file, failed).unwrap();
        assert_eq!((read(&mut file, &name).unwrap(), parts(&file)), (Some(image), 2));
    }
}

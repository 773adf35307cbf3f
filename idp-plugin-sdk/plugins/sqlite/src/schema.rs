//! The file: how it is opened, recognised and laid out.

use std::time::Duration;

use idp_plugin_sdk::{Error, ErrorKind, Result, Url};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::SqliteConfig;
use crate::error::storage;

/// `idpl` in ASCII: what SQLite keeps in the file's header to tell whose it is.
const APPLICATION: i32 = 0x6964_706c;
/// The layout below. A newer one is refused, an older one brought up to date in [`migrate`].
const VERSION: i32 = 2;

/// Events have numbers of their own: the stream's above so many bits, and the revision.
///
/// SQLite keeps such a table in the order of the numbers, rows of some kilobytes whole on their pages, and appends to its
/// end without looking for the place. Under a key of two columns every event of more than a kilobyte had a page to itself.
pub(crate) const REVISION_BITS: u32 = 40;

const LAYOUT: &str = "
    CREATE TABLE stream (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        head INTEGER NOT NULL,
        compacted INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE checkpoint (
        stream INTEGER PRIMARY KEY REFERENCES stream (id),
        revision INTEGER NOT NULL,
        payload TEXT NOT NULL
    ) STRICT;
";

const EVENTS: &str = "
    CREATE TABLE event (
        number INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL
    ) STRICT;
";

/// Moves the events of version 1 over.
const FROM_1: &str = "
    INSERT INTO event SELECT (stream << 40) | revision, time, kind, payload FROM event_1 ORDER BY stream, revision;
    DROP TABLE event_1;
";

/// Kilobytes of pages that are kept in memory: enough for what one append changes again and again.
const CACHE: i32 = 8 << 10;

/// Opens the file, or makes it.
pub(crate) fn open(config: &SqliteConfig) -> Result<Connection> {
    try_open(config).map_err(|error| error.with("file", config.path.display()))
}

fn try_open(config: &SqliteConfig) -> Result<Connection> {
    if config.read_only { open_to_read(config) } else { open_to_write(config) }
}

/// SQLite reads a write-ahead log through two files beside the database, and makes them where they are absent. Where
/// nobody has the log open there are none, and the file can be taken as one that does not change.
fn open_to_read(config: &SqliteConfig) -> Result<Connection> {
    let path = std::path::absolute(&config.path)
        .map_err(|error| Error::invalid("the path is not usable").because(error))?;
    if !path.is_file() {
        return Err(Error::new(ErrorKind::NotFound, "there is no log to read"));
    }
    let mut beside = path.clone().into_os_string();
    beside.push("-wal");
    let mut uri = Url::from_file_path(&path).map_err(|()| Error::invalid("the path is not usable"))?;
    if !std::path::Path::new(&beside).exists() {
        uri.set_query(Some("immutable=1"));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(uri.as_str(), flags).map_err(storage)?;
    connection.busy_timeout(Duration::from_millis(config.busy_timeout_millis)).map_err(storage)?;
    match recognise(&connection)? {
        Some(VERSION) => Ok(connection),
        Some(older) => {
            let message = "an older version of this program made the log; it is brought up to date when it is opened for writing";
            Err(Error::new(ErrorKind::Unsupported, message).with("found", older).with("needed", VERSION))
        }
        None => Err(Error::invalid("the file is no log")),
    }
}

fn open_to_write(config: &SqliteConfig) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let mut connection = Connection::open_with_flags(&config.path, flags).map_err(storage)?;
    connection.busy_timeout(Duration::from_millis(config.busy_timeout_millis)).map_err(storage)?;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
    migrate(&change)?;
    change.commit().map_err(storage)?;
    make_durable(&connection)?;
    Ok(connection)
}

/// Lays out a new file, and brings an older one up to date. Within one transaction, so that of two processes that do so
/// only one does.
fn migrate(change: &Transaction<'_>) -> Result<()> {
    match recognise(change)? {
        Some(VERSION) => Ok(()),
        Some(_) => {
            change.execute_batch("ALTER TABLE event RENAME TO event_1").map_err(storage)?;
            change.execute_batch(EVENTS).and_then(|()| change.execute_batch(FROM_1)).map_err(storage)?;
            change.pragma_update(None, "user_version", VERSION).map_err(storage)
        }
        None => lay_out(change),
    }
}

/// The version of the file's layout; `None` for an empty one.
fn recognise(connection: &Connection) -> Result<Option<i32>> {
    let (application, version) = (pragma(connection, "application_id")?, pragma(connection, "user_version")?);
    match (application, version) {
        (APPLICATION, known @ 1..=VERSION) => Ok(Some(known)),
        (APPLICATION, newer) => {
            Err(Error::new(ErrorKind::Unsupported, "a newer version of this program made the log")
                .with("found", newer)
                .with("supported", VERSION))
        }
        (0, 0) if is_empty(connection)? => Ok(None),
        _ => Err(Error::invalid("the file belongs to another program")),
    }
}

fn lay_out(change: &Transaction<'_>) -> Result<()> {
    change.execute_batch(LAYOUT).and_then(|()| change.execute_batch(EVENTS)).map_err(storage)?;
    change.pragma_update(None, "application_id", APPLICATION).map_err(storage)?;
    change.pragma_update(None, "user_version", VERSION).map_err(storage)
}

/// After the file was recognised: the mode is written into it, and another program's file stays as it is.
fn make_durable(connection: &Connection) -> Result<()> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(storage)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the file is on a disk where SQLite cannot use a write-ahead log",
        ));
    }
    // Below zero it counts kilobytes, above it pages.
    connection.pragma_update(None, "cache_size", -CACHE).map_err(storage)?;
    wait_for_disk(connection)
}

/// Pages of the write-ahead log that are copied into the file at once: with every commit that leaves so many there.
const COPIED: i32 = 1000;
/// As many, while much is written that is not waited for: the disk is waited for whenever they are copied.
const COPIED_OF_MANY: i32 = 16 << 10;

/// Has commits wait for the disk.
pub(crate) fn wait_for_disk(connection: &Connection) -> Result<()> {
    set_waiting(connection, "FULL", COPIED)
}

/// Has commits wait for the disk only now and then: a crash may take the last ones back.
pub(crate) fn wait_little(connection: &Connection) -> Result<()> {
    set_waiting(connection, "NORMAL", COPIED_OF_MANY)
}

fn set_waiting(connection: &Connection, synchronous: &str, copied: i32) -> Result<()> {
    connection.pragma_update(None, "synchronous", synchronous).map_err(storage)?;
    connection.pragma_update(None, "wal_autocheckpoint", copied).map_err(storage)
}

fn pragma(connection: &Connection, name: &str) -> Result<i32> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(storage)
}

fn is_empty(connection: &Connection) -> Result<bool> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(storage)?;
    Ok(tables == 0)
}

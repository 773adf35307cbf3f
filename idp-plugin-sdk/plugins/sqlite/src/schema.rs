//! The file: how it is opened, recognised and laid out.

use std::time::Duration;

use idp_plugin_sdk::{Error, ErrorKind, Result, Url};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::SqliteConfig;
use crate::error::storage;

/// `idpl` in ASCII: what SQLite keeps in the file's header to tell whose it is.
const APPLICATION: i32 = 0x6964_706c;
/// The layout below. A newer one is refused, an older one brought up to date in [`migrate`].
const VERSION: i32 = 1;

const LAYOUT: &str = "
    CREATE TABLE stream (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        head INTEGER NOT NULL,
        compacted INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE event (
        stream INTEGER NOT NULL REFERENCES stream (id),
        revision INTEGER NOT NULL,
        time INTEGER NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (stream, revision)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE checkpoint (
        stream INTEGER PRIMARY KEY REFERENCES stream (id),
        revision INTEGER NOT NULL,
        payload TEXT NOT NULL
    ) STRICT;
";

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
    if recognise(&connection)? { Ok(connection) } else { Err(Error::invalid("the file is no log")) }
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

/// Lays out a new file. Within one transaction, so that of two processes that make the file only one does.
fn migrate(change: &Transaction<'_>) -> Result<()> {
    if recognise(change)? { Ok(()) } else { lay_out(change) }
}

/// Whether the file is laid out already; false for an empty one.
fn recognise(connection: &Connection) -> Result<bool> {
    let (application, version) = (pragma(connection, "application_id")?, pragma(connection, "user_version")?);
    match (application, version) {
        (APPLICATION, VERSION) => Ok(true),
        (APPLICATION, newer) => {
            Err(Error::new(ErrorKind::Unsupported, "a newer version of this program made the log")
                .with("found", newer)
                .with("supported", VERSION))
        }
        (0, 0) if is_empty(connection)? => Ok(false),
        _ => Err(Error::invalid("the file belongs to another program")),
    }
}

fn lay_out(change: &Transaction<'_>) -> Result<()> {
    change.execute_batch(LAYOUT).map_err(storage)?;
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
    connection.pragma_update(None, "synchronous", "FULL").map_err(storage)
}

fn pragma(connection: &Connection, name: &str) -> Result<i32> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(storage)
}

fn is_empty(connection: &Connection) -> Result<bool> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(storage)?;
    Ok(tables == 0)
}

//! What is particular to a log in a file: other handles, other processes, crashes, other programs' files.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use idp_plugin_sdk::{
    DeferredPayloads, ErrorKind, EventBatches, Expected, Image, Log, NewEvent, Payload, Result, Revision,
    StreamName, Timestamp,
};
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};

const FILE: &str = "IDP_SQLITE_TEST_FILE";

fn open(path: &Path) -> SqliteLog {
    SqliteLog::open(SqliteConfig::new(path)).unwrap()
}

fn event(text: &str) -> NewEvent {
    NewEvent::encode(Timestamp::from_millis(7), "said", &text).unwrap()
}

fn stream() -> StreamName {
    StreamName::new("run/1").unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap().block_on(future)
}

/// This test program again, as another process that does what `test` does where `FILE` is set.
fn spawn(test: &str, file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn child_file() -> Option<PathBuf> {
    std::env::var_os(FILE).map(PathBuf::from)
}

#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(file) = child_file() else { return };
    run(async {
        let log = open(&file);
        loop {
            let head = log.append(&stream(), Expected::Any, vec![event("x"), event("y")]).await.unwrap();
            let mut out = std::io::stdout().lock();
            writeln!(out, "ack {head}").unwrap();
            out.flush().unwrap();
        }
    });
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged() {
    if child_file().is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.db");
    for acknowledgements in [1, 7, 30] {
        let mut child = spawn("child_that_writes_until_it_is_killed", &file);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let acks = lines.filter_map(|line| Some(line.split_once("ack ")?.1.trim().parse::<u64>().unwrap()));
        let last = acks.take(acknowledgements).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let events = run(async { open(&file).read(&stream(), Revision::START, usize::MAX).await.unwrap() });
        assert!(events.len() as u64 >= last, "{} < {last}", events.len());
        assert_eq!(events.len() % 2, 0, "half an append");
        assert!(events.iter().zip(1..).all(|(event, revision)| event.revision == Revision(revision)));
    }
}

#[test]
fn child_that_competes() {
    let Some(file) = child_file() else { return };
    println!("won {}", run(compete(&open(&file))));
}

/// Appends at the head until there are a hundred events, and counts how often it was first.
async fn compete(log: &SqliteLog) -> u64 {
    let mut won = 0;
    loop {
        let head = log.head(&stream()).await.unwrap();
        if head >= Revision(100) {
            return won;
        }
        match log.append(&stream(), Expected::Exactly(head), vec![event("mine")]).await {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}"),
        }
    }
}

#[test]
fn processes_that_compete_each_win_their_own() {
    if child_file().is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.db");
    let children = [spawn("child_that_competes", &file), spawn("child_that_competes", &file)];
    let mut won = run(compete(&open(&file)));
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.lines().find_map(|line| line.split_once("won ")).unwrap();
        won += line.1.trim().parse::<u64>().unwrap();
    }
    assert_eq!(won, 100);
}

#[test]
fn another_handle_hears_of_an_append() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.db");
    let (one, two) = (open(&file), open(&file));
    run(async {
        let name = stream();
        let waiting = tokio::time::timeout(Duration::from_secs(5), one.changed(&name, Revision::START));
        let (heard, _) = tokio::join!(waiting, async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            two.append(&name, Expected::Any, vec![event("x")]).await.unwrap()
        });
        assert_eq!(heard.unwrap().unwrap(), Revision(1));
    });
}

/// Payloads that nobody can make.
struct Panicking;

impl DeferredPayloads for Panicking {
    fn text(&self, index: usize) -> Result<String> {
        panic!("payload {index} cannot be made")
    }
}

#[test]
fn events_that_panic_append_nothing_and_leave_the_log_usable() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let log = open(&folder.path().join("log.db"));
    let made = || [event("1")].into_iter().map(|event| Ok(vec![event]));
    let batches = made().chain(std::iter::from_fn(|| panic!("this one cannot be made")));
    let deferred = NewEvent { payload: Payload::deferred(Arc::new(Panicking), 2), ..event("2") };
    let payloads = made().chain([Ok(vec![deferred])]);
    for events in [Box::new(batches) as EventBatches, Box::new(payloads)] {
        let failed = run(log.append_batches(&stream(), Expected::Any, events));
        assert!(failed.is_err_and(|error| error.kind() == ErrorKind::Internal));
    }
    assert_eq!(run(log.append(&stream(), Expected::Any, vec![event("2")])).expect("it appends"), Revision(1));
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str| SqliteLog::open(SqliteConfig::new(folder.path().join(name))).unwrap_err();

    std::fs::write(
        folder.path().join("text"),
        "no database at all, and longer than a header of SQLite is. ".repeat(20),
    )
    .unwrap();
    assert_eq!(refused("text").kind(), ErrorKind::InvalidInput);

    let other = rusqlite::Connection::open(folder.path().join("other")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    assert_eq!(refused("other").message(), "the file belongs to another program");
    let mode: String = other.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");

    drop(open(&folder.path().join("newer")));
    let newer = rusqlite::Connection::open(folder.path().join("newer")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(refused("newer").kind(), ErrorKind::Unsupported);

    assert_eq!(refused("no/such/folder").kind(), ErrorKind::NotFound);
}

#[test]
fn a_log_that_is_read_only_writes_nothing_and_sees_what_a_writer_appends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log#1.db");
    let reading = || SqliteLog::open(SqliteConfig::new(&file).read_only());
    assert_eq!(reading().unwrap_err().kind(), ErrorKind::NotFound);

    let stream = stream();

    let writer = SqliteLog::open(SqliteConfig::new(&file)).unwrap();
    run(writer.append(&stream, Expected::Any, vec![event("x")])).unwrap();
    let beside_a_writer = reading().unwrap();
    assert_eq!(run(beside_a_writer.head(&stream)).unwrap(), Revision(1));
    run(writer.append(&stream, Expected::Any, vec![event("x")])).unwrap();
    assert_eq!(run(beside_a_writer.head(&stream)).unwrap(), Revision(2));
    drop((beside_a_writer, writer));

    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    let before = (names(), std::fs::read(&file).unwrap());
    let alone = reading().unwrap();
    assert_eq!(run(alone.read(&stream, Revision::START, 9)).unwrap().len(), 2);
    assert!(run(alone.append(&stream, Expected::Any, vec![event("x")])).is_err());
    assert_eq!((names(), std::fs::read(&file).unwrap()), before);
}

/// The first layout, with the events of two streams of which one was compacted.
const VERSION_1: &str = "
    CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, head INTEGER NOT NULL,
        compacted INTEGER NOT NULL) STRICT;
    CREATE TABLE event (stream INTEGER NOT NULL REFERENCES stream (id), revision INTEGER NOT NULL,
        time INTEGER NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (stream, revision)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE checkpoint (stream INTEGER PRIMARY KEY REFERENCES stream (id), revision INTEGER NOT NULL,
        payload TEXT NOT NULL) STRICT;
    INSERT INTO stream VALUES (1, 'one', 3, 1), (2, 'two', 1, 0);
    INSERT INTO event VALUES (1, 2, 20, 'k', '\"b\"'), (1, 3, 30, 'k', '\"c\"'), (2, 1, 10, 'k', '\"x\"');
    INSERT INTO checkpoint VALUES (1, 1, '\"a\"');
    PRAGMA application_id = 1768190060;
    PRAGMA user_version = 1;
";

#[test]
fn a_file_of_the_first_layout_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch(VERSION_1).unwrap();
    let refused = SqliteLog::open(SqliteConfig::new(&file).read_only()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let log = open(&file);
    let told = |name: &str, after| -> Vec<(u64, i64, String)> {
        let events = run(log.read(&StreamName::new(name).unwrap(), Revision(after), 9)).unwrap();
        events
            .iter()
            .map(|it| (it.revision.0, it.time.as_millis(), it.payload.text().unwrap().into_owned()))
            .collect()
    };
    assert_eq!(told("one", 1), [(2, 20, "\"b\"".to_owned()), (3, 30, "\"c\"".to_owned())]);
    assert_eq!(told("two", 0), [(1, 10, "\"x\"".to_owned())]);
    assert!(told("two", u64::MAX >> 1).is_empty());
    let one = StreamName::new("one").unwrap();
    assert_eq!(run(log.read(&one, Revision(0), 9)).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(run(log.checkpoint(&one)).unwrap().unwrap().revision, Revision(1));
    assert_eq!(run(log.append(&one, Expected::Exactly(Revision(3)), vec![event("d")])).unwrap(), Revision(4));
    drop(log);
    assert!(SqliteLog::open(SqliteConfig::new(&file).read_only()).is_ok());
}

#[test]
fn an_image_that_was_not_ended_or_lost_a_part_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.db");
    let (log, one) = (open(&file), StreamName::new("one").unwrap());
    run(log.append(&one, Expected::Any, vec![event("a")])).unwrap();
    assert_eq!(run(log.image(&one)).unwrap(), None);
    let image = Image { revision: Revision(1), parts: vec![[1_u8; 9].into(), [2_u8; 9].into()] };
    run(log.keep_image(&one, image.clone())).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    // As a process leaves it that ended after the first part.
    other
        .execute_batch(
            "INSERT INTO image (stream, revision, parts, complete) VALUES (1, 1, 2, 0);
            INSERT INTO image_part SELECT (max(id) << 20), x'03' FROM image;",
        )
        .unwrap();
    assert_eq!(run(log.image(&one)).unwrap().as_ref(), Some(&image));
    let next = Image { revision: Revision(1), parts: vec![[4_u8; 9].into()] };
    run(log.keep_image(&one, next.clone())).unwrap();
    assert_eq!(run(log.image(&one)).unwrap(), Some(next));
    let left: i64 = other.query_row("SELECT count(*) FROM image_part", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1, "what nobody asks for is gone");
    other.execute_batch("DELETE FROM image_part").unwrap();
    assert_eq!(run(log.image(&one)).unwrap(), None);
    assert!(run(log.read(&one, Revision(0), 9)).is_ok_and(|events| events.len() == 1));
}

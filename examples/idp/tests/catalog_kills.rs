//! `kill -9` at any moment of an ingestion: the catalog has every mutation that was acknowledged, and each one whole.
//!
//! `IDP_KILLS` says how often; the moments are spread over the time that an undisturbed child takes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the child acknowledges on its standard output")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use idp_catalog::{Catalog, CatalogOptions, Retention, Snapshot};
use idp_core::{
    Cursor, Document, FixedClock, Log, MemoryLog, Page, Result, Revision, Source, SourceContext, SourceInfo,
    Timestamp,
};
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};
use serde_json::json;

/// Mutations a child makes when nobody kills it.
const MUTATIONS: u64 = 40;
const FILE: &str = "IDP_TEST_CATALOG";

/// What one of three sources says the nth time it is asked: entities come, change and go.
#[derive(Debug)]
struct Saying(u64);

#[async_trait]
impl Source for Saying {
    fn info(&self) -> SourceInfo {
        SourceInfo::new(["one", "two", "three"][(self.0 % 3) as usize], "says something else every time")
    }

    async fn page(&self, _: &SourceContext, _: Option<&Cursor>) -> Result<Page> {
        let documents = (0..12).filter(|name| !(name * 7 + self.0).is_multiple_of(5)).map(|name| {
            let body = json!({
                "apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": {"name": format!("r{name}")},
                "spec": {"type": format!("t{}", self.0 * name % 11), "owner": "team"},
            });
            Document::entity(format!("f{name}"), body)
        });
        Ok(Page::complete(documents.collect()))
    }
}

async fn open(log: Arc<dyn Log>) -> Catalog {
    let mut options = CatalogOptions::default();
    options.clock = Arc::new(FixedClock::new(Timestamp::from_millis(0)));
    Catalog::open_with(log, options).await.unwrap()
}

fn on_disk(file: &Path) -> Arc<dyn Log> {
    Arc::new(SqliteLog::open(SqliteConfig::new(file)).unwrap())
}

async fn mutate(catalog: &Catalog, number: u64) -> Revision {
    let report = catalog.ingest(&Saying(number)).await.unwrap();
    if number % 16 == 15 {
        catalog.compact(&Retention::nothing().revisions(5)).await.unwrap();
    }
    report.revision
}

fn dump(snapshot: &Snapshot) -> String {
    format!("{:?} {:?}", snapshot.iter().collect::<Vec<_>>(), snapshot.conflicts().collect::<Vec<_>>())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The process that is killed: makes mutations, and says so after each.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn child() {
    let file = std::env::var_os(FILE).unwrap();
    block_on(async {
        let catalog = open(on_disk(file.as_ref())).await;
        for number in 0..MUTATIONS {
            let revision = mutate(&catalog, number).await;
            println!("acknowledged {revision}");
            std::io::stdout().flush().unwrap();
        }
    });
}

/// Runs a child, for a while if it is to be killed; answers what it acknowledged last, and whether it came to its end.
fn run(file: &Path, killed_after: Option<Duration>) -> (Revision, bool) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    if let Some(moment) = killed_after {
        std::thread::sleep(moment);
        child.kill().unwrap();
    }
    let mut acknowledged = Revision::START;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        // A line that was cut short was not received.
        let line = line.unwrap();
        if let Some(revision) = line.split_once("acknowledged ").and_then(|(_, it)| it.parse().ok()) {
            acknowledged = Revision(revision);
        }
    }
    (acknowledged, child.wait().unwrap().success())
}

#[test]
fn a_killed_catalog_has_what_it_acknowledged_and_nothing_else() {
    let kills: u32 = std::env::var("IDP_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(8);
    let expected: BTreeMap<Revision, String> = block_on(async {
        let catalog = open(Arc::new(MemoryLog::new())).await;
        let mut cuts = BTreeMap::from([(Revision::START, dump(&catalog.snapshot()))]);
        for number in 0..MUTATIONS {
            let revision = mutate(&catalog, number).await;
            cuts.insert(revision, dump(&catalog.snapshot()));
        }
        cuts
    });
    let last = *expected.keys().next_back().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let undisturbed = folder.path().join("undisturbed.db");
    assert_eq!(run(&undisturbed, None), (last, true));
    let took = begun.elapsed();
    let mut interrupted = 0;
    for round in 0..kills {
        let file = folder.path().join(format!("{round}.db"));
        // The golden ratio spreads the moments evenly, however many there are.
        let moment = took.mul_f64((f64::from(round) * 0.618_033_988_75).fract());
        let (acknowledged, ended) = run(&file, Some(moment));
        interrupted += u32::from(!ended && acknowledged > Revision::START);
        let catalog = block_on(open(on_disk(&file)));
        let snapshot = catalog.snapshot();
        assert!(snapshot.revision() >= acknowledged, "round {round} lost what it acknowledged");
        assert_eq!(
            expected.get(&snapshot.revision()),
            Some(&dump(&snapshot)),
            "round {round}: half a mutation"
        );
    }
    println!("{interrupted} of {kills} kills hit a catalog between its first and its last mutation");
    assert!(interrupted > 0 || kills == 0);
}

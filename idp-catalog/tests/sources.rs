//! Stories of sources: what stands where, what is ingested, and what the catalog says then.
//!
//! A `.story` is a list of parts that start with `== <word> …`:
//!
//! * `options` (YAML) says how locations are followed: `hosts`, `rules`, `types`, `releaseGone`, `depth`, `follow`.
//! * `file PATH` and `remove PATH` change the folder `files`, which is the source `files`.
//! * `other PATH` changes the folder of a second source, `other`.
//! * `web URL` and `unweb URL` change what stands behind a URL.
//! * `down` and `up` make every server fail, and answer again.
//! * `ingest [SOURCE]` ingests, and tells what came of it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use idp_catalog::{
    Catalog, DirectorySource, FolderFetcher, FollowLimits, Following, IngestOptions, IngestReport, Rules,
};
use idp_core::{
    Completeness, Error, ErrorKind, FetchRequest, Fetched, Fetcher, Hosts, MemoryLog, ProviderContext, Result,
};
use idp_plugin_sdk::async_trait;
use serde::Deserialize;
use url::Url;

/// The web: a folder for each host, read through real mirrors.
#[derive(Debug, Default)]
struct Web {
    folder: PathBuf,
    down: AtomicBool,
    asked: AtomicUsize,
    unchanged: AtomicUsize,
}

#[derive(Debug, Clone)]
struct WebFetcher(Arc<Web>);

impl Web {
    fn path(&self, url: &str) -> PathBuf {
        self.folder.join(url.trim_start_matches("https://"))
    }
}

#[async_trait]
impl Fetcher for WebFetcher {
    fn name(&self) -> &str {
        "web"
    }

    fn handles(&self, url: &Url) -> bool {
        url.scheme() == "https"
    }

    async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        if self.0.down.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Unavailable, "the server is down"));
        }
        let host = request.url.host_str().unwrap();
        let base = Url::parse(&format!("https://{host}/")).unwrap();
        let folder = self.0.folder.join(host);
        fs::create_dir_all(&folder).unwrap();
        let answer = FolderFetcher::mirror(base, folder)?.fetch(cx, request).await?;
        if answer == Fetched::Unchanged {
            self.0.unchanged.fetch_add(1, Ordering::SeqCst);
        }
        Ok(answer)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    hosts: Hosts,
    rules: Rules,
    types: Option<Vec<String>>,
    release_gone: bool,
    depth: usize,
    follow: bool,
}

impl Default for Options {
    fn default() -> Self {
        let hosts = Hosts::any();
        Self { hosts, rules: Rules::any(), types: None, release_gone: false, depth: 10, follow: true }
    }
}

struct Story {
    folder: tempfile::TempDir,
    web: Arc<Web>,
    catalog: Catalog,
    options: IngestOptions,
    told: String,
}

impl Story {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["files", "other", "web"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let web = Arc::new(Web { folder: folder.path().join("web"), ..Web::default() });
        let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
        let mut story = Self { folder, web, catalog, options: IngestOptions::default(), told: String::new() };
        story.set(Options::default());
        story
    }

    fn set(&mut self, options: Options) {
        let mut limits = FollowLimits::default();
        limits.depth = options.depth;
        let fetcher: Arc<dyn Fetcher> = Arc::new(WebFetcher(Arc::clone(&self.web)));
        let mut following = Following::new([fetcher])
            .hosts(options.hosts)
            .rules(options.rules)
            .limits(limits)
            .locations(options.follow)
            .release_gone(options.release_gone);
        if let Some(types) = options.types {
            following = following.types(types);
        }
        self.options = IngestOptions::default().confirm_removals(true).following(Arc::new(following));
    }

    async fn part(&mut self, head: &str, body: &str) {
        let (word, argument) = head.split_once(' ').unwrap_or((head, ""));
        let files = self.folder.path().join("files");
        match word {
            "options" => self.set(serde_yaml::from_str(body).unwrap()),
            "file" => write(&files.join(argument), body),
            "remove" => fs::remove_file(files.join(argument)).unwrap(),
            "other" => write(&self.folder.path().join("other").join(argument), body),
            "unother" => fs::remove_file(self.folder.path().join("other").join(argument)).unwrap(),
            "web" => write(&self.web.path(argument), body),
            "unweb" => fs::remove_file(self.web.path(argument)).unwrap(),
            "down" => self.web.down.store(true, Ordering::SeqCst),
            "up" => self.web.down.store(false, Ordering::SeqCst),
            "ingest" => self.ingest(if argument.is_empty() { "files" } else { argument }).await,
            other => panic!("no part is called `{other}`"),
        }
    }

    async fn ingest(&mut self, name: &str) {
        self.web.asked.store(0, Ordering::SeqCst);
        self.web.unchanged.store(0, Ordering::SeqCst);
        // Followed documents are in the same folder: only the files named `*.root.yaml`, or all, are the source's own.
        let source = DirectorySource::new(name, self.folder.path().join(name)).unwrap();
        let roots = source.clone().matching(&["**/*.root.yaml"]).unwrap();
        let has_roots = glob_any(&self.folder.path().join(name));
        let source = if has_roots { roots } else { source };
        let report = self.catalog.ingest_with(&source, &self.options).await.unwrap();
        self.tell(name, &report);
    }

    fn tell(&mut self, name: &str, report: &IngestReport) {
        let counts = report.counts;
        let completeness = match report.completeness {
            Completeness::Complete => "complete",
            Completeness::Partial => "partial",
        };
        let mut told = format!(
            "== {name}: {completeness}, {} added, {} updated, {} removed, {} unchanged",
            counts.added, counts.updated, counts.removed, counts.unchanged
        );
        let (asked, unchanged) =
            (self.web.asked.load(Ordering::SeqCst), self.web.unchanged.load(Ordering::SeqCst));
        if asked > 0 {
            write!(told, "; asked {asked} times, {unchanged} unchanged").unwrap();
        }
        told.push('\n');
        for problem in &report.problems {
            writeln!(told, "problem {problem}").unwrap();
        }
        let snapshot = self.catalog.snapshot();
        for finding in snapshot.findings() {
            let subject = finding.entity_ref.as_ref().map_or("?".to_owned(), ToString::to_string);
            for it in &finding.diagnostics {
                let line =
                    it.line.map(|line| format!(":{line}:{}", it.column.unwrap_or(0))).unwrap_or_default();
                let place = format!("{}{line}", finding.claimant.location);
                writeln!(told, "finding {subject} {place}: {}[{}]: {}", it.severity, it.code, it.message)
                    .unwrap();
            }
        }
        for record in snapshot.iter() {
            let entity_ref = record.entity_ref();
            let state = serde_json::to_value(snapshot.explain(entity_ref).state).unwrap();
            writeln!(told, "{} {entity_ref} at {}", state.as_str().unwrap(), record.location()).unwrap();
            for pointer in ["/spec/definition", "/metadata/annotations"] {
                if let Some(value) = record.entity().as_value().pointer(pointer) {
                    writeln!(told, "  {pointer}: {value}").unwrap();
                }
            }
            for it in record.diagnostics() {
                writeln!(told, "  {}[{}]: {}", it.severity, it.code, it.message).unwrap();
            }
        }
        let root = self.folder.path().canonicalize().unwrap();
        self.told.push_str(&told.replace(&root.display().to_string(), "ROOT"));
    }
}

fn glob_any(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|it| it.unwrap().path().to_string_lossy().ends_with(".root.yaml"))
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn tell(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut story = Story::new().await;
        for part in format!("\n{text}").split("\n== ").skip(1) {
            let (head, body) = part.split_once('\n').unwrap_or((part, ""));
            story.part(head.trim(), &format!("{}\n", body.trim_end())).await;
        }
        story.told
    })
}

#[test]
fn stories_end_as_they_should() {
    common::each("sources", "story", |path| common::expect(path, &tell(path)));
}

//! What it costs to fill a catalog, to change it, to follow its changes, and to look back.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use idp_benches::{Audience, Edits, SOURCE, Synthetic, apply, empty_catalog, ingest, now};
use idp_catalog::{Catalog, LinesSource};
use idp_core::{
    Completeness, Cursor, Document, Page, Result as CoreResult, Source, SourceContext, SourceInfo,
};
use idp_plugin_sqlite::{SqliteConfig, SqliteLog};

use crate::measure::{Enough, allocated, percentile, timed};
use crate::part::{Part, Selection};
use crate::{floor, readers};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Live queries that hear of a change.
const AUDIENCE: usize = 1_000;
/// Edits of which the slow end is told.
pub(crate) const EDITS: Enough = Enough { count: 300, time: Duration::from_secs(10) };
/// Changes of which the middle is told.
const FEW: Enough = Enough { count: 11, time: Duration::from_secs(10) };

/// Measures the catalog: questions on the way.
pub(crate) fn measure(part: &mut Part, folder: &Path, selection: Selection<'_>) -> Result<()> {
    let company = part.company();
    let file = folder.join("company.ndjson");
    write_lines(company, &file)?;
    part.figure("source-bytes", file.metadata()?.len() as f64);
    let before = allocated();
    let catalog = Arc::new(empty_catalog());
    part.figure("load", fill(&catalog, &file, company)?);
    part.figure("bytes", allocated().saturating_sub(before) as f64);
    part.ask(&*catalog.snapshot(), selection);
    if selection.has_changes() {
        change(part, &catalog, company);
        drop(catalog);
        part.figure("load-yaml", fill_yaml(company));
        part.figure("read", floor::json(company));
        part.figure("read-yaml", floor::yaml(company));
        durable(part, company, folder, &file)?;
    }
    Ok(())
}

fn write_lines(company: Synthetic, file: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    company.ndjson().try_for_each(|line| file.write_all(line.as_bytes()))?;
    Ok(file.flush()?)
}

/// Seconds to take in a file of lines.
fn fill(catalog: &Catalog, file: &Path, company: Synthetic) -> Result<f64> {
    let source = LinesSource::new(SOURCE, file)?;
    let (count, time) = timed(|| ingest(catalog, &source));
    assert_eq!(count, company.size(), "every entity is taken in");
    Ok(time.as_secs_f64())
}

fn change(part: &mut Part, catalog: &Arc<Catalog>, company: Synthetic) {
    let mut edits = Edits::of(company);
    let revision = catalog.snapshot().revision();
    part.percentiles("upsert", &mut EDITS.of(|| edit(catalog, &mut edits, 1)));
    readers::measure(part, catalog, company, &mut edits);
    let many = 1_000.min(company.size() / 2);
    let mut changes = FEW.of(|| edit(catalog, &mut edits, many));
    part.figure("upserts-1000", percentile(&mut changes, 50));
    let mut audience = Audience::of(catalog, company, AUDIENCE);
    let hear = || {
        edit(catalog, &mut edits, 1);
        timed(|| audience.hear()).1.as_secs_f64()
    };
    part.figure("audience", percentile(&mut FEW.of(hear), 50));
    let past = || now(catalog.as_of(revision)).map(|it| it.len());
    part.figure("as-of", timed(past).1.as_secs_f64());
}

/// Seconds until an edit of so many is seen.
pub(crate) fn edit(catalog: &Catalog, edits: &mut Edits, count: usize) -> f64 {
    let delta = edits.delta(count);
    timed(|| apply(catalog, &delta)).1.as_secs_f64()
}

/// The same over a log that survives.
fn durable(part: &mut Part, company: Synthetic, folder: &Path, lines: &Path) -> Result<()> {
    let file = folder.join("company.db");
    let catalog = open(&file)?;
    part.figure("load-durable", fill(&catalog, lines, company)?);
    let mut edits = Edits::of(company);
    part.percentiles("upsert-durable", &mut EDITS.of(|| edit(&catalog, &mut edits, 1)));
    drop(catalog);
    part.figure("log-bytes", file.metadata()?.len() as f64);
    let before = allocated();
    let (catalog, time) = timed(|| open(&file));
    part.figure("reopen", time.as_secs_f64());
    part.figure("bytes-reopened", allocated().saturating_sub(before) as f64);
    assert_eq!(catalog?.snapshot().len(), company.size(), "everything is there again");
    Ok(())
}

fn open(file: &Path) -> Result<Catalog> {
    let log = SqliteLog::open(SqliteConfig::new(file))?;
    Ok(now(Catalog::open(Arc::new(log)))?)
}

/// Seconds to take in YAML files of one entity, without those in which the files are written.
fn fill_yaml(company: Synthetic) -> f64 {
    let files = Files { company, writing: AtomicU64::new(0) };
    let (count, time) = timed(|| ingest(&empty_catalog(), &files));
    assert_eq!(count, company.size(), "every entity is taken in");
    (time - Duration::from_nanos(files.writing.load(Ordering::Relaxed))).as_secs_f64()
}

/// The descriptor files of a company, a page at a time: never all of them in memory.
#[derive(Debug)]
struct Files {
    company: Synthetic,
    /// Nanoseconds spent on writing them.
    writing: AtomicU64,
}

const FILES_ON_A_PAGE: usize = 2_000;

#[async_trait]
impl Source for Files {
    fn info(&self) -> SourceInfo {
        SourceInfo::new(SOURCE, "descriptor files of a synthetic company")
    }

    async fn page(&self, _: &SourceContext, cursor: Option<&Cursor>) -> CoreResult<Page> {
        let start = cursor.and_then(|it| it.0.parse().ok()).unwrap_or(0);
        let end = self.company.size().min(start + FILES_ON_A_PAGE);
        let write =
            |number| Document::text(format!("{number}/catalog-info.yaml"), self.company.yaml_of(number));
        let (documents, time) = timed(|| (start..end).map(write).collect());
        self.writing.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let next = (end < self.company.size()).then(|| Cursor(end.to_string()));
        Ok(Page { documents, problems: Vec::new(), completeness: Completeness::Complete, next })
    }
}

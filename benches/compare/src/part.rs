//! What one engine is measured to do with a company of one size: a process of its own, so that nobody's memory and
//! caches are another's.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use clap::ValueEnum;
use idp_benches::{Edits, Engine, Plain, Question, Synthetic, questions};
use idp_core::Digest;
use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::measure::{allocated, median, percentile, timed};
use crate::{changes, postgres, search, sqlite};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Who {
    /// A snapshot of the catalog.
    Idp,
    /// A list that is looked through, and a map by reference.
    Plain,
    /// SQLite with a row for each key and value, as Backstage has it.
    SqliteRows,
    /// SQLite with JSON bodies and indexes on expressions.
    SqliteJson,
    /// PostgreSQL, laid out as Backstage does.
    Postgres,
    /// A tantivy index.
    Tantivy,
}

impl Who {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|it| it.get_name().to_owned()).unwrap_or_default()
    }

    /// Its name in tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Idp => "idp",
            Self::Plain => "list, `HashMap`",
            Self::SqliteRows => "SQLite, rows",
            Self::SqliteJson => "SQLite, JSON",
            Self::Postgres => "PostgreSQL",
            Self::Tantivy => "tantivy",
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) who: Who,
    pub(crate) size: usize,
    /// By the names of the questions.
    pub(crate) answers: BTreeMap<String, Answer>,
    /// By the names of what was measured besides, in seconds or bytes.
    pub(crate) figures: BTreeMap<String, f64>,
}

/// How long an answer took, and what it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) nanos: f64,
    /// The same for the same answer.
    pub(crate) digest: String,
}

/// Which questions are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'s>(pub(crate) &'s [String]);

impl Selection<'_> {
    /// The same on a command line.
    pub(crate) fn arguments(self) -> Vec<String> {
        self.0.iter().flat_map(|it| ["--questions".to_owned(), it.clone()]).collect()
    }

    /// Whether something of this name is wanted; all of it, where no name is given.
    pub(crate) fn has(self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|it| it == name)
    }

    /// Whether changes are wanted too.
    pub(crate) fn has_changes(self) -> bool {
        self.has("changes")
    }
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Edits that a database makes, each for good.
const EDITS: usize = 200;

impl Part {
    /// Measures.
    pub(crate) fn measure(who: Who, size: usize, selection: Selection<'_>) -> Result<Self> {
        let mut part = Self { who, size, answers: BTreeMap::new(), figures: BTreeMap::new() };
        let folder = tempfile::tempdir()?;
        part.run(folder.path(), selection)?;
        Ok(part)
    }

    /// The company it is about.
    pub(crate) fn company(&self) -> Synthetic {
        Synthetic::new(self.size)
    }

    fn run(&mut self, folder: &Path, selection: Selection<'_>) -> Result<()> {
        let company = self.company();
        match self.who {
            Who::Idp => changes::measure(self, folder, selection)?,
            Who::Plain => {
                let before = allocated();
                let plain = self.load(|| Plain::new(company));
                self.figure("bytes", allocated().saturating_sub(before) as f64);
                self.ask(&plain, selection);
            }
            Who::SqliteRows => self.sqlite(Layout::Rows, folder, selection)?,
            Who::SqliteJson => self.sqlite(Layout::Json, folder, selection)?,
            Who::Postgres => {
                let tables = self.load(|| postgres::load(company, folder))?;
                self.ask(&tables, selection);
            }
            Who::Tantivy => {
                let search = self.load(|| search::load(company, folder))?;
                self.ask(&search, selection);
            }
        }
        Ok(())
    }

    /// Notes how long it takes to load an engine.
    fn load<T>(&mut self, load: impl FnOnce() -> T) -> T {
        let (loaded, time) = timed(load);
        self.figure("load", time.as_secs_f64());
        loaded
    }

    fn sqlite(&mut self, layout: Layout, folder: &Path, selection: Selection<'_>) -> Result<()> {
        let company = self.company();
        let mut tables = self.load(|| sqlite::load(layout, company, folder))?;
        self.figure("bytes", tables.bytes() as f64);
        self.ask(&tables, selection);
        if selection.has_changes() {
            let mut edit = |entity| {
                let (done, time) = timed(|| tables.upsert(&entity));
                done.map(|()| time.as_secs_f64())
            };
            let times: rusqlite::Result<Vec<f64>> = Edits::of(company).take(EDITS).map(&mut edit).collect();
            self.percentiles("upsert-durable", &mut times?);
        }
        Ok(())
    }

    /// Asks an engine everything it has an answer to.
    pub(crate) fn ask(&mut self, engine: &dyn Engine, selection: Selection<'_>) {
        for question in questions(self.company()).into_iter().filter(|it| selection.has(it.name)) {
            if let Some(answer) = answer(engine, &question) {
                self.answers.insert(question.name.to_owned(), answer);
            }
        }
    }

    /// Notes a figure.
    pub(crate) fn figure(&mut self, name: &str, value: f64) {
        self.figures.insert(name.to_owned(), value);
    }

    /// Notes the middle and the slow end of samples.
    pub(crate) fn percentiles(&mut self, name: &str, samples: &mut [f64]) {
        self.figure(&format!("{name}-p50"), percentile(samples, 50));
        self.figure(&format!("{name}-p99"), percentile(samples, 99));
    }
}

fn answer(engine: &dyn Engine, question: &Question) -> Option<Answer> {
    let prepared = engine.prepare(&question.ask)?;
    let (found, first) = timed(|| prepared.ask());
    let digest = Digest::of_bytes(found.lines().join("\n").as_bytes()).short();
    Some(Answer { nanos: median(first, || prepared.ask()), digest })
}

#[cfg(test)]
mod tests {
    use idp_benches::full_catalog;

    use super::*;

    /// What stays silent has no way to answer, and the page says so.
    const SILENT: [(Who, &[&str]); 4] = [
        (Who::SqliteRows, &["text"]),
        (Who::SqliteJson, &["text"]),
        (Who::Postgres, &["text"]),
        (
            Who::Tantivy,
            &[
                "by-ref",
                "by-refs-100",
                "deep-page",
                "deep-page-alone",
                "range",
                "prefix",
                "substring",
                "substring-few",
                "neighbours",
                "closure-3",
                "impact",
                "owned-by",
            ],
        ),
    ];

    fn lines(engine: &dyn Engine, company: Synthetic) -> BTreeMap<&'static str, Vec<String>> {
        let questions = questions(company);
        let found = questions.iter().filter_map(|it| Some((it.name, engine.prepare(&it.ask)?.ask().lines())));
        found.collect()
    }

    #[test]
    fn every_engine_gives_the_same_answers() -> Result<()> {
        let company = Synthetic::new(1_000);
        let want = lines(&*full_catalog(company).snapshot(), company);
        for (who, silent) in SILENT {
            let folder = tempfile::tempdir()?;
            let engine: Box<dyn Engine> = match who {
                Who::SqliteRows => Box::new(sqlite::load(Layout::Rows, company, folder.path())?),
                Who::SqliteJson => Box::new(sqlite::load(Layout::Json, company, folder.path())?),
                Who::Tantivy => Box::new(search::load(company, folder.path())?),
                _ if postgres::is_present() => Box::new(postgres::load(company, folder.path())?),
                _ => {
                    println!("PostgreSQL is not there: it is left out");
                    continue;
                }
            };
            let found = lines(&*engine, company);
            for (name, lines) in &want {
                let expected = (!silent.contains(name)).then_some(lines);
                assert_eq!(found.get(name), expected, "{who:?}: {name}");
            }
        }
        Ok(())
    }

    #[test]
    fn an_entity_is_edited_in_either_layout() -> Result<()> {
        let company = Synthetic::new(1_000);
        for layout in [Layout::Rows, Layout::Json] {
            let folder = tempfile::tempdir()?;
            let mut tables = sqlite::load(layout, company, folder.path())?;
            let before = lines(&tables, company);
            Edits::of(company).take(3).try_for_each(|edit| tables.upsert(&edit))?;
            let after = lines(&tables, company);
            assert_ne!(before["ordered-page"], after["ordered-page"], "titles have changed");
            assert_eq!(before["impact"], after["impact"], "relations have not");
        }
        Ok(())
    }
}

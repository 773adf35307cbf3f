//! The tables, and the page they stand on.

use std::error::Error;
use std::fs;
use std::path::Path;

use clap::ValueEnum;
use idp_benches::{Synthetic, questions};

use crate::instructions;
use crate::machine;
use crate::part::Who;
use crate::results::Results;
use crate::table::{Table, bytes, count, duration, times};
use crate::wanted;

const BEGIN: &str = "<!-- tables: begin -->\n";
const END: &str = "<!-- tables: end -->";

/// How a figure is told.
#[derive(Clone, Copy)]
enum Unit {
    /// Seconds.
    Time,
    /// Seconds for all entities, told as entities a second.
    Rate,
    /// Bytes of all entities, told as bytes an entity.
    Bytes,
}

/// What was measured besides questions: by whom, its name, what it is, how it is told.
const FIGURES: [(Who, &str, &str, Unit); 31] = [
    (Who::Idp, "load", "bulk ingest of NDJSON into memory", Unit::Rate),
    (Who::Idp, "load-yaml", "bulk ingest of YAML into memory", Unit::Rate),
    (Who::Idp, "read", "reading the NDJSON alone, into trees, on every core", Unit::Rate),
    (Who::Idp, "read-yaml", "reading the YAML alone, on every core", Unit::Rate),
    (Who::Idp, "load-durable", "bulk ingest of NDJSON into durable SQLite", Unit::Rate),
    (Who::SqliteRows, "load", "SQLite, rows: load, not durable", Unit::Rate),
    (Who::SqliteJson, "load", "SQLite, JSON: load, not durable", Unit::Rate),
    (Who::Postgres, "load", "PostgreSQL: load, not durable", Unit::Rate),
    (Who::Tantivy, "load", "tantivy: load", Unit::Rate),
    (Who::Idp, "reopen", "reopen from SQLite", Unit::Time),
    (Who::Idp, "upsert-p50", "an upsert is visible: median", Unit::Time),
    (Who::Idp, "upsert-p99", "… 99 of 100", Unit::Time),
    (Who::Idp, "upsert-with-readers-p50", "… with 8 readers: median", Unit::Time),
    (Who::Idp, "upsert-with-readers-p99", "… 99 of 100", Unit::Time),
    (Who::Idp, "readers-quiet-p50", "a reader's page while nobody writes: median", Unit::Time),
    (Who::Idp, "readers-quiet-p99", "… 99 of 100", Unit::Time),
    (Who::Idp, "readers-busy-p50", "… while somebody writes: median", Unit::Time),
    (Who::Idp, "readers-busy-p99", "… 99 of 100", Unit::Time),
    (Who::Idp, "upsert-durable-p50", "an upsert is durable and visible: median", Unit::Time),
    (Who::Idp, "upsert-durable-p99", "… 99 of 100", Unit::Time),
    (Who::SqliteRows, "upsert-durable-p50", "SQLite, rows: a durable upsert, median", Unit::Time),
    (Who::SqliteJson, "upsert-durable-p50", "SQLite, JSON: a durable upsert, median", Unit::Time),
    (Who::Idp, "upserts-1000", "1,000 upserts as one change", Unit::Time),
    (Who::Idp, "audience", "1,000 live queries hear of an upsert", Unit::Time),
    (Who::Idp, "as-of", "the catalog as of an earlier revision", Unit::Time),
    (Who::Idp, "source-bytes", "an entity's NDJSON", Unit::Bytes),
    (Who::Idp, "bytes", "an entity's memory, with the log in memory too", Unit::Bytes),
    (Who::Idp, "bytes-reopened", "an entity's memory, with the log in SQLite", Unit::Bytes),
    (Who::Plain, "bytes", "an entity's memory in a list of JSON values", Unit::Bytes),
    (Who::Idp, "log-bytes", "an entity in the durable log", Unit::Bytes),
    (Who::SqliteRows, "bytes", "SQLite, rows: an entity in the file", Unit::Bytes),
];

/// Every table of a run.
pub(crate) fn tables(results: &Results) -> String {
    let mut text = format!("Measured on {}.\n", machine::description());
    if cfg!(debug_assertions) {
        text.push_str("The build is not optimised: the times say nothing.\n");
    }
    for size in results.sizes() {
        text.push_str(&format!("\n### {} entities\n\n{}", count(size), answers(results, size)));
    }
    if results.sizes().len() > 1 {
        text.push_str(&format!("\n### Growth\n\n{}", growth(results)));
    }
    text.push_str(&format!("\n### Changes\n\n{}", changes(results)));
    text.push_str(&format!("\n### Instructions\n\n{}", instructions(results)));
    text.push_str(&format!("\n### Bounds\n\n{}", wanted::table(results)));
    text
}

/// Writes the tables of a page anew, between its marks.
pub(crate) fn rewrite(page: &Path, results: &Results) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(page)?;
    Ok(fs::write(page, replaced(&text, &tables(results)).ok_or("the page has no marks for tables")?)?)
}

fn replaced(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{tables}\n{END}{after}"))
}

/// The names of the questions, in their order.
fn names() -> Vec<&'static str> {
    questions(Synthetic::new(1_000)).into_iter().map(|it| it.name).collect()
}

/// What each engine takes, and how many times what the snapshot does.
fn answers(results: &Results, size: usize) -> String {
    let there = |who: &&Who| results.part(**who, size).is_some();
    let engines: Vec<Who> = Who::value_variants().iter().filter(there).copied().collect();
    let mut table = Table::new(["question"].into_iter().chain(engines.iter().map(|it| it.title())));
    for name in names() {
        let own = results.answer(Who::Idp, size, name).map(|it| it.nanos);
        let cell = |who: &Who| {
            let nanos = results.answer(*who, size, name).map(|it| it.nanos)?;
            let ratio = own.filter(|_| *who != Who::Idp).map(|own| format!(" ({})", times(nanos / own)));
            Some(format!("{}{}", duration(nanos / 1e9), ratio.unwrap_or_default()))
        };
        table.row(name, engines.iter().map(cell));
    }
    table.print()
}

/// What the snapshot takes with each size.
fn growth(results: &Results) -> String {
    let sizes = results.sizes();
    let heads = sizes.iter().map(|it| count(*it));
    let mut table = Table::new(["question".to_owned()].into_iter().chain(heads).chain(["growth".to_owned()]));
    for name in names() {
        let nanos = |size: &usize| Some(results.answer(Who::Idp, *size, name)?.nanos);
        let found: Vec<Option<f64>> = sizes.iter().map(nanos).collect();
        let ends = found.first().copied().flatten().zip(found.last().copied().flatten());
        let cells = found.iter().map(|it| it.map(|nanos| duration(nanos / 1e9)));
        table.row(name, cells.chain([ends.map(|(first, last)| times(last / first))]));
    }
    table.print()
}

fn changes(results: &Results) -> String {
    let sizes = results.sizes();
    let mut table = Table::new(["".to_owned()].into_iter().chain(sizes.iter().map(|it| count(*it))));
    for (who, name, title, unit) in FIGURES {
        let cell = |size: &usize| {
            let (figure, entities) = (results.figure(who, *size, name)?, *size as f64);
            Some(match unit {
                Unit::Time => duration(figure),
                Unit::Rate => format!("{}/s", count((entities / figure) as usize)),
                Unit::Bytes => bytes(figure / entities),
            })
        };
        table.row(title, sizes.iter().map(cell));
    }
    table.print()
}

fn instructions(results: &Results) -> String {
    let Some(counted) = &results.instructions else {
        return "Not counted: `valgrind` is not there, or no size was small enough.\n".to_owned();
    };
    let mut table = Table::new(["question".to_owned(), format!("with {} entities", count(counted.size))]);
    for name in names().into_iter().chain([instructions::UPSERT]) {
        table.row(
            name,
            [counted.counts.get(name).map(|it| count(usize::try_from(*it).unwrap_or(usize::MAX)))],
        );
    }
    table.print()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_take_the_place_of_those_before() {
        let page = format!("# Title\n{BEGIN}old\n{END}\nmore\n");
        let once = replaced(&page, "new").expect("there are marks");
        assert_eq!(once, format!("# Title\n{BEGIN}\nnew\n{END}\nmore\n"));
        assert_eq!(replaced(&once, "new"), Some(once.clone()));
        assert_eq!(replaced("no marks", "new"), None);
    }

    #[test]
    fn a_table_tells_times_and_ratios() {
        let times =
            [(Who::Idp, 1_000, 1_500.0), (Who::SqliteRows, 1_000, 300_000.0), (Who::Idp, 10_000, 3_000.0)];
        let results = Results::of_or(&times);
        let row = |table: String| table.lines().find(|it| it.starts_with("| or ")).map(str::to_owned);
        assert_eq!(row(answers(&results, 1_000)).as_deref(), Some("| or | 1.50 µs | 300 µs (200×) |"));
        assert_eq!(row(growth(&results)).as_deref(), Some("| or | 1.50 µs | 3.00 µs | 2.0× |"));
    }
}

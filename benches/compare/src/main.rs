//! The query core beside other engines, on the same entities in one run; and the page of tables about it.
//!
//! ```sh
//! cd benches/compare
//! cargo run --release -- --size 1000,10000,100000 --page ../../docs/guide/performance.md   # the page, anew
//! cargo run --release -- --size 10000 --engines idp,sqlite-rows --questions or,facet-all   # some of it
//! cargo test                                                                  # does each give the same answers?
//! ```
//!
//! Each engine is measured with each size in a process of its own, one after the other.

mod changes;
mod database;
mod flat;
mod floor;
mod instructions;
mod layout;
mod machine;
mod measure;
mod page;
mod part;
mod postgres;
mod readers;
mod results;
mod search;
mod sql;
mod sqlite;
mod table;
mod wanted;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tikv_jemalloc_ctl::background_thread;
use tikv_jemallocator::Jemalloc;

use crate::part::{Part, Selection, Who};
use crate::results::Results;

/// What a host with several threads would take, for every engine that lives in this process. It tells what is in use: one
/// that counts by itself has all threads wait for its counter.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Measures the query core beside other engines.
#[derive(Debug, Parser)]
struct Options {
    /// Numbers of entities, 1,000 or more.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    size: Vec<usize>,
    /// Only these engines.
    #[arg(long, value_delimiter = ',')]
    engines: Vec<Who>,
    /// Only these questions, by name; `changes` are ingestion, edits, watching and history.
    #[arg(long, value_delimiter = ',')]
    questions: Vec<String>,
    /// Keeps what is measured in this file, and does not measure again what is there.
    #[arg(long)]
    results: Option<PathBuf>,
    /// Writes the tables of this page anew.
    #[arg(long)]
    page: Option<PathBuf>,
    /// Measures one engine with one size in this process, and prints what it finds as JSON.
    #[arg(long, hide = true)]
    alone: bool,
    /// Asks every question once, to be watched by a program that counts instructions.
    #[arg(long, hide = true)]
    once: bool,
}

fn main() -> ExitCode {
    // Memory is given back to the system by a thread of the allocator's own, where there is one; else by whoever happens to
    // free something, who then waits for milliseconds.
    let _ = background_thread::write(true);
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let selection = Selection(&options.questions);
    match (&*options.size, &*options.engines) {
        ([size], [who]) if options.alone => {
            println!("{}", serde_json::to_string(&Part::measure(*who, *size, selection)?)?);
            return Ok(ExitCode::SUCCESS);
        }
        ([size], _) if options.once => {
            instructions::run_once(*size, selection);
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let mut results = Results::open(options.results.as_deref())?;
    for size in &options.size {
        engines(options).try_for_each(|who| results.measure(who, *size, selection))?;
    }
    results.count_instructions(&options.size, selection)?;
    report(&results, options)
}

/// The engines that are wanted and there.
fn engines(options: &Options) -> impl Iterator<Item = Who> {
    let wanted = |who: &Who| options.engines.is_empty() || options.engines.contains(who);
    let there = |who: &Who| *who != Who::Postgres || postgres::is_present();
    Who::value_variants().iter().copied().filter(move |who| wanted(who) && there(who))
}

fn report(results: &Results, options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    println!("{}", page::tables(results));
    if let Some(page) = &options.page {
        page::rewrite(page, results)?;
    }
    let disagreements = results.disagreements();
    disagreements.iter().for_each(|it| eprintln!("error: {it}"));
    Ok(if disagreements.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

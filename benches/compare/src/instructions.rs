//! How many instructions a question or an upsert takes: the same on every machine of a kind, however busy it is.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::{Command, Stdio};

use idp_benches::{Edits, Engine, Question, Synthetic, apply, full_catalog, questions};

use crate::part::Selection;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// More entities take too long on a simulated processor.
pub(crate) const LARGEST: usize = 10_000;

/// The name of an upsert made visible.
pub(crate) const UPSERT: &str = "upsert";

/// Whether the machine has a program that counts. What an unoptimised build takes says nothing.
pub(crate) fn can_count() -> bool {
    !cfg!(debug_assertions) && Command::new("valgrind").arg("--version").output().is_ok()
}

/// Counts, by the names of the questions, and [`UPSERT`].
pub(crate) fn count(size: usize, selection: Selection<'_>) -> Result<BTreeMap<String, u64>> {
    let folder = tempfile::tempdir()?;
    let status = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(["toggle-collect", "dump-after"].map(|it| format!("--{it}={COUNTED}")))
        .arg(format!("--callgrind-out-file={}/counts", folder.path().display()))
        .arg(std::env::current_exe()?)
        .args(["--once", "--size", &size.to_string()])
        .args(selection.arguments())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(format!("valgrind: {status}").into());
    }
    let count = |(number, name): (usize, String)| {
        let text = fs::read_to_string(folder.path().join(format!("counts.{number}")))?;
        let total = text.lines().find_map(|it| it.strip_prefix("summary: "));
        Ok((name, total.ok_or("valgrind counted nothing")?.trim().parse()?))
    };
    let names = wanted(Synthetic::new(size), selection).into_iter().map(|it| it.name);
    let names = names.chain(selection.has_changes().then_some(UPSERT)).map(str::to_owned);
    (1..).zip(names).map(count).collect()
}

/// Asks every question a first time, and once more to be counted; the same with an edit.
pub(crate) fn run_once(size: usize, selection: Selection<'_>) {
    let company = Synthetic::new(size);
    let catalog = full_catalog(company);
    let snapshot = catalog.snapshot();
    for question in wanted(company, selection) {
        let prepared = snapshot.prepare(&question.ask).expect("a snapshot answers everything");
        drop(prepared.ask());
        counted(&mut || drop(black_box(prepared.ask())));
    }
    if selection.has_changes() {
        let mut edits = Edits::of(company);
        apply(&catalog, &edits.delta(1));
        let edit = edits.delta(1);
        counted(&mut || apply(&catalog, &edit));
    }
}

/// Where [`counted`] is found in the program.
const COUNTED: &str = "idp_compare::instructions::counted";

/// What happens in here is counted.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

fn wanted(company: Synthetic, selection: Selection<'_>) -> Vec<Question> {
    questions(company).into_iter().filter(|it| selection.has(it.name)).collect()
}

//! How many instructions a question takes: the same on every machine of a kind, however busy it is.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::{Command, Stdio};

use idp_benches::{Engine, Found, Prepared, Question, Synthetic, full_catalog, questions};

use crate::part::Selection;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// More entities take too long on a simulated processor.
pub(crate) const LARGEST: usize = 10_000;

/// Whether the machine has a program that counts.
pub(crate) fn can_count() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok()
}

/// Counts, by the names of the questions.
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
    let count = |(number, question): (usize, Question)| {
        let text = fs::read_to_string(folder.path().join(format!("counts.{number}")))?;
        let total = text.lines().find_map(|it| it.strip_prefix("summary: "));
        Ok((question.name.to_owned(), total.ok_or("valgrind counted nothing")?.trim().parse()?))
    };
    (1..).zip(wanted(Synthetic::new(size), selection)).map(count).collect()
}

/// Asks every question a first time, and once more to be counted.
pub(crate) fn run_once(size: usize, selection: Selection<'_>) {
    let company = Synthetic::new(size);
    let snapshot = full_catalog(company).snapshot();
    for question in wanted(company, selection) {
        let prepared = snapshot.prepare(&question.ask).expect("a snapshot answers everything");
        drop(prepared.ask());
        drop(black_box(counted(&prepared)));
    }
}

/// Where [`counted`] is found in the program.
const COUNTED: &str = "idp_compare::instructions::counted";

/// What happens in here is counted.
#[inline(never)]
fn counted(prepared: &Prepared<'_>) -> Found {
    prepared.ask()
}

fn wanted(company: Synthetic, selection: Selection<'_>) -> Vec<Question> {
    questions(company).into_iter().filter(|it| selection.has(it.name)).collect()
}

//! What the engine is meant to hold, beside what was seen: with the largest size of a run.

use crate::part::Who;
use crate::results::Results;
use crate::table::{Table, count, duration, times};

/// Growth is counted from here.
const BASE: usize = 10_000;

/// On which side of a number something has to be.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// How a number is told.
#[derive(Clone, Copy)]
enum Unit {
    Times,
    Seconds,
    Rate,
}

/// Something that has to hold.
struct Wanted {
    what: String,
    bound: Bound,
    unit: Unit,
    seen: Option<f64>,
}

/// What is wanted, what was seen, and whether it holds.
pub(crate) fn table(results: &Results) -> String {
    let Some(size) = results.sizes().last().copied() else { return String::new() };
    let heads = ["bound", "wanted", "seen", "holds"].map(str::to_owned);
    let mut table = Table::new(heads);
    for wanted in all(results, size) {
        let (relation, bound) = match wanted.bound {
            Bound::AtLeast(bound) => ("≥", bound),
            Bound::AtMost(bound) => ("≤", bound),
        };
        if let Some(seen) = wanted.seen {
            let holds = if wanted.bound.holds(seen) { "yes" } else { "**no**" };
            let cells =
                [format!("{relation} {}", wanted.unit.show(bound)), wanted.unit.show(seen), holds.to_owned()];
            table.row(&wanted.what, cells.map(Some));
        }
    }
    format!("With {} entities:\n\n{}", count(size), table.print())
}

impl Bound {
    fn holds(self, seen: f64) -> bool {
        match self {
            Self::AtLeast(bound) => seen >= bound,
            Self::AtMost(bound) => seen <= bound,
        }
    }
}

impl Unit {
    fn show(self, number: f64) -> String {
        match self {
            Self::Times => times(number),
            Self::Seconds => duration(number),
            Self::Rate => format!("{}/s", count(number as usize)),
        }
    }
}

fn all(results: &Results, size: usize) -> Vec<Wanted> {
    let mut all = Vec::new();
    let mut add =
        |what: &str, bound, unit, seen| all.push(Wanted { what: what.to_owned(), bound, unit, seen });
    let run = Run { results, size };
    for name in ["filter", "ordered-page", "or", "count", "deep-page"] {
        add(
            &format!("{name}: SQLite's faster layout"),
            Bound::AtLeast(200.0),
            Unit::Times,
            run.over_sqlite(name),
        );
        add(&format!("{name}: with 10,000"), Bound::AtMost(3.0), Unit::Times, run.growth(name));
    }
    add("by-ref: a `HashMap`", Bound::AtMost(2.0), Unit::Times, run.under(Who::Plain, "by-ref"));
    for name in ["facet-all", "facet-filter"] {
        add(
            &format!("{name}: SQLite's faster layout"),
            Bound::AtLeast(100.0),
            Unit::Times,
            run.over_sqlite(name),
        );
        add(name, Bound::AtMost(1e-3), Unit::Seconds, run.seconds(name));
    }
    for name in ["substring", "substring-few"] {
        add(name, Bound::AtMost(2e-3), Unit::Seconds, run.seconds(name));
        add(
            &format!("{name}: a look through a list"),
            Bound::AtMost(1.0),
            Unit::Times,
            run.under(Who::Plain, name),
        );
    }
    for name in ["closure-3", "impact"] {
        add(
            &format!("{name}: SQLite's faster layout"),
            Bound::AtLeast(50.0),
            Unit::Times,
            run.over_sqlite(name),
        );
    }
    let readers = run.ratio("readers-busy-p99", "readers-quiet-p99");
    add(
        "upsert with 8 readers, 99 of 100",
        Bound::AtMost(1e-3),
        Unit::Seconds,
        run.figure("upsert-with-readers-p99"),
    );
    add("readers, 99 of 100: while nobody writes", Bound::AtMost(2.0), Unit::Times, readers);
    add("bulk ingest into memory", Bound::AtLeast(100_000.0), Unit::Rate, run.rate("load"));
    add("bulk ingest into durable SQLite", Bound::AtLeast(50_000.0), Unit::Rate, run.rate("load-durable"));
    add("memory: NDJSON", Bound::AtMost(1.5), Unit::Times, run.ratio("bytes", "source-bytes"));
    add("reopen from SQLite", Bound::AtMost(10.0), Unit::Seconds, run.figure("reopen"));
    all
}

/// What was measured with one size.
struct Run<'r> {
    results: &'r Results,
    size: usize,
}

impl Run<'_> {
    fn nanos(&self, who: Who, question: &str) -> Option<f64> {
        Some(self.results.answer(who, self.size, question)?.nanos)
    }

    fn seconds(&self, question: &str) -> Option<f64> {
        Some(self.nanos(Who::Idp, question)? / 1e9)
    }

    /// How many times the engine's time SQLite takes, in whichever layout is faster.
    fn over_sqlite(&self, question: &str) -> Option<f64> {
        let layouts = [Who::SqliteRows, Who::SqliteJson].map(|it| self.nanos(it, question));
        let fastest = layouts.into_iter().flatten().min_by(f64::total_cmp)?;
        Some(fastest / self.nanos(Who::Idp, question)?)
    }

    /// How many times another engine's time ours takes.
    fn under(&self, who: Who, question: &str) -> Option<f64> {
        Some(self.nanos(Who::Idp, question)? / self.nanos(who, question)?)
    }

    fn growth(&self, question: &str) -> Option<f64> {
        let base = self.results.answer(Who::Idp, BASE, question)?.nanos;
        Some(self.nanos(Who::Idp, question)? / base)
    }

    fn figure(&self, name: &str) -> Option<f64> {
        self.results.figure(Who::Idp, self.size, name)
    }

    fn ratio(&self, name: &str, of: &str) -> Option<f64> {
        Some(self.figure(name)? / self.figure(of)?)
    }

    /// Entities a second.
    fn rate(&self, name: &str) -> Option<f64> {
        Some(self.size as f64 / self.figure(name)?)
    }
}

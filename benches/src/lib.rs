//! What the engine costs, each thing beside its floor: the same answer from a few lines of plain code.
//!
//! ```sh
//! cargo bench -p idp-benches                                  # everything, some minutes
//! cargo bench -p idp-benches --bench query -- neighbours      # one subject
//! cargo bench -p idp-benches -- --test                        # each once: do they still work?
//! IDP_BENCH_SIZES=1000,100000 cargo bench -p idp-benches --bench query  # with other numbers of entities
//! ```
//!
//! | bench    | what it measures                                        | floor                                   |
//! |----------|---------------------------------------------------------|-----------------------------------------|
//! | `query`  | questions to a snapshot                                 | a look through a list; a `HashMap`      |
//! | `ingest` | entities into a catalog; changed, watched, reopened     | YAML and lines to JSON; a copied list   |
//! | `render` | expressions; a skeleton of 1,000 files; a check          | plain minijinja; a copy of the files    |
//! | `runs`   | a plan, an apply                                        | the provider's calls by hand            |
//!
//! How the same questions fare in other engines is measured by `benches/compare`, a crate of its own.
//!
//! A time is true of one machine at one moment. What is worth comparing is the ratio to the floor **within one run**,
//! and how it changes with the size. Each pair gives the same answer: the unit tests of this crate hold them to it.

mod changes;
mod company;
mod engine;
mod folder;
mod golden;
mod notes;
mod plain;
mod question;
mod relations;
mod skeleton;
mod synthetic;

use std::future::Future;

pub use changes::{Audience, Edits, SOURCE, apply};
pub use company::{Shelf, documents, empty_catalog, full_catalog, ingest};
pub use engine::{Engine, Found, Page, Prepared, Row};
pub use folder::{copy_folder, render_folder_plain};
pub use golden::{builtins, golden_path, golden_skeleton};
pub use notes::{Note, Notes, apply_by_hand, request, scaffolder, template, wanted};
pub use plain::Plain;
pub use question::{Ask, PAGE, PageOf, Place, Question, ReachOf, questions};
pub use relations::{Link, links};
pub use skeleton::{EXPRESSIONS, FILES, plain_environment, plain_values, render_plain, skeleton, values};
pub use synthetic::{Sort, Synthetic};

/// The numbers of entities to measure with: 1,000 and 10,000, or those that `IDP_BENCH_SIZES` names.
///
/// # Panics
/// Where that names something else.
#[must_use]
pub fn sizes() -> Vec<usize> {
    let Ok(named) = std::env::var("IDP_BENCH_SIZES") else { return vec![1_000, 10_000] };
    named.split(',').map(|it| it.trim().parse().expect("IDP_BENCH_SIZES holds numbers")).collect()
}

/// Runs a future to its end on this thread.
///
/// # Panics
/// Where the operating system has no resources left for a runtime.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

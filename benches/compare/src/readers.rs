//! Readers and a writer at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use idp_benches::{Ask, Edits, Engine, Synthetic, questions};
use idp_catalog::Catalog;

use crate::changes::edit;
use crate::measure::timed;
use crate::part::Part;

const READERS: usize = 8;
/// A reader's pause between two questions, and a writer's between two edits: more readers than cores, and none of them
/// waits for a core most of the time.
const PAUSE: Duration = Duration::from_millis(5);
const EDITS: usize = 300;

/// Measures what readers wait for answers while nobody writes and while somebody does, and what a writer waits then.
pub(crate) fn measure(part: &mut Part, catalog: &Arc<Catalog>, company: Synthetic, edits: &mut Edits) {
    let mut quiet = reading(catalog, company, || (0..EDITS).for_each(|_| thread::sleep(PAUSE)));
    part.percentiles("readers-quiet", &mut quiet);
    let mut writes = Vec::new();
    let mut busy = reading(catalog, company, || {
        for _ in 0..EDITS {
            writes.push(edit(catalog, edits, 1));
            thread::sleep(PAUSE);
        }
    });
    part.percentiles("readers-busy", &mut busy);
    part.percentiles("upsert-with-readers", &mut writes);
}

/// Seconds that readers waited for each answer, while something was done.
fn reading(catalog: &Arc<Catalog>, company: Synthetic, mut meanwhile: impl FnMut()) -> Vec<f64> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| read(catalog, company, &stop))).collect();
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        let read = |it: thread::ScopedJoinHandle<'_, _>| it.join().expect("a reader ends");
        readers.into_iter().flat_map(read).collect()
    })
}

/// Asks the newest snapshot for a page, again and again.
fn read(catalog: &Catalog, company: Synthetic, stop: &AtomicBool) -> Vec<f64> {
    let questions = questions(company);
    let filter = questions.iter().find(|it| it.name == "filter").expect("there is such a question");
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        times.push(timed(|| ask(catalog, &filter.ask)).1.as_secs_f64());
        thread::sleep(PAUSE);
    }
    times
}

fn ask(catalog: &Catalog, ask: &Ask) -> usize {
    let snapshot = catalog.snapshot();
    let prepared = snapshot.prepare(ask).expect("a snapshot answers everything");
    prepared.ask().lines().len()
}

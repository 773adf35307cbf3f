//! Work on many things at once, in their order and within a budget.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many items a thread takes at once: so few that no thread is left with much to do.
const BATCH: usize = 16;

/// What the work on an item gave.
pub(crate) trait Weigh {
    /// How much of the budget it takes up.
    fn weight(&self) -> u64;
}

/// Works on every core on the first of some items, in order; the results, in order.
///
/// No item is taken any more when the results weigh as much as the budget, so that a caller who asks again for the rest
/// holds about that much at once. Which items are taken may differ from time to time, but not that they are the first
/// ones, and that there is one at least. Threads end with the call; where none can be started, the caller's does it all.
pub(crate) fn map_some<T: Sync, R: Weigh + Send>(
    items: &[T],
    budget: u64,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let (next, weight) = (AtomicUsize::new(0), AtomicU64::new(0));
    let results = Mutex::new(Vec::with_capacity(items.len().min(1024)));
    let worker = || {
        while weight.load(Ordering::Relaxed) < budget {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(batch) = items.get(start..(start + BATCH).min(items.len())) else { break };
            // A batch that was taken is finished, so that no item is left out before one that is done.
            let done: Vec<R> = batch.iter().map(&work).collect();
            let taken = done.iter().fold(0, |sum: u64, result| sum.saturating_add(result.weight()));
            let _ = weight
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| Some(it.saturating_add(taken)));
            results.lock().unwrap_or_else(PoisonError::into_inner).push((start, done));
        }
    };
    let threads = threads(items.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            if thread::Builder::new().spawn_scoped(scope, worker).is_err() {
                break;
            }
        }
        worker();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(start, _)| *start);
    results.into_iter().flat_map(|(_, done)| done).collect()
}

fn threads(items: usize) -> usize {
    match items > BATCH {
        true => thread::available_parallelism().map_or(1, usize::from).min(items.div_ceil(BATCH)),
        false => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for usize {
        fn weight(&self) -> u64 {
            *self as u64
        }
    }

    #[test]
    fn the_first_items_are_done_in_order() {
        for count in [0, 1, BATCH, BATCH + 1, 1000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map_some(&items, u64::MAX, |it| *it), items);
            let some = map_some(&items, 200, |it| *it);
            assert_eq!(some, items[..some.len()]);
            assert!(items.is_empty() || !some.is_empty());
            assert!(count < 1000 || some.len() < count);
        }
    }
}

//! Work on many things at once, in their order and within a budget.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// So many items are worth a thread.
const FEW: usize = 16;

/// What the work on an item gave.
pub(crate) trait Weigh {
    /// How much of the budget it takes up.
    fn weight(&self) -> u64;
}

impl<R: Weigh> Weigh for Option<R> {
    fn weight(&self) -> u64 {
        self.as_ref().map_or(0, Weigh::weight)
    }
}

/// Works on every core on the first of some items, in order; the results, in order.
///
/// No item is taken any more when the results weigh as much as the budget, so that a caller who asks again for the rest
/// holds about that much at once, and one result more for each thread. Which items are taken may differ from time to
/// time, but not that they are the first ones, and that there is one at least. Threads end with the call; where none can
/// be started, the caller's does it all.
pub(crate) fn map_some<T: Sync, R: Weigh + Send>(
    items: &[T],
    budget: u64,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let (next, weight) = (AtomicUsize::new(0), AtomicU64::new(0));
    let results = Mutex::new(Vec::new());
    let worker = || {
        let mut done = Vec::new();
        while weight.load(Ordering::Relaxed) < budget {
            // One at a time, and what was taken is finished: no item is left out before one that is done.
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let result = work(item);
            add(&weight, result.weight());
            done.push((index, result));
        }
        results.lock().unwrap_or_else(PoisonError::into_inner).extend(done);
    };
    thread::scope(|scope| {
        for _ in 1..threads(items.len()) {
            if thread::Builder::new().spawn_scoped(scope, worker).is_err() {
                break;
            }
        }
        worker();
    });
    let mut results: Vec<(usize, R)> = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Stable, because that is fast where each thread's results are in order.
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn add(weight: &AtomicU64, more: u64) {
    let _ = weight.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| Some(it.saturating_add(more)));
}

fn threads(items: usize) -> usize {
    match items > FEW {
        true => thread::available_parallelism().map_or(1, usize::from).min(items.div_ceil(FEW)),
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
        for count in [0, 1, FEW, FEW + 1, 1000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map_some(&items, u64::MAX, |it| *it), items);
            let some = map_some(&items, 200, |it| *it);
            assert_eq!(some, items[..some.len()]);
            assert!(items.is_empty() || !some.is_empty());
            assert!(count < 1000 || some.len() < count);
        }
    }

    #[test]
    fn the_budget_ends_the_work_between_any_two_items() {
        let items = vec![100_usize; 1000];
        let some = map_some(&items, 250, |it| *it);
        assert!(some.len() >= 3);
        assert!(some.len() < 3 + threads(items.len()), "{} items", some.len());
    }
}

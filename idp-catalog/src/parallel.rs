//! Work on many things at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Things that a thread takes at once: few, so that no thread is left with much to do, and enough to make asking cheap.
const BATCH: usize = 32;

/// Does something with every item, on every core; the results in the order of the items.
///
/// Threads end with the call. Where none can be started, the caller's does it all.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    map_in_batches(BATCH, items, work)
}

/// As [`map`], for few items of which each is much work.
pub(crate) fn map_one_by_one<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    map_in_batches(1, items, work)
}

/// Does something with every item, on every core; the caller's does something else first, which is the answer.
pub(crate) fn beside<T: Send, R>(items: Vec<T>, work: impl Fn(T) + Sync, first: impl FnOnce() -> R) -> R {
    let threads = threads(items.len() + 1);
    let queue = Mutex::new(items.into_iter());
    let worker = || {
        while let Some(item) = { lock(&queue).next() } {
            work(item);
        }
    };
    together((1..threads).map(|_| &worker), || {
        let answer = first();
        worker();
        answer
    })
}

/// Does something with every item, on a thread for each of some states, which has that state to itself; and takes what
/// comes of the items one after the other, in their order, while the others work on. What taking it leaves behind is
/// dropped by whoever made it, when it is the next one's turn. There is at least one state. The caller's thread does
/// something else first.
pub(crate) fn in_turn<T: Send, S: Send, R: Send, D>(
    items: Vec<T>,
    states: &mut [S],
    work: impl Fn(&mut S, T) -> R + Sync,
    take: impl FnMut(R) -> D + Send,
    first: impl FnOnce(),
) {
    let Some((own, others)) = states.split_first_mut() else { return first() };
    let others = others.iter_mut().take(items.len().saturating_sub(1));
    let queue = Mutex::new(items.into_iter().enumerate());
    let turns = Mutex::new(Turns { next: 0, waiting: BTreeMap::new(), take });
    let worker = |state: &mut S| {
        while let Some((index, item)) = { lock(&queue).next() } {
            let result = work(state, item);
            let left = lock(&turns).take(index, result);
            drop(left);
        }
    };
    let worker = &worker;
    together(others.map(|state| || worker(state)), || {
        first();
        worker(own);
    });
}

/// Results that are taken in their order.
struct Turns<R, F> {
    next: usize,
    /// Those that came before it was their turn.
    waiting: BTreeMap<usize, R>,
    take: F,
}

impl<R, D, F: FnMut(R) -> D> Turns<R, F> {
    /// Takes a result, and those that waited for it; or has it wait. What taking them leaves.
    fn take(&mut self, index: usize, result: R) -> Vec<D> {
        self.waiting.insert(index, result);
        let mut left = Vec::new();
        while let Some(result) = self.waiting.remove(&self.next) {
            self.next += 1;
            left.push((self.take)(result));
        }
        left
    }
}

/// Does something on the caller's thread, and other things on threads of their own, as far as those can be started.
fn together<W: FnOnce() + Send, R>(others: impl Iterator<Item = W>, own: impl FnOnce() -> R) -> R {
    thread::scope(|scope| {
        for other in others {
            if thread::Builder::new().spawn_scoped(scope, other).is_err() {
                break;
            }
        }
        own()
    })
}

/// How many threads can work at once on so many things. The operating system is asked anew each time, which takes some
/// microseconds, unless it makes no difference.
pub(crate) fn threads(things: usize) -> usize {
    if things > 1 { cores().min(things) } else { 1 }
}

/// How many threads can work at once.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn map_in_batches<T: Send, R: Send>(batch: usize, items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads(items.len().div_ceil(batch));
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let count = items.len();
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::with_capacity(count));
    let worker = || {
        let mut done = Vec::new();
        loop {
            let taken: Vec<_> = lock(&queue).by_ref().take(batch).collect();
            if taken.is_empty() {
                break;
            }
            done.extend(taken.into_iter().map(|(index, item)| (index, work(item))));
        }
        lock(&results).append(&mut done);
    };
    together((1..threads).map(|_| worker), worker);
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What a mutex holds. Who panicked with it has told so already.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{beside, in_turn, map, map_one_by_one};

    #[test]
    fn results_keep_the_order_of_the_items() {
        for count in [0, 1, 31, 32, 33, 1000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map(items.clone(), |it| it), items);
            assert_eq!(map_one_by_one(items.clone(), |it| it), items);
        }
    }

    #[test]
    fn everything_is_done_beside_what_comes_first() {
        for count in [0, 1, 100] {
            let (sum, mut first) = (AtomicUsize::new(0), 0);
            let add = |item| _ = sum.fetch_add(item, Ordering::Relaxed);
            beside((1..=count).collect(), add, || first = 1);
            assert_eq!((sum.into_inner(), first), (count * (count + 1) / 2, 1));
        }
    }

    #[test]
    fn results_are_taken_in_the_order_of_the_items() {
        for (count, threads) in [(0, 1), (1, 3), (100, 1), (100, 3)] {
            let (mut states, mut taken) = (vec![0; threads], Vec::new());
            let work = |state: &mut usize, item: usize| {
                *state += 1;
                // The first ones take longest.
                std::thread::sleep(std::time::Duration::from_micros(100 - item as u64));
                item
            };
            let mut first = 0;
            in_turn((0..count).collect(), &mut states, work, |item| taken.push(item), || first = 1);
            assert_eq!((&taken, first), (&Vec::from_iter(0..count), 1));
            assert_eq!(states.iter().sum::<usize>(), count);
        }
    }
}

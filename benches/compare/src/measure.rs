//! How long something takes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tikv_jemalloc_ctl::{epoch, stats};

/// Shorter calls are measured many at a time.
const SHORTEST: Duration = Duration::from_micros(50);

/// When there are samples enough.
#[derive(Clone, Copy)]
pub(crate) struct Enough {
    /// As soon as there are so many.
    pub(crate) count: usize,
    /// After this time, where there are three; of what takes five times as long, one has to do.
    pub(crate) time: Duration,
}

impl Enough {
    /// Runs something until its samples are enough.
    pub(crate) fn of(self, mut sample: impl FnMut() -> f64) -> Vec<f64> {
        let (began, mut samples) = (Instant::now(), vec![sample()]);
        let wanted = |samples: &[f64]| {
            let time = if samples.len() < 3 { 5 * self.time } else { self.time };
            samples.len() < self.count && began.elapsed() < time
        };
        while wanted(&samples) {
            samples.push(sample());
        }
        samples
    }
}

/// The median of many runs, in nanoseconds, after a first one that took so long. What an answer holds is dropped on the
/// watch. Of what takes many seconds the first run has to do.
pub(crate) fn median<T>(first: Duration, mut run: impl FnMut() -> T) -> f64 {
    let enough = Enough { count: 201, time: Duration::from_secs(1) };
    if first > 5 * enough.time {
        return first.as_nanos() as f64;
    }
    let calls = (SHORTEST.as_nanos() / first.as_nanos().max(20)).max(1);
    let mut samples = enough.of(|| {
        let ((), time) = timed(|| (0..calls).for_each(|_| drop(black_box(run()))));
        time.as_nanos() as f64 / calls as f64
    });
    percentile(&mut samples, 50)
}

/// A result, and how long it took.
pub(crate) fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = run();
    (result, began.elapsed())
}

/// Bytes that the allocator has handed out and not got back, rounded up as it does.
pub(crate) fn allocated() -> usize {
    // The numbers are gathered when the epoch moves on. An allocator that cannot tell says nothing.
    epoch::advance().and_then(|_| stats::allocated::read()).unwrap_or(0)
}

/// The value that so many of a hundred samples are no greater than.
pub(crate) fn percentile(samples: &mut [f64], hundredths: usize) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    let number = (samples.len() * hundredths).div_ceil(100).max(1) - 1;
    samples.get(number).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_enough_by_count_or_time() {
        let count = |count, millis| {
            let enough = Enough { count, time: Duration::from_millis(millis) };
            enough.of(|| timed(|| std::thread::sleep(Duration::from_millis(2))).1.as_secs_f64()).len()
        };
        assert_eq!((count(4, 60_000), count(100, 0), count(1, 60_000)), (4, 1, 1));
        assert!((3..100).contains(&count(100, 20)));
    }

    #[test]
    fn percentiles_are_samples() {
        let mut samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        for (hundredths, want) in [(1, 2.0), (50, 100.0), (99, 198.0), (100, 200.0)] {
            assert_eq!(percentile(&mut samples, hundredths), want);
        }
        assert_eq!(percentile(&mut [7.0], 99), 7.0);
    }
}

//! How long something takes.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long something is measured, if that gives enough samples.
const BUDGET: Duration = Duration::from_secs(1);
/// Shorter calls are measured many at a time.
const SHORTEST: Duration = Duration::from_micros(50);
const SAMPLES: std::ops::RangeInclusive<usize> = 3..=201;

/// The median of many runs after a first one, in nanoseconds. What an answer holds is dropped on the watch.
pub(crate) fn median<T>(mut run: impl FnMut() -> T) -> f64 {
    let (_, first) = timed(&mut run);
    let calls = (SHORTEST.as_nanos() / first.as_nanos().max(20)).max(1);
    let began = Instant::now();
    let mut samples = Vec::new();
    while samples.len() < *SAMPLES.end() && (samples.len() < *SAMPLES.start() || began.elapsed() < BUDGET) {
        let ((), time) = timed(|| (0..calls).for_each(|_| drop(black_box(run()))));
        samples.push(time.as_nanos() as f64 / calls as f64);
    }
    percentile(&mut samples, 50)
}

/// A result, and how long it took.
pub(crate) fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = run();
    (result, began.elapsed())
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
    fn percentiles_are_samples() {
        let mut samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        for (hundredths, want) in [(1, 2.0), (50, 100.0), (99, 198.0), (100, 200.0)] {
            assert_eq!(percentile(&mut samples, hundredths), want);
        }
        assert_eq!(percentile(&mut [7.0], 99), 7.0);
    }
}

//! A walk along relations, one distance after the other.

use std::ops::Range;

use super::follow::{Follow, Taken};
use crate::snapshot::Snapshot;
use crate::snapshot::met::{Met, sort};

/// The numbers that can be reached from a start: breadth first, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Walk {
    taken: Taken,
    met: Met,
    /// What was met, nearest first; of one distance by number, for then neighbours come one after the other.
    numbers: Vec<u32>,
    /// Where the numbers of each distance end.
    ends: Vec<usize>,
    truncated: bool,
}

impl Walk {
    /// Stands at a start.
    pub(super) fn new(snapshot: &Snapshot, start: u32, follow: &Follow) -> Self {
        let taken = follow.among(&snapshot.network.kinds);
        let mut met = Met::below(snapshot.network.directory.end());
        met.add(start, true);
        Self { taken, met, numbers: vec![start], ends: vec![1], truncated: false }
    }

    /// Goes as far as there is anything.
    pub(super) fn all(mut self, snapshot: &Snapshot, follow: &Follow) -> Self {
        while self.further(snapshot, follow) {}
        self
    }

    /// Goes one relation further. False where there is nothing further.
    pub(super) fn further(&mut self, snapshot: &Snapshot, follow: &Follow) -> bool {
        let last = self.farthest();
        if self.truncated || self.ends.len() > follow.depth {
            return false;
        }
        for at in last.clone() {
            let (met, numbers) = (&mut self.met, &mut self.numbers);
            self.taken.visit(&snapshot.network.adjacency, numbers[at], |other, is_taken| {
                numbers.push(other);
                numbers.truncate(numbers.len() - usize::from(!met.add(other, is_taken)));
            });
        }
        self.cut(last.end, snapshot, follow.limit);
        sort(&mut self.numbers[last.end..]);
        if self.numbers.len() > last.end {
            self.ends.push(self.numbers.len());
        }
        self.numbers.len() > last.end
    }

    /// Leaves out what there is no room for: the last ones in the order of references.
    fn cut(&mut self, start: usize, snapshot: &Snapshot, limit: usize) {
        let end = limit.max(start);
        if self.numbers.len() <= end {
            return;
        }
        self.truncated = true;
        let in_order = snapshot.in_order(self.numbers.split_off(start));
        let (kept, left_out) = in_order.split_at(end - start);
        left_out.iter().for_each(|number| self.met.remove(*number));
        self.numbers.extend_from_slice(kept);
    }

    pub(super) fn taken(&self) -> &Taken {
        &self.taken
    }

    /// Whether a limit left something out.
    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Whether a number was met.
    pub(super) fn has(&self, number: u32) -> bool {
        self.met.has(number)
    }

    /// Everything that was met, nearest first, of one distance by number.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The numbers of each distance, the start's first.
    pub(super) fn levels(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.ends.len()).map(|distance| self.level(distance))
    }

    /// How far a number is from the start, if it was met.
    pub(super) fn distance(&self, number: u32) -> Option<usize> {
        self.levels().position(|level| level.binary_search(&number).is_ok())
    }

    /// The numbers of a distance, ascending.
    pub(super) fn level(&self, distance: usize) -> &[u32] {
        let start = distance.checked_sub(1).map_or(0, |before| self.end(before));
        &self.numbers[start..self.end(distance)]
    }

    /// How many numbers are so far away, or nearer.
    pub(super) fn end(&self, distance: usize) -> usize {
        self.ends[distance]
    }

    /// The places of the numbers that are farthest from the start.
    fn farthest(&self) -> Range<usize> {
        let end = self.numbers.len();
        let before = self.ends.len().checked_sub(2);
        before.map_or(0, |before| self.ends[before])..end
    }
}

//! Sets of numbers that grow fast: what was met on a walk, what is wanted in order.

use std::iter;

/// Up to so many numbers are a list: a bit for each number of a large catalog would cost more.
const FEW: usize = 64;

/// A set of numbers that grows fast.
#[derive(Debug, Clone, Default)]
pub(super) struct Met {
    few: Vec<u32>,
    /// A bit for each number, once there are many.
    bits: Box<[u64]>,
    /// What every number is below.
    end: u32,
}

impl Met {
    /// A set of numbers below an end, with none in it.
    pub(super) fn below(end: u32) -> Self {
        Self { end, ..Self::default() }
    }

    pub(super) fn has(&self, number: u32) -> bool {
        if self.bits.is_empty() {
            return self.few.contains(&number);
        }
        let (word, bit) = path(number);
        self.bits.get(word).is_some_and(|it| it & bit != 0)
    }

    /// Adds a number, if it is wanted. Says whether that was done: whether it was not there.
    ///
    /// On a long walk nobody can tell beforehand what is wanted or new, so that neither is a branch.
    #[inline]
    pub(super) fn add(&mut self, number: u32, is_wanted: bool) -> bool {
        if self.bits.is_empty() {
            return is_wanted && self.add_to_few(number);
        }
        let (word, bit) = path(number);
        let word = &mut self.bits[word];
        let is_new = is_wanted & (*word & bit == 0);
        *word |= if is_new { bit } else { 0 };
        is_new
    }

    // Long walks are what has to be fast.
    #[cold]
    fn add_to_few(&mut self, number: u32) -> bool {
        if self.few.contains(&number) {
            return false;
        }
        self.few.push(number);
        if self.few.len() > FEW {
            self.bits = bits(self.end, &self.few);
        }
        true
    }

    pub(super) fn remove(&mut self, number: u32) {
        self.few.retain(|it| *it != number);
        let (word, bit) = path(number);
        if let Some(word) = self.bits.get_mut(word) {
            *word &= !bit;
        }
    }
}

/// Puts numbers in order, each of them once.
pub(super) fn sort(numbers: &mut [u32]) {
    let end = numbers.iter().max().map_or(0, |last| last + 1);
    // One that is compared with the others costs as much as passing over some words.
    if numbers.len() < end as usize / 64 / 4 || numbers.len() < FEW {
        return numbers.sort_unstable();
    }
    let bits = bits(end, numbers);
    let mut places = numbers.iter_mut();
    for (word, first) in bits.iter().zip((0..).step_by(64)) {
        let mut left = *word;
        while left != 0 {
            places.next().into_iter().for_each(|place| *place = first + left.trailing_zeros());
            left &= left - 1;
        }
    }
}

fn bits(end: u32, numbers: &[u32]) -> Box<[u64]> {
    // Filled by hand: an allocator that is asked for zeros gives memory back for them and takes other, page by page.
    let mut bits: Box<[u64]> = iter::repeat_n(0, end as usize / 64 + 1).collect();
    for (word, bit) in numbers.iter().map(|number| path(*number)) {
        bits[word] |= bit;
    }
    bits
}

/// The word of a number, and the bit in it.
fn path(number: u32) -> (usize, u64) {
    (number as usize / 64, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const END: u32 = 20_000;

    proptest! {
        #[test]
        fn as_a_set(
            steps in prop::collection::vec((0..4_u8, prop_oneof![0..70_u32, 0..END]), 0..300),
        ) {
            let (mut met, mut want) = (Met::below(END), BTreeSet::new());
            for (what, number) in &steps {
                match what {
                    0 => {
                        met.remove(*number);
                        want.remove(number);
                    }
                    1 => prop_assert!(!met.add(*number, false)),
                    _ => prop_assert_eq!(met.add(*number, true), want.insert(*number)),
                }
            }
            for number in steps.iter().flat_map(|(_, number)| [*number, number + 1, number + 64]) {
                prop_assert_eq!(met.has(number), want.contains(&number));
            }
        }

        #[test]
        fn sorted(numbers in prop::collection::hash_set(0..END, 0..400), offset in 0..4_000_000_u32) {
            let mut numbers: Vec<u32> = numbers.into_iter().map(|number| number + offset).collect();
            let want: BTreeSet<u32> = numbers.iter().copied().collect();
            sort(&mut numbers);
            prop_assert!(numbers.into_iter().eq(want));
        }
    }
}

//! Numbers in as few bits as they need.

use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A list of numbers, each as its distance from a straight line. All of it wraps around.
///
/// Numbers that are all the same, or that follow each other in equal steps, cost nothing but the line; numbers that are
/// close to it cost a few bits each.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Packed {
    len: u32,
    /// The number that the line begins with. Distances are counted from the line upwards.
    first: u32,
    /// How much the line rises from one to the next.
    step: u32,
    /// Bits for each distance.
    width: u32,
    #[serde(serialize_with = "write_words", deserialize_with = "read_words")]
    words: Box<[u64]>,
}

impl Packed {
    /// The list of these numbers.
    pub(super) fn new(numbers: &[u32]) -> Self {
        let mut packed = Self::around(numbers);
        packed.words = vec![0; (numbers.len() * packed.width as usize).div_ceil(64)].into();
        if packed.width > 0 {
            numbers.iter().enumerate().for_each(|(at, number)| packed.write(at, *number));
        }
        packed
    }

    /// A list around the best of three lines: a level one, one that rises by one, and one from the first to the last
    /// number.
    fn around(numbers: &[u32]) -> Self {
        let mean = match numbers {
            [first, .., last] => last.saturating_sub(*first) / (numbers.len() as u32 - 1),
            _ => 0,
        };
        let mut best = Self { width: u32::MAX, ..Self::default() };
        for step in [0, 1, mean] {
            let (first, width) = lowest(numbers, step);
            if width < best.width {
                best = Self { len: numbers.len() as u32, first, step, width, words: Box::default() };
            }
        }
        best
    }

    pub(super) fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether what was read can be asked about.
    pub(super) fn is_sound(&self) -> bool {
        let bits = self.len() * self.width as usize;
        self.width <= u32::BITS && self.words.len() == bits.div_ceil(64)
    }

    /// Whether every number is zero.
    pub(super) fn is_zero(&self) -> bool {
        (self.first, self.step, self.width) == (0, 0, 0)
    }

    /// The number at a place of the list.
    pub(super) fn get(&self, at: usize) -> u32 {
        let (word, shift) = self.place(at);
        let low = self.words.get(word).map_or(0, |it| it >> shift);
        let high = match self.words.get(word + 1) {
            Some(next) if shift + self.width > 64 => next << (64 - shift),
            _ => 0,
        };
        self.line(at).wrapping_add(((low | high) & self.mask()) as u32)
    }

    /// Puts all of the numbers into a list, in place of what is there.
    pub(super) fn unpack(&self, numbers: &mut Vec<u32>) {
        numbers.clear();
        if self.width == 0 {
            numbers.extend((0..self.len()).map(|at| self.line(at)));
        } else {
            numbers.extend(self.iter());
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.range(0..self.len())
    }

    pub(super) fn range(
        &self,
        places: Range<usize>,
    ) -> impl ExactSizeIterator<Item = u32> + DoubleEndedIterator {
        places.map(|at| self.get(at))
    }

    /// The place behind everything that is `before`, which must be so for a beginning of the list.
    pub(super) fn partition_point(&self, before: impl Fn(u32) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if before(self.get(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Whether a number is close enough to the line at a place to be put there.
    pub(super) fn fits(&self, at: usize, number: u32) -> bool {
        u64::from(number.wrapping_sub(self.line(at))) <= self.mask()
    }

    /// Puts a number that fits at a place of the list.
    pub(super) fn put(&mut self, at: usize, number: u32) {
        if self.width > 0 {
            self.write(at, number);
        }
    }

    /// Puts a number that fits behind the others.
    pub(super) fn push(&mut self, number: u32) {
        self.len += 1;
        let words = (self.len() * self.width as usize).div_ceil(64);
        if words > self.words.len() {
            let mut grown = std::mem::take(&mut self.words).into_vec();
            grown.resize(words, 0);
            self.words = grown.into();
        }
        self.put(self.len() - 1, number);
    }

    fn line(&self, at: usize) -> u32 {
        self.first.wrapping_add(self.step.wrapping_mul(at as u32))
    }

    fn mask(&self) -> u64 {
        (1 << self.width) - 1
    }

    /// The word that a place begins in, and the bit.
    fn place(&self, at: usize) -> (usize, u32) {
        let bit = at * self.width as usize;
        (bit / 64, (bit % 64) as u32)
    }

    fn write(&mut self, at: usize, number: u32) {
        let (mask, (word, shift)) = (self.mask(), self.place(at));
        let distance = u64::from(number.wrapping_sub(self.line(at)));
        let low = &mut self.words[word];
        *low = *low & !(mask << shift) | distance << shift;
        if shift + self.width > 64 {
            let high = &mut self.words[word + 1];
            *high = *high & !(mask >> (64 - shift)) | distance >> (64 - shift);
        }
    }
}

/// Words as bytes, the lowest first: there are many of them, and all of their bits mean something.
fn write_words<S: Serializer>(words: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    serializer.serialize_bytes(&bytes)
}

fn read_words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[u64]>, D::Error> {
    let bytes = <&[u8]>::deserialize(deserializer)?;
    Ok(bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

/// Where a line of this rise has to begin to have all numbers above it, and the bits of the largest distance.
fn lowest(numbers: &[u32], step: u32) -> (u32, u32) {
    let Some(first) = numbers.first() else { return (0, 0) };
    let (mut low, mut high) = (0_i32, 0_i32);
    for (number, at) in numbers.iter().zip(0_u32..) {
        let distance = number.wrapping_sub(step.wrapping_mul(at)).wrapping_sub(*first) as i32;
        low = low.min(distance);
        high = high.max(distance);
    }
    let range = high.wrapping_sub(low) as u32;
    (first.wrapping_add(low as u32), u32::BITS - range.leading_zeros())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lists of every shape: anything, the same, in steps, close to a line.
    fn lists() -> impl Strategy<Value = Vec<u32>> {
        let line = (any::<u32>(), 0..70_000_u32, prop::collection::vec(0..9_u32, 0..300));
        let line = line.prop_map(|(first, step, noise)| {
            let at =
                |at: u32, noise: u32| first.saturating_add(at.saturating_mul(step)).saturating_add(noise);
            noise.into_iter().zip(0..).map(|(noise, number)| at(number, noise)).collect()
        });
        prop_oneof![
            prop::collection::vec(any::<u32>(), 0..300),
            (any::<u32>(), 0..300_usize).prop_map(|(number, len)| vec![number; len]),
            line,
        ]
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(numbers in lists()) {
            let packed = Packed::new(&numbers);
            prop_assert_eq!(&packed.iter().collect::<Vec<_>>(), &numbers);
            let mut unpacked = vec![7];
            packed.unpack(&mut unpacked);
            prop_assert_eq!(unpacked, numbers);
        }

        #[test]
        fn what_fits_can_be_put_and_pushed(
            mut numbers in lists(),
            steps in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u32, any::<bool>()), 0..40),
        ) {
            let mut packed = Packed::new(&numbers);
            for (at, change, push) in steps {
                let at = if push || numbers.is_empty() { numbers.len() } else { at.index(numbers.len()) };
                let number = packed.line(at).wrapping_add(change << packed.width.saturating_sub(1).min(30));
                if !packed.fits(at, number) {
                    continue;
                }
                if at == numbers.len() {
                    packed.push(number);
                    numbers.push(number);
                } else {
                    packed.put(at, number);
                    numbers[at] = number;
                }
            }
            prop_assert_eq!(packed.iter().collect::<Vec<_>>(), numbers);
        }
    }

    #[test]
    fn what_is_regular_costs_nothing() {
        let words = |numbers: &[u32]| Packed::new(numbers).words.len();
        assert_eq!(words(&[7; 256]), 0);
        assert_eq!(words(&(90..346).collect::<Vec<_>>()), 0);
        assert_eq!(words(&(0..256).map(|it| it * 3).collect::<Vec<_>>()), 0);
        assert_eq!(words(&(0..256).map(|it| it % 2).collect::<Vec<_>>()), 4);
    }
}

//! Numbers in as few bits as they need.

/// A list of numbers, each as its distance from a straight line.
///
/// Numbers that are all the same, or that follow each other in equal steps, cost nothing but the line; numbers that are
/// close to it cost a few bits each.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed {
    /// The line's first number, below or on every number.
    first: u32,
    /// How much the line rises from one to the next.
    step: u32,
    /// Bits for each distance.
    width: u8,
    words: Box<[u64]>,
}

impl Packed {
    /// The list of these numbers. Tries a level line, one that rises by one, and one from the first to the last number.
    pub(super) fn new(numbers: &[u32]) -> Self {
        let mean = match numbers {
            [first, .., last] if last > first => (last - first) / rounds(numbers.len()),
            _ => 0,
        };
        let lines = [0, 1, mean].into_iter().filter_map(|step| {
            let (lowest, highest) = distances(numbers, step);
            Some((bits(highest - lowest), u32::try_from(lowest).ok()?, step))
        });
        // A level line always fits.
        let (width, first, step) = lines.min().unwrap_or_default();
        Self { first, step, width, words: pack(numbers, first, step, width) }
    }

    /// The number at a place of the list.
    pub(super) fn get(&self, at: usize) -> u32 {
        self.line(at).wrapping_add(self.distance(at))
    }

    fn line(&self, at: usize) -> u32 {
        self.first.wrapping_add(self.step.wrapping_mul(at as u32))
    }

    fn distance(&self, at: usize) -> u32 {
        let width = usize::from(self.width);
        let (word, shift) = (at * width / 64, at * width % 64);
        let low = self.words.get(word).map_or(0, |it| it >> shift);
        let high = match self.words.get(word + 1) {
            Some(next) if shift + width > 64 => next << (64 - shift),
            _ => 0,
        };
        ((low | high) & mask(self.width)) as u32
    }
}

/// How many steps there are from the first to the last of so many.
fn rounds(len: usize) -> u32 {
    u32::try_from(len - 1).unwrap_or(u32::MAX)
}

/// The smallest and the largest distance from a line that begins at zero.
fn distances(numbers: &[u32], step: u32) -> (i64, i64) {
    let line = (0..).map(|at: i64| at * i64::from(step));
    let distances = numbers.iter().zip(line).map(|(number, line)| i64::from(*number) - line);
    distances
        .map(|it| (it, it))
        .reduce(|(low, high), (it, _)| (low.min(it), high.max(it)))
        .unwrap_or_default()
}

/// The bits that a distance needs.
fn bits(distance: i64) -> u8 {
    (i64::BITS - distance.leading_zeros()) as u8
}

fn mask(width: u8) -> u64 {
    (1 << width) - 1
}

fn pack(numbers: &[u32], first: u32, step: u32, width: u8) -> Box<[u64]> {
    let width = usize::from(width);
    let mut words = vec![0; (numbers.len() * width).div_ceil(64)];
    if width == 0 {
        return words.into();
    }
    for (at, number) in numbers.iter().enumerate() {
        let line = first.wrapping_add(step.wrapping_mul(at as u32));
        let distance = u64::from(number.wrapping_sub(line));
        let (word, shift) = (at * width / 64, at * width % 64);
        words[word] |= distance << shift;
        if shift + width > 64 {
            words[word + 1] |= distance >> (64 - shift);
        }
    }
    words.into()
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
            let unpacked: Vec<u32> = (0..numbers.len()).map(|at| packed.get(at)).collect();
            prop_assert_eq!(unpacked, numbers);
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

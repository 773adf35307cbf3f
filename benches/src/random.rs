//! Numbers that look random and are the same every time.

/// A splitmix64 generator.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of one entity: it does not depend on how many others there are.
    pub(crate) fn of(index: usize) -> Self {
        Self(index as u64 + 1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound, each as likely as the others.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// A number below a bound, small ones more likely: a few things in a company are used by everybody.
    pub(crate) fn skewed(&mut self, bound: usize) -> usize {
        let reach = self.below(bound) + 1;
        self.below(reach)
    }

    /// One of a list.
    pub(crate) fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        list[self.below(list.len())]
    }

    /// Some different ones of a list.
    pub(crate) fn sample<'l>(&mut self, count: usize, list: &[&'l str]) -> Vec<&'l str> {
        let mut left = list.to_vec();
        (0..count.min(list.len())).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}

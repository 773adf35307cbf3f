//! Sets of numbers.

use std::borrow::Borrow;
use std::iter;
use std::sync::Arc;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// Up to here a set is a sorted list: smaller than bitmaps, and as fast.
const MOST_IN_A_LIST: usize = 512;

/// From so many numbers on, bits may sort them.
const MANY_TO_SORT: usize = 1024;

/// A set of numbers, of which copies share what they have in common.
///
/// One number costs no allocation, a few are a sorted list, many are bitmaps over blocks of 65,536 numbers. Changing a
/// set copies a list, or one block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ids(Form);

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Form {
    One(u32),
    /// Ascending, none or two or more.
    Few(Arc<[u32]>),
    Many(Arc<Many>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Many {
    len: usize,
    /// By their upper half; each is never empty.
    blocks: Vec<(u16, Arc<RoaringBitmap>)>,
}

impl Default for Ids {
    fn default() -> Self {
        Self(Form::Few(Arc::default()))
    }
}

impl PartialEq for Ids {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Ids {
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Form::One(_) => 1,
            Form::Few(list) => list.len(),
            Form::Many(many) => many.len,
        }
    }

    /// Whether what was read can be asked about, and every number in it is below an end.
    pub(crate) fn is_sound(&self, end: u32) -> bool {
        let has_len = match &self.0 {
            Form::One(_) => true,
            Form::Few(list) => list.len() != 1,
            Form::Many(many) => many.is_sound(),
        };
        has_len && self.iter().is_sorted_by(|a, b| a < b) && self.iter().all(|id| id < end)
    }

    pub(crate) fn contains(&self, id: u32) -> bool {
        match &self.0 {
            Form::One(one) => *one == id,
            Form::Few(list) => list.binary_search(&id).is_ok(),
            Form::Many(many) => many.block(upper(id)).is_some_and(|block| block.contains(id)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        let (list, blocks): (&[u32], &[_]) = match &self.0 {
            Form::One(one) => (std::slice::from_ref(one), &[]),
            Form::Few(list) => (list, &[]),
            Form::Many(many) => (&[], &many.blocks),
        };
        list.iter().copied().chain(blocks.iter().flat_map(|(_, block)| block.iter()))
    }

    pub(crate) fn insert(&mut self, id: u32) {
        if self.contains(id) {
            return;
        }
        if let Form::Many(many) = &mut self.0 {
            return Arc::make_mut(many).insert(id);
        }
        let at = self.iter().take_while(|it| *it < id).count();
        let grown: Vec<u32> = self.iter().take(at).chain([id]).chain(self.iter().skip(at)).collect();
        *self = Self::from_sorted(grown);
    }

    pub(crate) fn remove(&mut self, id: u32) {
        if !self.contains(id) {
            return;
        }
        match &mut self.0 {
            Form::Many(many) if many.len > MOST_IN_A_LIST / 2 => Arc::make_mut(many).remove(id),
            _ => *self = Self::from_sorted(self.iter().filter(|it| *it != id).collect()),
        }
    }

    /// Inserts a number, or removes it.
    pub(super) fn put(&mut self, id: u32, is_in: bool) {
        if is_in {
            self.insert(id);
        } else {
            self.remove(id);
        }
    }

    /// The set of numbers that ascend.
    pub(crate) fn from_sorted(ids: Vec<u32>) -> Self {
        Self(match ids.len() {
            1 => Form::One(ids[0]),
            len if len <= MOST_IN_A_LIST => Form::Few(ids.into()),
            len => Form::Many(Arc::new(Many { len, blocks: blocks(&ids) })),
        })
    }

    /// The set of numbers that ascend, as they come.
    pub(super) fn from_ascending(mut ids: impl ExactSizeIterator<Item = u32>) -> Self {
        match ids.len() {
            0 => Self::default(),
            1 => Self(ids.next().map_or_else(|| Form::Few(Arc::default()), Form::One)),
            _ => Self::from_sorted(ids.collect()),
        }
    }

    /// What is in one of several.
    pub(crate) fn union<S: Borrow<Self>>(sets: impl IntoIterator<Item = S>) -> Self {
        let (mut large, mut small): (Option<Many>, Vec<u32>) = (None, Vec::new());
        let mut sets = sets.into_iter();
        let Some(first) = sets.next() else { return Self::default() };
        let Some(second) = sets.next() else { return first.borrow().clone() };
        for set in [first, second].into_iter().chain(sets) {
            match (&set.borrow().0, &mut large) {
                (Form::Many(many), None) => large = Some(Many::clone(many)),
                (Form::Many(many), Some(large)) => large.unite(many),
                _ => small.extend(set.borrow().iter()),
            }
        }
        let small = sorted(small);
        match large {
            None => Self::from_sorted(small),
            Some(mut large) => {
                large.unite(&Many { len: small.len(), blocks: blocks(&small) });
                Self(Form::Many(Arc::new(large)))
            }
        }
    }

    /// What is in both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Form::Many(a), Form::Many(b)) => {
                let both = a.pairs(b).filter_map(|(upper, a, b)| Some((upper, &**a & &**b?)));
                Many::of(both)
            }
            (Form::Many(_), _) => other.intersection(self),
            _ => Self::from_sorted(self.iter().filter(|id| other.contains(*id)).collect()),
        }
    }

    /// How many are in both.
    pub(crate) fn intersection_len(&self, other: &Self) -> usize {
        match (&self.0, &other.0) {
            (Form::Many(a), Form::Many(b)) => a
                .pairs(b)
                .filter_map(|(_, a, b)| Some(a.intersection_len(b?)))
                .map(|len| usize::try_from(len).unwrap_or(usize::MAX))
                .sum(),
            (Form::Many(_), _) => other.intersection_len(self),
            _ => self.iter().filter(|id| other.contains(*id)).count(),
        }
    }

    /// Whether anything is in both.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Many(a), Form::Many(b)) => {
                a.pairs(b).any(|(_, a, b)| b.is_some_and(|b| meet(a, b) && !a.is_disjoint(b)))
            }
            (Form::Many(_), _) => other.intersects(self),
            _ => self.iter().any(|id| other.contains(id)),
        }
    }

    /// What is in this one alone.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Form::Many(a), Form::Many(b)) => Many::of(a.pairs(b).map(|(upper, a, b)| match b {
                Some(b) => (upper, &**a - &**b),
                None => (upper, RoaringBitmap::clone(a)),
            })),
            (Form::Many(many), _) => {
                let mut left = Many::clone(many);
                other.iter().filter(|id| self.contains(*id)).for_each(|id| left.remove(id));
                left.into_ids()
            }
            _ => Self::from_sorted(self.iter().filter(|id| !other.contains(*id)).collect()),
        }
    }
}

impl FromIterator<u32> for Ids {
    fn from_iter<I: IntoIterator<Item = u32>>(ids: I) -> Self {
        Self::from_sorted(sorted(ids.into_iter().collect()))
    }
}

/// Numbers, ascending, each once.
fn sorted(mut ids: Vec<u32>) -> Vec<u32> {
    let words = ids.iter().max().map_or(0, |most| *most as usize / 64 + 1);
    // One bit each, read in order, takes a tenth of the time, where there are not many more words than numbers.
    if ids.len() < MANY_TO_SORT || words > ids.len() || ids.is_sorted() {
        ids.sort_unstable();
        ids.dedup();
        return ids;
    }
    // Filled by hand: an allocator that is asked for zeros gives memory back for them and takes other, page by page.
    let mut bits: Vec<u64> = iter::repeat_n(0, words).collect();
    ids.drain(..).for_each(|id| bits[id as usize / 64] |= 1 << (id % 64));
    for (mut word, first) in bits.into_iter().zip((0..).step_by(64)) {
        while word != 0 {
            ids.push(first + word.trailing_zeros());
            word &= word - 1;
        }
    }
    ids
}

impl Many {
    fn of(blocks: impl Iterator<Item = (u16, RoaringBitmap)>) -> Ids {
        let blocks = blocks.filter(|(_, block)| !block.is_empty());
        let blocks: Vec<_> = blocks.map(|(upper, block)| (upper, Arc::new(block))).collect();
        let len = blocks.iter().map(|(_, block)| size(block)).sum();
        Self { len, blocks }.into_ids()
    }

    fn into_ids(self) -> Ids {
        if self.len > MOST_IN_A_LIST {
            return Ids(Form::Many(Arc::new(self)));
        }
        Ids::from_sorted(self.blocks.iter().flat_map(|(_, block)| block.iter()).collect())
    }

    fn is_sound(&self) -> bool {
        let in_place = |(upper, block): &(u16, Arc<RoaringBitmap>)| {
            let ends = [block.min(), block.max()];
            ends.iter().all(|end| end.is_some_and(|id| self::upper(id) == *upper))
        };
        self.blocks.iter().all(in_place)
            && self.blocks.iter().map(|(_, block)| size(block)).sum::<usize>() == self.len
    }

    fn find(&self, upper: u16) -> Result<usize, usize> {
        self.blocks.binary_search_by_key(&upper, |(upper, _)| *upper)
    }

    fn block(&self, upper: u16) -> Option<&RoaringBitmap> {
        self.find(upper).ok().map(|at| &*self.blocks[at].1)
    }

    fn insert(&mut self, id: u32) {
        let at = self.find(upper(id)).unwrap_or_else(|at| {
            self.blocks.insert(at, (upper(id), Arc::default()));
            at
        });
        self.len += usize::from(Arc::make_mut(&mut self.blocks[at].1).insert(id));
    }

    fn remove(&mut self, id: u32) {
        let Ok(at) = self.find(upper(id)) else { return };
        let block = Arc::make_mut(&mut self.blocks[at].1);
        self.len -= usize::from(block.remove(id));
        if block.is_empty() {
            self.blocks.remove(at);
        }
    }

    /// The blocks, each with that of another set for the same numbers.
    fn pairs<'m>(
        &'m self,
        other: &'m Self,
    ) -> impl Iterator<Item = (u16, &'m Arc<RoaringBitmap>, Option<&'m Arc<RoaringBitmap>>)> {
        let mut rest = other.blocks.iter().peekable();
        self.blocks.iter().map(move |(upper, block)| {
            while rest.next_if(|(other, _)| other < upper).is_some() {}
            (*upper, block, rest.peek().filter(|(other, _)| other == upper).map(|(_, block)| block))
        })
    }

    fn unite(&mut self, other: &Self) {
        for (upper, block) in &other.blocks {
            match self.find(*upper) {
                Ok(at) => *Arc::make_mut(&mut self.blocks[at].1) |= &**block,
                Err(at) => self.blocks.insert(at, (*upper, Arc::clone(block))),
            }
        }
        self.len = self.blocks.iter().map(|(_, block)| size(block)).sum();
    }
}

/// Whether numbers of one block may be in another too. It may take as long to find out as it takes to look at each of them.
fn meet(a: &RoaringBitmap, b: &RoaringBitmap) -> bool {
    a.min() <= b.max() && b.min() <= a.max()
}

/// Numbers that ascend, in blocks. Runs of neighbours are stored as such: entities of one source often are.
fn blocks(ids: &[u32]) -> Vec<(u16, Arc<RoaringBitmap>)> {
    let of_one_block = ids.chunk_by(|a, b| upper(*a) == upper(*b));
    let block = |ids: &[u32]| {
        let mut block = match *ids {
            // All of what lies between: most keys are of all entities, or of all of a kind.
            [first, .., last] if (last - first) as usize + 1 == ids.len() => range(first, last),
            _ => RoaringBitmap::from_sorted_iter(ids.iter().copied())
                .unwrap_or_else(|_| ids.iter().copied().collect()),
        };
        block.optimize();
        (upper(ids[0]), Arc::new(block))
    };
    of_one_block.map(block).collect()
}

fn range(first: u32, last: u32) -> RoaringBitmap {
    let mut range = RoaringBitmap::new();
    range.insert_range(first..=last);
    range
}

fn upper(id: u32) -> u16 {
    (id >> 16) as u16
}

fn size(block: &RoaringBitmap) -> usize {
    usize::try_from(block.len()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Sets of every form: single numbers, lists, bitmaps over several blocks, runs.
    fn sets() -> impl Strategy<Value = BTreeSet<u32>> {
        let run = (0..200_000_u32, 1..3_000_u32).prop_map(|(from, len)| (from..from + len).collect());
        let spread = prop::collection::btree_set(0..300_000_u32, 0..1_500);
        prop_oneof![prop::collection::btree_set(0..400_u32, 0..4), spread, run]
    }

    fn plain(ids: &Ids) -> BTreeSet<u32> {
        ids.iter().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

        #[test]
        fn numbers_in_any_order(
            numbers in prop::collection::vec(prop_oneof![9 => 0..60_000_u32, 1 => 0..100_000_u32], 0..2_500),
        ) {
            let want: BTreeSet<u32> = numbers.iter().copied().collect();
            prop_assert_eq!(plain(&numbers.iter().copied().collect()), want.clone());
            prop_assert_eq!(sorted(numbers), want.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn set_algebra(a in sets(), b in sets(), c in sets()) {
            let [x, y, z]: [Ids; 3] = [&a, &b, &c].map(|it| it.iter().copied().collect());
            prop_assert_eq!(plain(&x), a.clone());
            prop_assert_eq!(x.len(), a.len());
            prop_assert_eq!(plain(&x.intersection(&y)), &a & &b);
            prop_assert_eq!(x.intersection_len(&y), (&a & &b).len());
            prop_assert_eq!(x.intersects(&y), !a.is_disjoint(&b));
            prop_assert_eq!(plain(&x.difference(&y)), &a - &b);
            let all = Ids::union([&x, &y, &z]);
            prop_assert_eq!(plain(&all), &(&a | &b) | &c);
            prop_assert_eq!(all.len(), (&(&a | &b) | &c).len());
        }

        #[test]
        fn one_by_one(start in sets(), steps in prop::collection::vec((any::<bool>(), 0..300_000_u32), 0..40)) {
            let (mut ids, mut want): (Ids, _) = (start.iter().copied().collect(), start.clone());
            for (insert, id) in steps {
                // Half of the steps meet what is there.
                let id = if id % 2 == 0 { id } else { start.iter().copied().nth(id as usize % 7).unwrap_or(id) };
                let before = (ids.clone(), plain(&ids));
                if insert { ids.insert(id) } else { ids.remove(id) }
                if insert { want.insert(id) } else { want.remove(&id) };
                prop_assert_eq!(ids.contains(id), insert);
                prop_assert_eq!(ids.len(), want.len());
                prop_assert_eq!(plain(&before.0), before.1);
            }
            prop_assert_eq!(plain(&ids), want);
        }
    }
}

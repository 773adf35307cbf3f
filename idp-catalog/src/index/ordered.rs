//! Numbers in an order that something else decides.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::packed::Packed;

/// Numbers in a leaf, at most.
const LEAF: usize = 256;
/// Leaves in a branch, at most.
const BRANCH: usize = 128;

/// A sequence of numbers in an order that whoever asks knows, of which copies share what they have in common.
///
/// A tree of three levels: changing it copies a leaf, a branch and the list of branches. Nothing in it is ever empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ordered {
    branches: Arc<Vec<Arc<Vec<Leaf>>>>,
    len: usize,
}

type Leaf = Arc<Packed>;

/// A place in the sequence: before the element it leads to, or at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    branch: usize,
    leaf: usize,
    element: usize,
}

impl Place {
    pub(crate) const START: Self = Self { branch: 0, leaf: 0, element: 0 };
}

impl Ordered {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether what was read can be asked about, and every number in it is below an end.
    pub(crate) fn is_sound(&self, end: u32) -> bool {
        let mut leaves = self.branches.iter().flat_map(|leaves| leaves.iter());
        let is_sound = |leaf: &Leaf| leaf.len() > 0 && leaf.is_sound();
        self.branches.iter().all(|leaves| !leaves.is_empty())
            && leaves.all(is_sound)
            && self.from(Place::START).all(|number| number < end)
            && self.from(Place::START).count() == self.len
    }

    /// The sequence of numbers that are in order.
    pub(crate) fn from_sorted(numbers: &[u32]) -> Self {
        // Three quarters full, so that the first additions find room.
        let leaves: Vec<Leaf> = numbers.chunks(LEAF / 4 * 3).map(|it| Arc::new(Packed::new(it))).collect();
        let branches = leaves.chunks(BRANCH / 4 * 3).map(|it| Arc::new(it.to_vec())).collect();
        Self { branches: Arc::new(branches), len: numbers.len() }
    }

    /// The place behind everything that is `before`, which must be so for a beginning of the sequence.
    pub(crate) fn partition_point(&self, before: impl Fn(u32) -> bool) -> Place {
        // The last one that begins before it holds the place.
        let branch = self.branches.partition_point(|it| before(it[0].get(0))).saturating_sub(1);
        let Some(leaves) = self.branches.get(branch) else { return Place::START };
        let leaf = leaves.partition_point(|it| before(it.get(0))).saturating_sub(1);
        let element = leaves[leaf].partition_point(before);
        Place { branch, leaf, element }
    }

    /// Puts a number at a place.
    pub(crate) fn insert(&mut self, place: Place, number: u32) {
        let branches = Arc::make_mut(&mut self.branches);
        self.len += 1;
        let Some(branch) = branches.get_mut(place.branch) else {
            branches.push(Arc::new(vec![Arc::new(Packed::new(&[number]))]));
            return;
        };
        let leaves = Arc::make_mut(branch);
        let mut numbers: Vec<u32> = leaves[place.leaf].iter().collect();
        numbers.insert(place.element, number);
        if numbers.len() > LEAF {
            let rest = numbers.split_off(LEAF / 2);
            leaves.insert(place.leaf + 1, Arc::new(Packed::new(&rest)));
        }
        leaves[place.leaf] = Arc::new(Packed::new(&numbers));
        if leaves.len() > BRANCH {
            let rest = leaves.split_off(BRANCH / 2);
            branches.insert(place.branch + 1, Arc::new(rest));
        }
    }

    /// Takes the number at a place out, if it is this one.
    pub(crate) fn remove(&mut self, place: Place, number: u32) {
        if self.from(place).next() != Some(number) {
            return;
        }
        // The place may be the end of a leaf: then the number is the first of the next.
        let Place { mut branch, mut leaf, mut element } = place;
        if element == self.branches[branch][leaf].len() {
            (leaf, element) = (leaf + 1, 0);
            if leaf == self.branches[branch].len() {
                (branch, leaf) = (branch + 1, 0);
            }
        }
        self.len -= 1;
        let branches = Arc::make_mut(&mut self.branches);
        let leaves = Arc::make_mut(&mut branches[branch]);
        let mut numbers: Vec<u32> = leaves[leaf].iter().collect();
        numbers.remove(element);
        if numbers.is_empty() {
            leaves.remove(leaf);
        } else {
            leaves[leaf] = Arc::new(Packed::new(&numbers));
        }
        if leaves.is_empty() {
            branches.remove(branch);
        }
    }

    /// Everything from a place on.
    pub(crate) fn from(&self, place: Place) -> impl Iterator<Item = u32> {
        let own = self.branches.get(place.branch);
        let part = own.map(|leaves| &leaves[place.leaf]).into_iter();
        let behind = own.map_or(&[][..], |leaves| &leaves[place.leaf + 1..]);
        let whole = self.branches.get(place.branch + 1..).unwrap_or_default();
        let leaves = behind.iter().chain(whole.iter().flat_map(|leaves| leaves.iter()));
        part.flat_map(move |leaf| leaf.range(place.element..leaf.len()))
            .chain(leaves.flat_map(|leaf| leaf.iter()))
    }

    /// Everything from a place to another one.
    pub(crate) fn between(&self, from: Place, to: Place) -> impl Iterator<Item = u32> {
        self.from(from).take(self.rank(to).saturating_sub(self.rank(from)))
    }

    /// How many come before a place.
    fn rank(&self, place: Place) -> usize {
        let whole = self.branches.iter().take(place.branch).flat_map(|leaves| leaves.iter());
        let own =
            self.branches.get(place.branch).into_iter().flat_map(|leaves| leaves.iter().take(place.leaf));
        whole.chain(own).map(|leaf| leaf.len()).sum::<usize>() + place.element
    }

    /// Everything before a place, backwards.
    pub(crate) fn back_from(&self, place: Place) -> impl Iterator<Item = u32> {
        let whole = self.branches.get(..place.branch).unwrap_or_default();
        let own = self.branches.get(place.branch);
        let before = own.map_or(&[][..], |leaves| &leaves[..place.leaf]);
        let part = own.map(|leaves| leaves[place.leaf].range(0..place.element)).into_iter().flatten();
        let leaves = whole.iter().flat_map(|leaves| leaves.iter()).chain(before);
        part.rev().chain(leaves.rev().flat_map(|leaf| leaf.iter().rev()))
    }

    /// The place behind the last one.
    pub(crate) fn end(&self) -> Place {
        let Some(leaves) = self.branches.last() else { return Place::START };
        let leaf = leaves.len() - 1;
        Place { branch: self.branches.len() - 1, leaf, element: leaves[leaf].len() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(ordered: &Ordered) -> Vec<u32> {
        ordered.from(Place::START).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn as_a_sorted_list(
            start in prop::collection::btree_set(0..100_000_u32, 0..2_000),
            steps in prop::collection::vec((any::<bool>(), 0..100_000_u32), 0..600),
        ) {
            let start: Vec<u32> = start.into_iter().collect();
            let mut ordered = Ordered::from_sorted(&start);
            let (kept, mut want) = (ordered.clone(), start.clone());
            for (insert, number) in steps {
                let place = ordered.partition_point(|it| it < number);
                match (insert, want.binary_search(&number)) {
                    (true, Err(at)) => {
                        ordered.insert(place, number);
                        want.insert(at, number);
                    }
                    (false, found) => {
                        ordered.remove(place, number);
                        let _ = found.map(|at| want.remove(at));
                    }
                    _ => {}
                }
                let at = want.partition_point(|it| *it < number);
                let place = ordered.partition_point(|it| it < number);
                prop_assert!(ordered.from(place).take(3).eq(want[at..].iter().take(3).copied()));
                prop_assert!(ordered.back_from(place).take(3).eq(want[..at].iter().rev().take(3).copied()));
                let up_to = want.partition_point(|it| *it < number + 900);
                let to = ordered.partition_point(|it| it < number + 900);
                prop_assert!(ordered.between(place, to).eq(want[at..up_to].iter().copied()));
                prop_assert_eq!(ordered.between(to, place).count(), 0);
            }
            prop_assert_eq!(ordered.len(), want.len());
            prop_assert!(ordered.back_from(ordered.end()).eq(want.iter().rev().copied()));
            prop_assert_eq!(all(&ordered), want);
            prop_assert_eq!(all(&kept), start);
        }
    }

    #[test]
    fn it_grows_from_nothing_and_shrinks_to_nothing() {
        let mut ordered = Ordered::default();
        for number in (0..100_000).rev() {
            ordered.insert(ordered.partition_point(|it| it < number), number);
        }
        assert!(all(&ordered).into_iter().eq(0..100_000));
        for number in 0..100_000 {
            ordered.remove(ordered.partition_point(|it| it < number), number);
        }
        assert_eq!((ordered.len(), ordered.end()), (0, Place::START));
    }
}

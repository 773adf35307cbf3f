//! Short lists of numbers, one for each number.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::packed::Packed;
use super::sparse::Sparse;

/// Lists in a page.
const LISTS: usize = 256;
/// Longest list in a page: others are apart, so that a page stays small whatever lists there are.
const LONGEST: usize = 32;

/// An array of short lists of numbers, of which copies share what they have in common. Most lists have one number, or
/// none.
///
/// Lists are in packed pages: neighbours with the same number, or with successive ones, cost next to nothing. A number
/// that is close to the others is put in its place; any other makes the page anew.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Lists {
    pages: Sparse<Arc<Page>>,
    /// Lists that are too long for a page.
    long: Sparse<Arc<[u32]>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Page {
    /// Where each list begins, up to the last one that has a number, and behind it where that ends.
    starts: Packed,
    numbers: Packed,
}

impl Lists {
    /// The numbers of a list.
    pub(super) fn get(&self, index: u32) -> impl ExactSizeIterator<Item = u32> {
        let (long, page) = (self.long.get(index), self.pages.get(page_of(index)));
        let range = match (long, page) {
            (Some(long), _) => 0..long.len(),
            (None, page) => page.map_or(0..0, |page| page.range(place_in_page(index))),
        };
        range.map(move |at| match (long, page) {
            (Some(long), _) => long[at],
            (None, page) => page.map_or(0, |page| page.numbers.get(at)),
        })
    }

    /// The numbers of several lists, whose indexes do not descend. Each page is looked for once.
    pub(super) fn gather(&self, indexes: &[u32]) -> Vec<u32> {
        let mut gathered = Vec::with_capacity(indexes.len());
        let has_long = self.long.iter().next().is_some();
        for indexes in indexes.chunk_by(|a, b| page_of(*a) == page_of(*b)) {
            let page = self.pages.get(page_of(indexes[0]));
            // An index may be asked for twice, and another one not at all.
            let is_all = indexes.len() == LISTS && !has_long && indexes.is_sorted_by(|a, b| a < b);
            if let Some(page) = page.filter(|_| is_all) {
                gathered.extend(page.numbers.iter());
                continue;
            }
            for index in indexes {
                match page {
                    _ if has_long && self.long.get(*index).is_some() => gathered.extend(self.get(*index)),
                    Some(page) => gathered.extend(page.list(place_in_page(*index))),
                    None => {}
                }
            }
        }
        gathered
    }

    /// Makes a list consist of these numbers.
    pub(super) fn set(&mut self, index: u32, list: &[u32]) {
        if list.len() > LONGEST {
            self.long.set(index, list.into());
            self.set_in_page(index, &[]);
        } else {
            self.long.remove(index);
            self.set_in_page(index, list);
        }
    }

    fn set_in_page(&mut self, index: u32, list: &[u32]) {
        let (number, place) = (page_of(index), place_in_page(index));
        match self.pages.get_mut(number) {
            Some(page) => {
                let page = Arc::make_mut(page);
                page.set(place, list);
                if page.numbers.len() == 0 {
                    self.pages.remove(number);
                }
            }
            None if list.is_empty() => {}
            None => self.pages.set(number, Arc::new(Page::of(place, list))),
        }
    }

    /// Whether what was read can be asked about, and every number in it is below an end.
    pub(super) fn is_sound(&self, end: u32) -> bool {
        let mut is_sound = self.pages.iter().all(|(_, page)| page.is_sound());
        if is_sound {
            self.each(|_, list| is_sound &= list.iter().all(|number| *number < end));
        }
        is_sound
    }

    /// Shows every list that has a number, with its index, ascending. Each page is unpacked once.
    pub(super) fn each(&self, mut visit: impl FnMut(u32, &[u32])) {
        let mut long = self.long.iter().peekable();
        let (mut starts, mut numbers): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        for (number, page) in self.pages.iter() {
            page.starts.unpack(&mut starts);
            page.numbers.unpack(&mut numbers);
            for (range, index) in starts.windows(2).zip(number * LISTS as u32..) {
                while let Some((before, list)) = long.next_if(|(at, _)| *at < index) {
                    visit(before, list);
                }
                match &numbers[range[0] as usize..range[1] as usize] {
                    [] => {}
                    list => visit(index, list),
                }
            }
        }
        long.for_each(|(index, list)| visit(index, list));
    }
}

impl Page {
    /// A page with nothing but a list.
    fn of(place: usize, list: &[u32]) -> Self {
        let mut starts = vec![0; place + 1];
        starts.push(list.len() as u32);
        Self { starts: Packed::new(&starts), numbers: Packed::new(list) }
    }

    fn is_sound(&self) -> bool {
        let is_sound = self.starts.len() > 1 && self.starts.is_sound() && self.numbers.is_sound();
        is_sound && self.starts.iter().is_sorted() && self.start(self.last()) <= self.numbers.len()
    }

    fn range(&self, place: usize) -> Range<usize> {
        self.start(place)..self.start(place + 1)
    }

    fn list(&self, place: usize) -> impl ExactSizeIterator<Item = u32> {
        self.numbers.range(self.range(place))
    }

    fn start(&self, place: usize) -> usize {
        self.starts.get(place.min(self.last())) as usize
    }

    /// The place behind the last list that has a number.
    fn last(&self) -> usize {
        self.starts.len() - 1
    }

    fn set(&mut self, place: usize, list: &[u32]) {
        let range = self.range(place);
        let has_room = range.clone().zip(list).all(|(at, number)| self.numbers.fits(at, *number));
        if range.len() == list.len() && has_room {
            range.zip(list).for_each(|(at, number)| self.numbers.put(at, *number));
        } else if place < self.last() || !self.push(place, list) {
            self.rewrite(place, list);
        }
    }

    /// Adds a list behind all others, unless the page must be made anew for it.
    fn push(&mut self, place: usize, list: &[u32]) -> bool {
        let (last, end) = (self.last(), self.numbers.len());
        let grown = end + list.len();
        let starts = (last + 1..=place).map(|at| (at, end)).chain([(place + 1, grown)]);
        let has_room = starts.clone().all(|(at, start)| self.starts.fits(at, start as u32))
            && (end..).zip(list).all(|(at, number)| self.numbers.fits(at, *number));
        if has_room {
            starts.for_each(|(_, start)| self.starts.push(start as u32));
            list.iter().for_each(|number| self.numbers.push(*number));
        }
        has_room
    }

    fn rewrite(&mut self, place: usize, list: &[u32]) {
        let old = self.range(place);
        let (before, after) = (old.len() as u32, list.len() as u32);
        let (mut starts, mut numbers): (Vec<u32>, Vec<u32>) =
            (self.starts.iter().collect(), self.numbers.iter().collect());
        starts.resize(starts.len().max(place + 2), numbers.len() as u32);
        starts[place + 1..].iter_mut().for_each(|start| *start = *start + after - before);
        numbers.splice(old, list.iter().copied());
        // Where the last list lost its numbers, the one before it is the last.
        while starts.len() > 1 && starts[starts.len() - 2] as usize == numbers.len() {
            starts.pop();
        }
        *self = Self { starts: Packed::new(&starts), numbers: Packed::new(&numbers) };
    }
}

/// Writes lists in ascending order of their indexes.
#[derive(Debug, Default)]
pub(super) struct ListsBuilder {
    pages: Vec<(u32, Arc<Page>)>,
    long: Vec<(u32, Arc<[u32]>)>,
    /// Where the lists of the open page begin: those that were written.
    starts: Vec<u32>,
    numbers: Vec<u32>,
    /// The number of the open page.
    open: u32,
}

impl ListsBuilder {
    /// Adds a list behind all others.
    pub(super) fn push(&mut self, index: u32, list: &[u32]) {
        if list.len() > LONGEST {
            return self.long.push((index, list.into()));
        }
        if page_of(index) != self.open {
            self.close();
            self.open = page_of(index);
        }
        let start = self.numbers.len() as u32;
        self.starts.extend((self.starts.len()..=place_in_page(index)).map(|_| start));
        match list {
            // Most lists are such.
            [number] => self.numbers.push(*number),
            list => self.numbers.extend_from_slice(list),
        }
    }

    pub(super) fn build(mut self) -> Lists {
        self.close();
        Lists { pages: self.pages.into_iter().collect(), long: self.long.into_iter().collect() }
    }

    fn close(&mut self) {
        if !self.numbers.is_empty() {
            self.starts.push(self.numbers.len() as u32);
            let page = Page { starts: Packed::new(&self.starts), numbers: Packed::new(&self.numbers) };
            self.pages.push((self.open, Arc::new(page)));
        }
        self.starts.clear();
        self.numbers.clear();
    }
}

fn page_of(index: u32) -> u32 {
    index / LISTS as u32
}

fn place_in_page(index: u32) -> usize {
    index as usize % LISTS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn list() -> impl Strategy<Value = Vec<u32>> {
        prop_oneof![
            3 => (0..9_u32).prop_map(|it| vec![it]),
            1 => prop::collection::vec(any::<u32>(), 0..5),
            1 => prop::collection::vec(any::<u32>(), 30..36),
        ]
    }

    fn all(lists: &Lists) -> BTreeMap<u32, Vec<u32>> {
        let mut all = BTreeMap::new();
        lists.each(|index, list| {
            assert!(all.last_key_value().is_none_or(|(before, _)| *before < index));
            all.insert(index, list.to_vec());
        });
        all
    }

    proptest! {
        #[test]
        fn as_a_map_of_lists(
            start in prop::collection::btree_map(0..3000_u32, list(), 0..200),
            steps in prop::collection::vec((0..3000_u32, list()), 0..100),
        ) {
            let mut builder = ListsBuilder::default();
            start.iter().for_each(|(index, list)| builder.push(*index, list));
            let mut lists = builder.build();
            let (kept, mut want) = (lists.clone(), start.clone());
            for (index, list) in steps {
                lists.set(index, &list);
                prop_assert_eq!(lists.get(index).collect::<Vec<_>>(), list.clone());
                want.insert(index, list);
            }
            for (lists, mut want) in [(lists, want), (kept, start)] {
                for (index, list) in &want {
                    prop_assert_eq!(&lists.get(*index).collect::<Vec<_>>(), list);
                }
                let all_numbers = want.values().flatten().copied().collect::<Vec<_>>();
                prop_assert_eq!(lists.gather(&(0..3000).collect::<Vec<_>>()), all_numbers);
                let twice: Vec<u32> = (0..256).map(|index| index.max(1)).collect();
                let first = want.get(&1).into_iter().flatten();
                let others = want.range(1..256).flat_map(|(_, list)| list);
                prop_assert_eq!(lists.gather(&twice), first.chain(others).copied().collect::<Vec<_>>());
                let indexes: Vec<u32> = want.keys().copied().collect();
                prop_assert_eq!(lists.gather(&indexes), want.values().flatten().copied().collect::<Vec<_>>());
                want.retain(|_, list| !list.is_empty());
                prop_assert_eq!(all(&lists), want);
            }
        }
    }

    #[test]
    fn lists_that_were_emptied_leave_nothing() {
        let mut lists = Lists::default();
        lists.set(70_000, &[1, 2]);
        lists.set(70_001, &[0; 100]);
        lists.set(70_000, &[]);
        lists.set(70_001, &[]);
        assert_eq!((lists.pages.iter().count(), lists.long.iter().count()), (0, 0));
    }
}

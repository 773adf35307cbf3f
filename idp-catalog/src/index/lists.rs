//! Short lists of numbers, one for each number.

use std::sync::Arc;

use super::packed::Packed;
use super::sparse::Sparse;

/// Lists in a page.
const LISTS: usize = 256;

/// An array of short lists of numbers, of which copies share what they have in common. Most lists have one number, or
/// none.
///
/// Lists are in packed pages: neighbours with the same number, or with successive ones, cost next to nothing. A change
/// makes a page anew.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    pages: Sparse<Arc<Page>>,
}

#[derive(Debug)]
struct Page {
    /// Where each list begins, and behind them where the last one ends.
    starts: Packed,
    numbers: Packed,
}

impl Lists {
    /// The numbers of a list.
    pub(super) fn get(&self, index: u32) -> impl ExactSizeIterator<Item = u32> {
        let page = self.pages.get(page_of(index)).map(|page| &**page);
        let range = page.map_or(0..0, |page| page.range(place_in_page(index)));
        range.map(move |at| page.map_or(0, |page| page.numbers.get(at)))
    }

    /// Makes a list consist of these numbers.
    pub(super) fn set(&mut self, index: u32, list: &[u32]) {
        let known = self.pages.get(page_of(index));
        let mut open = known.map_or_else(Open::empty, |page| Open::of(page));
        open.set(place_in_page(index), list);
        match open.close() {
            Some(page) => self.pages.set(page_of(index), page),
            None => self.pages.remove(page_of(index)),
        }
    }

    /// Every list that has a number, with its index.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, impl ExactSizeIterator<Item = u32>)> {
        let lists = self.pages.iter().flat_map(|(number, page)| {
            (0..LISTS).map(move |place| (number * LISTS as u32 + place as u32, page, page.range(place)))
        });
        let lists = lists.filter(|(.., range)| !range.is_empty());
        lists.map(|(index, page, range)| (index, range.map(|at| page.numbers.get(at))))
    }
}

impl Page {
    fn range(&self, place: usize) -> std::ops::Range<usize> {
        self.starts.get(place) as usize..self.starts.get(place + 1) as usize
    }
}

/// A page that is being written.
#[derive(Debug)]
struct Open {
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Open {
    fn empty() -> Self {
        Self { starts: vec![0; LISTS + 1], numbers: Vec::new() }
    }

    fn of(page: &Page) -> Self {
        let starts: Vec<u32> = (0..=LISTS).map(|at| page.starts.get(at)).collect();
        let numbers = (0..starts[LISTS] as usize).map(|at| page.numbers.get(at)).collect();
        Self { starts, numbers }
    }

    fn set(&mut self, place: usize, list: &[u32]) {
        let old = self.starts[place] as usize..self.starts[place + 1] as usize;
        let (before, after) = (old.len() as u32, list.len() as u32);
        self.numbers.splice(old, list.iter().copied());
        for start in &mut self.starts[place + 1..] {
            *start = *start + after - before;
        }
    }

    /// The page, unless nothing is on it.
    fn close(&self) -> Option<Arc<Page>> {
        let page = || Page { starts: Packed::new(&self.starts), numbers: Packed::new(&self.numbers) };
        (!self.numbers.is_empty()).then(|| Arc::new(page()))
    }
}

/// Writes lists in ascending order of their indexes.
#[derive(Debug, Default)]
pub(super) struct ListsBuilder {
    pages: Vec<(u32, Arc<Page>)>,
    /// Where the lists of the open page begin: those that were written.
    starts: Vec<u32>,
    numbers: Vec<u32>,
    /// The number of the open page.
    open: u32,
}

impl ListsBuilder {
    /// Adds a list behind all others.
    pub(super) fn push(&mut self, index: u32, list: &[u32]) {
        if page_of(index) != self.open {
            self.close();
            self.open = page_of(index);
        }
        self.starts.resize(place_in_page(index) + 1, self.numbers.len() as u32);
        self.numbers.extend_from_slice(list);
    }

    pub(super) fn build(mut self) -> Lists {
        self.close();
        Lists { pages: self.pages.into_iter().collect() }
    }

    fn close(&mut self) {
        self.starts.resize(LISTS + 1, self.numbers.len() as u32);
        let open =
            Open { starts: std::mem::take(&mut self.starts), numbers: std::mem::take(&mut self.numbers) };
        self.pages.extend(open.close().map(|page| (self.open, page)));
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
        ]
    }

    fn all(lists: &Lists) -> BTreeMap<u32, Vec<u32>> {
        lists.iter().map(|(index, list)| (index, list.collect())).collect()
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
                want.retain(|_, list| !list.is_empty());
                prop_assert_eq!(all(&lists), want);
            }
        }
    }

    #[test]
    fn lists_that_were_emptied_leave_nothing() {
        let mut lists = Lists::default();
        lists.set(70_000, &[1, 2]);
        lists.set(70_000, &[]);
        assert_eq!(lists.pages.iter().count(), 0);
    }
}

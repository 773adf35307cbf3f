//! Rows of links by number.

use std::sync::Arc;

use super::page::{Page, PageBuilder, ROWS, Short};
use crate::index::{Paged, Sparse};

/// Links for each number, of which copies share what they have in common: in pages, but for those that are too long for
/// one.
#[derive(Debug)]
pub(super) struct Rows<L: ?Sized> {
    pages: Paged<Option<Arc<Page>>>,
    long: Sparse<Arc<L>>,
}

/// The links of a number.
pub(super) enum Row<'r, L: ?Sized> {
    Short(&'r [Short]),
    Long(&'r L),
}

impl<L: ?Sized> Clone for Rows<L> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone(), long: self.long.clone() }
    }
}

impl<L: ?Sized> Default for Rows<L> {
    fn default() -> Self {
        Self { pages: Paged::default(), long: Sparse::default() }
    }
}

impl<L: ?Sized> Rows<L> {
    pub(super) fn get(&self, number: u32) -> Row<'_, L> {
        self.get_with(number, u16::MAX)
    }

    /// The links of a number; none where none of them is of kinds with these bits.
    #[inline]
    pub(super) fn get_with(&self, number: u32, kinds: u16) -> Row<'_, L> {
        let place = place_in_page(number);
        let page = self.pages.get(page_of(number)).as_ref().filter(|page| page.may_have(place, kinds));
        let Some(page) = page else { return Row::Short(&[]) };
        match page.is_apart(place).then(|| self.long.get(number)).flatten() {
            Some(long) => Row::Long(long),
            None => Row::Short(page.row(place)),
        }
    }

    /// Whether a number has links.
    pub(super) fn has(&self, number: u32) -> bool {
        match self.get(number) {
            Row::Short(links) => !links.is_empty(),
            Row::Long(_) => true,
        }
    }

    /// Gives a number links that fit into a page.
    pub(super) fn set_short(&mut self, number: u32, links: &[Short]) {
        self.long.remove(number);
        self.set_in_page(number, Some(links));
    }

    /// Gives a number links that do not.
    pub(super) fn set_long(&mut self, number: u32, links: Arc<L>) {
        self.long.set(number, links);
        self.set_in_page(number, None);
    }

    /// Changes links that are in no page.
    pub(super) fn change_long(&mut self, number: u32, change: impl FnOnce(&mut Arc<L>)) {
        if let Some(links) = self.long.get_mut(number) {
            change(links);
        }
    }

    fn set_in_page(&mut self, number: u32, links: Option<&[Short]>) {
        let known = self.pages.get(page_of(number)).as_deref();
        let page = known.unwrap_or(&Page::default()).with(place_in_page(number), links);
        if page.is_empty() {
            self.pages.clear(page_of(number));
        } else {
            self.pages.set(page_of(number), Some(Arc::new(page)));
        }
    }
}

/// Writes rows in ascending order of their numbers.
#[derive(Debug)]
pub(super) struct RowsBuilder<L: ?Sized> {
    pages: Paged<Option<Arc<Page>>>,
    long: Vec<(u32, Arc<L>)>,
    page: PageBuilder,
    /// The number of the open page.
    open: u32,
}

impl<L: ?Sized> Default for RowsBuilder<L> {
    fn default() -> Self {
        Self { pages: Paged::default(), long: Vec::new(), page: PageBuilder::default(), open: 0 }
    }
}

impl<L: ?Sized> RowsBuilder<L> {
    pub(super) fn push_short(&mut self, number: u32, links: impl Iterator<Item = Short>) {
        self.open(number).push(place_in_page(number), links);
    }

    pub(super) fn push_long(&mut self, number: u32, links: Arc<L>) {
        self.open(number).push_apart(place_in_page(number));
        self.long.push((number, links));
    }

    pub(super) fn build(mut self) -> Rows<L> {
        self.close();
        Rows { pages: self.pages, long: self.long.into_iter().collect() }
    }

    fn open(&mut self, number: u32) -> &mut PageBuilder {
        if page_of(number) != self.open {
            self.close();
            self.open = page_of(number);
        }
        &mut self.page
    }

    fn close(&mut self) {
        let page = std::mem::take(&mut self.page).build();
        if !page.is_empty() {
            self.pages.set(self.open, Some(Arc::new(page)));
        }
    }
}

fn page_of(number: u32) -> u32 {
    number / ROWS as u32
}

fn place_in_page(number: u32) -> usize {
    number as usize % ROWS
}

//! An entity as the index takes it in.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Index;
use super::keys::Keys;
use super::text::{compare_lower, lower};
use crate::json::Json;
use crate::query::{Sink, is_short, is_short_in_lower_case, walk_values};

/// A value of a key. The texts that are in a list imply values of other keys; those have cells only where the list does not
/// say so itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell<'v> {
    /// The number of the key among the [`Keys`] that the cell was made with.
    pub(super) key: u32,
    /// Whether it is a text in a list.
    pub(super) is_item: bool,
    /// The value as it is written; `None` where there is one that cannot be compared (null, or too long).
    pub(super) value: Option<Cow<'v, str>>,
}

/// Cells that most documents have no more of.
const CELLS: usize = 64;

impl Keys {
    /// The cells of a document: by key, each value of a key once, in whatever case it is written first.
    pub(crate) fn cells_of<'v>(&mut self, document: Json<'v>) -> Vec<Cell<'v>> {
        let mut collect = Collect::new(self);
        walk_values(document, &mut collect);
        let mut cells = collect.cells;
        cells.iter_mut().for_each(|cell| cell.value = short(cell.value.take()));
        let mut cells = settled(cells);
        loop {
            let implied = self.implied(&cells);
            if implied.is_empty() {
                return cells;
            }
            // A list that has one of their keys holds other values too from here on. Each turn makes a key longer.
            cells = settled(cells.into_iter().chain(implied).collect());
        }
    }

    /// What the texts of lists imply that hold other values too, and what they imply of keys that have other values; as
    /// far as nothing else says so.
    fn implied(&mut self, cells: &[Cell<'_>]) -> Vec<Cell<'static>> {
        let (mut found, mut path) = (Vec::new(), String::new());
        for group in groups(cells).filter(|group| group.iter().any(|cell| cell.is_item)) {
            let is_listed = is_listed(group.iter());
            for item in group.iter().filter(|cell| cell.is_item).filter_map(|cell| cell.value.as_deref()) {
                path.clear();
                path.extend([self.name(group[0].key), ".", item]);
                let key = lower(&path);
                let known = self.number(&key).map_or(&[] as &[_], |key| of_key(cells, key));
                let is_wanted = !known.is_empty() || !is_listed && is_short(&key);
                let implied = |cell: &Cell<'_>| {
                    cell.value.as_deref().is_some_and(|value| compare_lower(value, Index::IMPLIED).is_eq())
                };
                if is_wanted && !known.iter().any(implied) {
                    let key = self.of_key(&key);
                    found.push(Cell { key, value: Some(Cow::Borrowed(Index::IMPLIED)), is_item: false });
                }
            }
        }
        found
    }
}

/// The cells of each key.
pub(super) fn groups<'c, 'v>(cells: &'c [Cell<'v>]) -> impl Iterator<Item = &'c [Cell<'v>]> {
    cells.chunk_by(|a, b| a.key == b.key)
}

/// Those of some cells, which are sorted, that have a key.
fn of_key<'c, 'v>(cells: &'c [Cell<'v>], key: u32) -> &'c [Cell<'v>] {
    let start = cells.partition_point(|cell| cell.key < key);
    let count = cells[start..].partition_point(|cell| cell.key == key);
    &cells[start..start + count]
}

/// Whether a key's cells are the items of a list, and nothing else.
pub(super) fn is_listed<'c>(mut cells: impl Iterator<Item = &'c Cell<'c>>) -> bool {
    cells.all(|cell| cell.is_item)
}

/// Sorted by key; of values of one key that are the same in lower case the first one stays.
pub(super) fn settled(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'_>> {
    // Stable, and fast: keys have their numbers from documents that are written in much the same order.
    cells.sort_by_key(|cell| cell.key);
    let mut are_apart = true;
    for group in cells.chunk_by_mut(|a, b| a.key == b.key).filter(|group| group.len() > 1) {
        group.sort_by(compare_values);
        are_apart &= group.windows(2).all(|pair| compare_values(&pair[0], &pair[1]).is_ne());
    }
    if !are_apart {
        cells.dedup_by(|next, first| {
            let same = next.key == first.key && compare_values(next, first).is_eq();
            first.is_item |= same && next.is_item;
            same
        });
    }
    cells
}

/// Compares values in lower case.
fn compare_values(a: &Cell<'_>, b: &Cell<'_>) -> Ordering {
    match (a.value.as_deref(), b.value.as_deref()) {
        (Some(a), Some(b)) => compare_lower(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// A value, unless it is too long to be compared.
pub(super) fn short(value: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    value.filter(|value| is_short_in_lower_case(value))
}

/// Collects cells as they come, also with values that are too long.
pub(super) struct Collect<'k, 'v> {
    keys: &'k mut Keys,
    pub(super) cells: Vec<Cell<'v>>,
    /// Whether an item implies a key of its own: see [`Collect::odd_key`].
    pub(super) has_odd_items: bool,
}

impl<'k, 'v> Collect<'k, 'v> {
    pub(super) fn new(keys: &'k mut Keys) -> Self {
        Self { keys, cells: Vec::with_capacity(CELLS), has_odd_items: false }
    }

    /// The key that an item implies, where it is not what the list's key and the item are in lower case: a Greek sigma
    /// ends a word in another form. Such an item is a value like any other, and its key has a cell.
    fn odd_key(&self, place: u32, text: &str) -> Option<String> {
        let path = self.keys.path(place);
        if path.is_ascii() && text.is_ascii() {
            return None;
        }
        let whole = format!("{path}.{text}");
        let parts = [&*lower(path), ".", &lower(text)].concat();
        (is_short(&whole) && lower(&whole) != parts).then_some(whole)
    }

    fn add(&mut self, key: Option<u32>, value: Option<Cow<'v, str>>, is_item: bool) {
        self.cells.extend(key.map(|key| Cell { key, is_item, value }));
    }
}

impl<'v> Sink<'v> for Collect<'_, 'v> {
    type At = u32;

    fn start(&self) -> u32 {
        Keys::START
    }

    fn member(&mut self, at: u32, key: &str) -> Option<u32> {
        self.keys.member(at, key)
    }

    fn is_skipped(&self, at: u32) -> bool {
        self.keys.is_skipped(at)
    }

    fn value(&mut self, at: u32, value: Option<Cow<'v, str>>) {
        let key = self.keys.at(at);
        self.add(key, value, false);
    }

    fn item(&mut self, at: u32, text: Cow<'v, str>) {
        let odd = self.odd_key(at, &text);
        let key = self.keys.at(at);
        self.add(key, Some(text), odd.is_none());
        if let Some(odd) = odd {
            self.has_odd_items = true;
            let key = self.keys.of_path(&odd);
            self.add(key, Some(Cow::Borrowed(Index::IMPLIED)), false);
        }
    }
}

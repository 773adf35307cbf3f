//! An entity as the index takes it in.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Index;
use super::text::lower;
use crate::json::Json;
use crate::query::{Sink, is_short, walk_values};

/// A value of a key. The texts that are in a list imply values of other keys; those have cells only where the list does not
/// say so itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell<'v> {
    /// The number of the key among the [`Keys`] that the cell was made with.
    pub(super) key: u32,
    /// The value as it is written; `None` where there is one that cannot be compared (null, or too long).
    pub(super) value: Option<Cow<'v, str>>,
    /// Whether it is a text in a list.
    pub(super) is_item: bool,
}

/// The keys of entities that are read together, by number: comparing those is most of what is done with keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// The numbers of paths as they are written; `None` for what is too long to be a key.
    paths: HashMap<String, Option<u32>, RandomState>,
    numbers: HashMap<Arc<str>, u32, RandomState>,
    names: Vec<Arc<str>>,
}

impl Keys {
    /// The keys, in the order of their numbers.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    fn of_path(&mut self, path: &str) -> Option<u32> {
        if let Some(number) = self.paths.get(path) {
            return *number;
        }
        let key = lower(path);
        let number = is_short(&key).then(|| self.of_key(&key));
        self.paths.insert(path.to_owned(), number);
        number
    }

    /// The number of a key, which is in lower case.
    fn of_key(&mut self, key: &str) -> u32 {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        let (name, number): (Arc<str>, _) = (key.into(), self.names.len() as u32);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// The cells of a document: by key, each value of a key once, in whatever case it is written first.
    pub(crate) fn cells_of<'v>(&mut self, document: Json<'v>) -> Vec<Cell<'v>> {
        let mut collect = Collect { keys: self, cells: Vec::with_capacity(48) };
        walk_values(document, &mut collect);
        let mut cells = settled(collect.cells);
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
            let is_listed = is_listed(group);
            for item in group.iter().filter(|cell| cell.is_item).filter_map(|cell| cell.value.as_deref()) {
                path.clear();
                path.extend([&*self.names[group[0].key as usize], ".", item]);
                let key = lower(&path);
                let known = self.numbers.get(&*key).map_or(&[] as &[_], |key| of_key(cells, *key));
                let is_wanted = !known.is_empty() || !is_listed && is_short(&key);
                if is_wanted && !known.iter().any(|cell| lower_value(cell).as_deref() == Some(Index::IMPLIED))
                {
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
pub(super) fn is_listed(cells: &[Cell<'_>]) -> bool {
    cells.iter().all(|cell| cell.is_item)
}

/// Sorted by key; of values of one key that are the same in lower case the first one stays.
fn settled(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'_>> {
    // Stable, and fast: keys have their numbers from documents that are written in much the same order.
    cells.sort_by_key(|cell| cell.key);
    let several = cells.chunk_by_mut(|a, b| a.key == b.key).filter(|group| group.len() > 1);
    several.for_each(|group| group.sort_by(|a, b| lower_value(a).cmp(&lower_value(b))));
    cells.dedup_by(|next, first| {
        let same = next.key == first.key && lower_value(next) == lower_value(first);
        first.is_item |= same && next.is_item;
        same
    });
    cells
}

fn lower_value<'c>(cell: &'c Cell<'_>) -> Option<Cow<'c, str>> {
    cell.value.as_deref().map(lower)
}

struct Collect<'k, 'v> {
    keys: &'k mut Keys,
    cells: Vec<Cell<'v>>,
}

impl<'v> Collect<'_, 'v> {
    /// The key that an item implies, where it is not what the list's key and the item are in lower case: a Greek sigma
    /// ends a word in another form. Such an item is a value like any other, and its key has a cell.
    fn odd_key(&self, path: &str, text: &str) -> Option<String> {
        if path.is_ascii() && text.is_ascii() {
            return None;
        }
        let whole = format!("{path}.{text}");
        let parts = [&*lower(path), ".", &lower(text)].concat();
        (is_short(&whole) && lower(&whole) != parts).then_some(whole)
    }

    fn add(&mut self, path: &str, value: Option<Cow<'v, str>>, is_item: bool) {
        if let Some(key) = self.keys.of_path(path) {
            let value = value.filter(|value| is_short(&lower(value)));
            self.cells.push(Cell { key, value, is_item });
        }
    }
}

impl<'v> Sink<'v> for Collect<'_, 'v> {
    fn value(&mut self, path: &str, value: Option<Cow<'v, str>>) {
        self.add(path, value, false);
    }

    fn item(&mut self, path: &str, text: Cow<'v, str>) {
        let odd = self.odd_key(path, &text);
        self.add(path, Some(text), odd.is_none());
        if let Some(key) = odd {
            self.add(&key, Some(Cow::Borrowed(Index::IMPLIED)), false);
        }
    }
}

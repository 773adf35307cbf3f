//! What the catalog is indexed with.
//!
//! Entities have numbers. For every key there is a column: which entities have the key, which have each value (sets of
//! numbers, as bitmaps where they are large), the values in order, and the values of each entity. A predicate is set
//! algebra, a facet counts intersections, an ordered page walks the values.
//!
//! # How it is stored
//!
//! Values have numbers: what is indexed at once has them in the order of the values, so that what is alike is together;
//! what comes later takes the next ones. Their texts are in pages of 64, without what they have in common at their
//! beginning; who has a value, which values an entity has, and their order are numbers in pages, packed as distances from
//! a straight line. Entities that are indexed at once have their numbers in the order of their references: a value of its
//! own for each entity that is in order too, as its title is, costs next to nothing besides its text. The lower case of a
//! text, and the set of those who have a value, are made when they are asked for.
//!
//! # How a change is published
//!
//! Every structure here is a tree of shared pages: a copy costs one pointer, and changing a copy copies the pages on the
//! way to what changes, a few kilobytes for each. So a new snapshot costs in proportion to the change, whatever the size
//! of the catalog; readers never wait; and what only an old snapshot needs is freed with it.
//!
//! The alternative is segments that are merged in the background, as search engines have them. They pack tighter, but
//! every question asks every segment, a change of one entity touches the segments of its neighbours, and merging needs
//! a thread of its own, which a library that knows no runtime should not start.

mod build;
mod cell_form;
mod cells;
mod column;
mod grams;
mod heads;
mod held;
mod ids;
mod keys;
mod known;
mod lists;
mod lookup;
mod names;
mod numbers;
mod ordered;
mod packed;
mod page;
mod paged;
mod sort;
mod sparse;
#[cfg(test)]
mod tests;
mod text;
mod texts;
mod values;
mod written;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(crate) use build::IndexBuilder;
pub(crate) use cell_form::CellForm;
pub(crate) use cells::Cell;
pub(crate) use column::{Column, Value};
pub(crate) use ids::Ids;
pub(crate) use keys::Keys;
pub(crate) use known::Known;
pub(crate) use lookup::Range;
pub(crate) use names::Names;
pub(crate) use numbers::Numbers;
pub(crate) use ordered::{Ordered, Place};
pub(crate) use paged::Paged;
pub(crate) use sort::by_text;
pub(crate) use sparse::Sparse;
pub(crate) use text::lower;

use crate::query::is_short;
use cells::groups;

/// The columns of every key. Copies share what they have in common.
///
/// A list of texts implies a row for each item, `metadata.tags.java` = `true`. There may be as many such keys as there
/// are values, so they have no columns: they are looked up as the values they come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    names: Names,
    columns: Paged<Option<Arc<Keyed>>>,
    numbers: Numbers,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Keyed {
    key: Arc<str>,
    column: Column,
}

impl Keyed {
    /// Whether what was read can be asked about, of entities below an end.
    pub(crate) fn is_sound(&self, entities: u32) -> bool {
        self.column.is_sound(entities)
    }
}

impl Index {
    /// The value of rows that are there by implication.
    pub(crate) const IMPLIED: &str = "true";

    /// The columns, with their keys.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Arc<Keyed>> {
        (0..self.numbers.end()).filter_map(|number| self.columns.get(number).as_ref())
    }

    /// The index of these columns.
    pub(crate) fn of_columns(columns: impl IntoIterator<Item = Keyed>) -> Self {
        let mut index = Self::default();
        for keyed in columns {
            let number = index.new_column(&keyed.key);
            index.columns.set(number, Some(Arc::new(keyed)));
        }
        index
    }

    /// Changes an entity's cells, from none if it is new. Keys whose cells stay the same cost nothing.
    pub(crate) fn replace(&mut self, id: u32, keys: &Keys, old: &[Cell<'_>], new: &[Cell<'_>]) {
        let (mut old, mut new) = (groups(old).peekable(), groups(new).peekable());
        loop {
            let (before, after) = match (old.peek(), new.peek()) {
                (None, None) => return,
                (Some(_), None) => (old.next(), None),
                (None, Some(_)) => (None, new.next()),
                (Some(a), Some(b)) if a[0].key < b[0].key => (old.next(), None),
                (Some(a), Some(b)) if a[0].key > b[0].key => (None, new.next()),
                _ => (old.next(), new.next()),
            };
            match (before, after) {
                (Some(before), Some(after)) if before == after => {}
                (_, Some(after)) => self.set_group(id, keys, after),
                (Some(before), None) => self.remove_group(id, keys, before),
                (None, None) => {}
            }
        }
    }

    fn set_group(&mut self, id: u32, keys: &Keys, group: &[Cell<'_>]) {
        let key = &keys.names()[group[0].key as usize];
        let number = self.number(key).unwrap_or_else(|| self.new_column(key));
        if let Some(keyed) = self.columns.get_mut(number) {
            Arc::make_mut(keyed).column.set(id, group);
        }
    }

    fn remove_group(&mut self, id: u32, keys: &Keys, group: &[Cell<'_>]) {
        let key = &keys.names()[group[0].key as usize];
        let Some(number) = self.number(key) else { return };
        let Some(keyed) = self.columns.get_mut(number) else { return };
        let column = &mut Arc::make_mut(keyed).column;
        column.remove(id);
        if column.present().is_empty() {
            let columns = &self.columns;
            self.names.remove(key, |number| key_of(columns, number));
            self.columns.clear(number);
            self.numbers.give(number);
        }
    }

    fn new_column(&mut self, key: &Arc<str>) -> u32 {
        let number = self.numbers.take();
        self.names.insert(key, number);
        let column = if is_searched(key) { Column::searched() } else { Column::default() };
        self.columns.set(number, Some(Arc::new(Keyed { key: Arc::clone(key), column })));
        number
    }

    fn number(&self, key: &str) -> Option<u32> {
        self.names.get(key, |number| key_of(&self.columns, number))
    }

    /// The column of a key, which is in lower case.
    pub(crate) fn column(&self, key: &str) -> Option<&Column> {
        self.columns.get(self.number(key)?).as_ref().map(|keyed| &keyed.column)
    }

    /// The entities that have a key by implication, with the value `true`: a list has the rest of the key as an item.
    pub(crate) fn implied(&self, key: &str) -> Ids {
        if !is_short(key) {
            return Ids::default();
        }
        let splits = key.match_indices('.').map(|(at, _)| (&key[..at], &key[at + 1..]));
        let found = splits.filter_map(|(list, item)| {
            let column = self.column(list).filter(|it| !it.listed.is_empty())?;
            Some(column.with_values([item]).intersection(&column.listed))
        });
        let found: Vec<Ids> = found.filter(|ids| !ids.is_empty()).collect();
        Ids::union(&found)
    }

    /// Whether an entity has a key by implication.
    pub(crate) fn is_implied(&self, id: u32, key: &str) -> bool {
        let mut splits = key.match_indices('.').map(|(at, _)| (&key[..at], &key[at + 1..]));
        is_short(key)
            && splits.any(|(list, item)| {
                let column = self.column(list).filter(|it| it.listed.contains(id));
                column.is_some_and(|it| it.values_of(id).any(|value| value.lower() == item))
            })
    }

    /// The entities with a row for a key.
    pub(crate) fn present(&self, key: &str) -> Cow<'_, Ids> {
        let implied = self.implied(key);
        match self.column(key) {
            None => Cow::Owned(implied),
            Some(column) if implied.is_empty() => Cow::Borrowed(column.present()),
            Some(column) => Cow::Owned(Ids::union([column.present(), &implied])),
        }
    }

    /// The entities with one of these values.
    pub(crate) fn with_values<'v>(
        &self,
        key: &str,
        values: impl IntoIterator<Item = &'v str> + Clone,
    ) -> Ids {
        let implied =
            |it: &Self| values.clone().into_iter().any(|value| value == TRUE).then(|| it.implied(key));
        let of_column = self.column(key).map(|column| column.with_values(values.clone()));
        either(of_column, implied(self))
    }

    /// The entities with a value for a key.
    pub(crate) fn valued(&self, key: &str) -> Ids {
        let of_column = self.column(key).map(|column| column.present().difference(column.null()));
        either(of_column, Some(self.implied(key)))
    }

    /// How many entities have one of these values, at most.
    pub(crate) fn most_with_values<'v>(&self, key: &str, values: impl IntoIterator<Item = &'v str>) -> usize {
        let of_column = |column: &Column, value| column.spellings(value).map(|it| it.count()).sum::<usize>();
        let mut most = 0;
        for value in values {
            most += self.column(key).map_or(0, |column| of_column(column, value));
            if value == TRUE {
                most += self.implied(key).len();
            }
        }
        most
    }

    /// The entities with a value that starts with this.
    pub(crate) fn with_prefix(&self, key: &str, prefix: &str) -> Ids {
        let of_column = self.column(key).map(|column| column.with_prefix(prefix));
        either(of_column, TRUE.starts_with(prefix).then(|| self.implied(key)))
    }

    /// The entities with a value that passes a test. Looks at every value of the key.
    pub(crate) fn passing(&self, key: &str, test: impl Fn(&str) -> bool) -> Ids {
        let of_column = self.column(key).map(|column| column.passing(&test));
        either(of_column, test(TRUE).then(|| self.implied(key)))
    }

    /// The entities with a value that lies in a range. The test says so of any value, for those that are not in its order.
    pub(crate) fn within(&self, key: &str, range: Range<'_>, test: impl Fn(&str) -> bool) -> Ids {
        let of_column = self.column(key).map(|column| column.within(range, &test));
        either(of_column, test(TRUE).then(|| self.implied(key)))
    }

    /// The entities with a value that has this inside.
    pub(crate) fn containing(&self, key: &str, text: &str) -> Ids {
        let of_column = self.column(key).map(|column| column.containing(text));
        either(of_column, TRUE.contains(text).then(|| self.implied(key)))
    }

    /// How many of these entities have each value of a key; of all, without them.
    pub(crate) fn counts(&self, key: &str, within: Option<&Ids>) -> Vec<(Cow<'_, str>, usize)> {
        // An entity may say it besides.
        let implied = match self.column(key) {
            Some(column) => self.implied(key).difference(&column.with_values([TRUE])),
            None => self.implied(key),
        };
        let count = within.map_or(implied.len(), |within| implied.intersection_len(within));
        let mut counts = self.column(key).map(|column| column.counts(within)).unwrap_or_default();
        match counts.iter_mut().find(|(value, _)| value == TRUE) {
            _ if count == 0 => {}
            Some((_, known)) => *known += count,
            None => counts.push((TRUE.into(), count)),
        }
        counts
    }
}

/// Keys whose values people search for texts inside.
///
/// An index of grams costs about nine bytes for a name of twenty, a third of what is held of it otherwise, and whoever
/// changes a value has to find its grams. A rare text is found a hundred times sooner. Names are what people look for, and
/// they do not change; the texts of other keys are read page by page, which takes 10 to 50 nanoseconds for each value.
const SEARCHED: [&str; 1] = ["metadata.name"];

fn is_searched(key: &str) -> bool {
    SEARCHED.contains(&key)
}

const TRUE: &str = Index::IMPLIED;

fn either(a: Option<Ids>, b: Option<Ids>) -> Ids {
    match (a, b.filter(|ids| !ids.is_empty())) {
        (Some(a), Some(b)) => Ids::union([&a, &b]),
        (a, b) => a.or(b).unwrap_or_default(),
    }
}

fn key_of(columns: &Paged<Option<Arc<Keyed>>>, number: u32) -> &str {
    columns.get(number).as_ref().map_or("", |keyed| &keyed.key)
}

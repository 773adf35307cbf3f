//! What the index takes of documents that have one form.

use std::borrow::Cow;

use super::cells::{Cell, Collect, settled, short};
use super::keys::Keys;
use crate::form::Blanks;
use crate::json::Json;
use crate::query::walk_values;

/// The cells of documents of one form, but for their texts. Their keys are numbers of the [`Keys`] that they were worked out
/// with, and mean nothing to others.
#[derive(Debug)]
pub(crate) struct CellForm {
    /// By key.
    groups: Vec<Vec<FormCell>>,
    /// The texts that are items of lists.
    items: Vec<usize>,
}

/// A cell, before there is a document.
#[derive(Debug)]
struct FormCell {
    key: u32,
    is_item: bool,
    value: Value,
}

#[derive(Debug)]
enum Value {
    /// The same in all documents of the form.
    Same(Option<String>),
    Blank(usize),
}

impl Keys {
    /// The cells of documents of a form, given one of them. `None` where it depends on more than single texts which there
    /// are.
    pub(super) fn form_of(&mut self, document: Json<'_>, form: &Blanks<'_>) -> Option<CellForm> {
        let mut collect = Collect::new(self);
        walk_values(document, &mut collect);
        let (mut cells, has_odd_items) = (collect.cells, collect.has_odd_items);
        let has_ascii_key = |cell: &Cell<'_>| !cell.is_item || self.name(cell.key).is_ascii();
        if has_odd_items || !cells.iter().all(has_ascii_key) {
            return None;
        }
        cells.sort_by_key(|cell| cell.key);
        let groups: Vec<Vec<FormCell>> = cells
            .chunk_by(|a, b| a.key == b.key)
            .map(|group| group.iter().map(|cell| FormCell::of(cell, form)).collect())
            .collect();
        let items = groups.iter().flatten().filter(|cell| cell.is_item);
        let items = items.filter_map(|cell| cell.value.blank()).collect();
        self.imply_nothing(&groups).then_some(CellForm { groups, items })
    }

    /// Whether no item of a list can imply anything that has to be said: see [`Keys::cells_of`].
    fn imply_nothing(&self, groups: &[Vec<FormCell>]) -> bool {
        let mut names: Vec<&str> = groups.iter().map(|group| self.name(group[0].key)).collect();
        names.sort_unstable();
        let has_below = |list: &str| {
            let below = [list, "."].concat();
            let next = names.partition_point(|name| **name < *below);
            names.get(next).is_some_and(|name| name.starts_with(&below))
        };
        let mut lists = groups.iter().filter(|group| group.iter().any(|cell| cell.is_item));
        lists.all(|list| {
            let are_texts = list.iter().all(|cell| cell.is_item && cell.value.blank().is_some());
            are_texts && !has_below(self.name(list[0].key))
        })
    }
}

impl Value {
    fn blank(&self) -> Option<usize> {
        if let Self::Blank(blank) = self { Some(*blank) } else { None }
    }
}

impl FormCell {
    fn of(cell: &Cell<'_>, form: &Blanks<'_>) -> Self {
        let text = cell.value.as_deref();
        let value = match text.and_then(|text| form.find(text)) {
            Some(blank) => Value::Blank(blank),
            None => Value::Same(text.map(str::to_owned)),
        };
        Self { key: cell.key, is_item: cell.is_item, value }
    }

    fn fill<'v>(&'v self, texts: &[&'v str]) -> Cell<'v> {
        let value = match &self.value {
            Value::Same(value) => value.as_deref(),
            Value::Blank(blank) => texts.get(*blank).copied(),
        };
        Cell { key: self.key, is_item: self.is_item, value: short(value.map(Cow::Borrowed)) }
    }
}

impl CellForm {
    /// Whether nothing is odd about the texts of a document: what is an item of a list may imply another key than it seems,
    /// unless it is ASCII.
    pub(crate) fn fits(&self, texts: &[&str]) -> bool {
        self.items.iter().all(|blank| texts.get(*blank).is_none_or(|text| text.is_ascii()))
    }

    /// Shows the cells of a document of each key.
    pub(super) fn each_group<'v>(&'v self, texts: &[&'v str], mut each: impl FnMut(u32, &[Cell<'v>])) {
        for group in &self.groups {
            match &**group {
                [cell] => each(cell.key, &[cell.fill(texts)]),
                several => {
                    let cells = several.iter().map(|cell| cell.fill(texts)).collect();
                    each(several[0].key, &settled(cells));
                }
            }
        }
    }
}

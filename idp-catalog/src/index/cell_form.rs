//! What the index takes of documents that have one form.

use std::borrow::Cow;

use super::cells::{Cell, Collect, settled, short};
use super::keys::Keys;
use crate::form::Blanks;
use crate::json::Json;
use crate::query::walk_values;

/// The cells of documents of one form, but for their texts. They are by the keys that they were worked out with.
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
        let is_plain = |cell: &Cell<'_>| !cell.is_item || self.name(cell.key).is_ascii();
        let are_plain = !has_odd_items && cells.iter().all(is_plain);
        cells.sort_by_key(|cell| cell.key);
        let groups: Vec<Vec<FormCell>> = cells
            .chunk_by(|a, b| a.key == b.key)
            .map(|group| group.iter().map(|cell| FormCell::of(cell, form)).collect())
            .collect();
        let items = groups.iter().flatten().filter(|cell| cell.is_item);
        let items =
            items.filter_map(|cell| if let Value::Blank(blank) = cell.value { Some(blank) } else { None });
        let items = items.collect();
        let imply_nothing = groups.iter().all(|group| self.implies_nothing(group, &groups));
        (are_plain && imply_nothing).then_some(CellForm { groups, items })
    }

    /// Whether no item of a list can imply anything that has to be said: see [`Keys::cells_of`].
    fn implies_nothing(&self, group: &[FormCell], all: &[Vec<FormCell>]) -> bool {
        if !group.iter().any(|cell| cell.is_item) {
            return true;
        }
        let name = self.name(group[0].key);
        let is_below = |other: &Vec<FormCell>| {
            self.name(other[0].key).strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
        };
        group.iter().all(|cell| cell.is_item && matches!(cell.value, Value::Blank(_)))
            && !all.iter().any(is_below)
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

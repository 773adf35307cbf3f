//! An index from many entities at once: what they say is collected as it comes, and put in order once.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::cell_form::CellForm;
use super::cells::{Cell, groups, is_listed};
use super::column::Column;
use super::held::Held;
use super::ids::Ids;
use super::keys::Keys;
use super::known::Known;
use super::lists::{Lists, ListsBuilder};
use super::numbers::Numbers;
use super::ordered::Ordered;
use super::sparse::Sparse;
use super::texts::{Texts, TextsBuilder};
use super::values::{Values, is_few};
use super::written::Written;
use super::{Index, Keyed, is_searched, sort};
use crate::form::Blanks;
use crate::json::Json;
use crate::parallel;

/// After so many new values of a column it is seen whether values repeat.
const TRIED: u32 = 16 << 10;
/// Where no more of them than one in so many was known already, the next ones are not looked up.
const WORTH: usize = 32;
/// But for so many of the new ones, which show whether that is still so.
const PROBED: u32 = 1 << 10;

/// Collects what a part of all entities says. There may be one on every core: they have nothing in common before the end.
///
/// What is held of each column are its values, as they were written, with a hash table of them, and the values of each
/// entity. They are put in order, and who has a value is counted out, at the end.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    keys: Keys,
    /// By the numbers of their keys.
    columns: Vec<ColumnBuilder>,
}

#[derive(Debug, Default)]
struct ColumnBuilder {
    null: Vec<u32>,
    listed: Vec<u32>,
    held: Held,
    texts: Written,
    /// Values by how they were written, which decides about the lower case. Where they hardly repeat, most are taken for new
    /// ones, and those that are the same are found when they are sorted.
    known: Known,
    is_apart: bool,
    /// How many values entities had when it was seen last whether they repeat, and how many of them were new.
    seen: (usize, u32),
}

/// A column of several builders, each with what the numbers of its entities become.
type Parts<'n> = Vec<(ColumnBuilder, Option<&'n [u32]>)>;

impl IndexBuilder {
    /// Adds an entity.
    pub(crate) fn insert(&mut self, id: u32, document: Json<'_>) {
        let cells = self.keys.cells_of(document);
        self.columns.resize_with(self.keys.names().len(), ColumnBuilder::default);
        for group in groups(&cells) {
            self.columns[group[0].key as usize].insert(id, group);
        }
    }

    /// What documents of a form are inserted by, given one of them: see [`Keys::form_of`].
    pub(crate) fn form_of(&mut self, document: Json<'_>, form: &Blanks<'_>) -> Option<CellForm> {
        let form = self.keys.form_of(document, form);
        self.columns.resize_with(self.keys.names().len(), ColumnBuilder::default);
        form
    }

    /// Adds an entity whose document has a form, and fits it.
    pub(crate) fn insert_of_form(&mut self, id: u32, form: &CellForm, texts: &[&str]) {
        form.each_group(texts, |key, cells| self.columns[key as usize].insert(id, cells));
    }

    /// The index of everything that was added to builders, made on every core, while the caller's does something else
    /// first. The entities of a builder have the numbers at the places of those that come with it, if any do.
    pub(crate) fn build<'n>(
        builders: impl IntoIterator<Item = (Self, Option<&'n [u32]>)>,
        first: impl FnOnce(),
    ) -> Index {
        let mut columns: Vec<(Arc<str>, Parts<'n>)> = by_key(builders).into_iter().collect();
        let size = |parts: &Parts<'_>| parts.iter().map(|(column, _)| column.texts.end()).sum::<u32>();
        // The largest first: what comes last keeps one core busy alone.
        columns.sort_by_cached_key(|(key, parts)| (Reverse(size(parts)), Arc::clone(key)));
        let mut built: Vec<Option<Keyed>> = columns.iter().map(|_| None).collect();
        let build = |((key, parts), built): ((Arc<str>, Parts<'_>), &mut Option<Keyed>)| {
            *built = Some(Keyed { column: column(parts, is_searched(&key)), key });
        };
        parallel::beside(columns.into_iter().zip(&mut built).collect(), build, first);
        let mut built: Vec<Keyed> = built.into_iter().flatten().collect();
        // Whoever came across what: an index of the same is the same.
        built.sort_by(|a, b| a.key.cmp(&b.key));
        Index::of_columns(built)
    }
}

/// The columns of each key.
fn by_key<'n>(
    builders: impl IntoIterator<Item = (IndexBuilder, Option<&'n [u32]>)>,
) -> HashMap<Arc<str>, Parts<'n>, RandomState> {
    let mut columns = HashMap::<_, Parts<'n>, _>::default();
    for (IndexBuilder { keys, columns: own }, numbers) in builders {
        for (key, column) in keys.names().iter().zip(own) {
            columns.entry(Arc::clone(key)).or_default().push((column, numbers));
        }
    }
    columns
}

impl ColumnBuilder {
    fn insert(&mut self, id: u32, cells: &[Cell<'_>]) {
        if is_listed(cells.iter()) {
            self.listed.push(id);
        }
        let before = self.held.len();
        for value in cells.iter().filter_map(|cell| cell.value.as_deref()) {
            let number = self.number(value);
            self.held.push(id, number);
        }
        if self.held.len() == before {
            self.null.push(id);
        }
    }

    /// The number of a value.
    fn number(&mut self, original: &str) -> u32 {
        let is_looked_up = !self.is_apart || self.texts.end() % TRIED < PROBED;
        if let Some(known) = is_looked_up.then(|| self.look_up(original)).flatten() {
            return known;
        }
        let number = self.texts.push(original);
        let since = self.texts.end() % TRIED;
        if since == 0 || self.is_apart && since == PROBED {
            self.see();
        }
        number
    }

    /// The number of a value that is known. Another one is known from here on, as the next one that is written.
    fn look_up(&mut self, original: &str) -> Option<u32> {
        let Self { known, texts, .. } = self;
        known.look_up(original, texts.end(), |number| texts.get(number))
    }

    /// Sees whether values repeated since the last time.
    fn see(&mut self) {
        let now = (self.held.len() + 1, self.texts.end());
        let (all, new) = (now.0 - self.seen.0, (now.1 - self.seen.1) as usize);
        (self.seen, self.is_apart) = (now, all.saturating_sub(new) * WORTH < all);
        if self.is_apart {
            self.known = Known::default();
        }
    }
}

/// The column that parts make together.
fn column(parts: Parts<'_>, is_searched: bool) -> Column {
    let mut written = Written::default();
    let mut taken = Vec::new();
    for (ColumnBuilder { null, listed, held, texts, .. }, entities) in parts {
        taken.push((written.append(texts), entities, held, [null, listed]));
    }
    let InOrder { texts, numbers, count, scalars } = InOrder::of(&written, is_searched);
    drop(written);
    let (mut all, mut sets) = (Held::default(), [Vec::new(), Vec::new()]);
    for (base, entities, held, own) in taken {
        // Who wrote nothing may have an index behind all that was written.
        all.append(held, entities, numbers.get(base as usize..).unwrap_or_default());
        for (set, own) in sets.iter_mut().zip(own) {
            set.extend(own.into_iter().map(|id| entities.map_or(id, |numbers| numbers[id as usize])));
        }
    }
    let (held, [null, listed]) = (all.in_order(), sets.map(Ids::from_iter));
    let (mut present, mut plural) = (Vec::new(), Vec::new());
    for (id, values) in held.each() {
        present.push(id);
        plural.extend((values.len() > 1).then_some(id));
    }
    // Two lists that ascend: made for the stable sort.
    present.extend(null.iter());
    present.sort();
    let (few, many) = who_has(&held, count);
    Column {
        present: Ids::from_sorted(present),
        null,
        listed,
        plural: Ids::from_sorted(plural),
        values: Values::new(texts, few, many),
        order: Ordered::from_sorted(&(0..count).collect::<Vec<_>>()),
        scalars,
        of_entity: held.lists(),
        numbers: Numbers::taken(count),
    }
}

/// The values of a column in their order, each once.
struct InOrder {
    texts: Texts,
    /// For each text that was written its place in the order, which is its number.
    numbers: Vec<u32>,
    count: u32,
    /// How many are numbers or instants.
    scalars: usize,
}

impl InOrder {
    fn of(written: &Written, is_searched: bool) -> Self {
        let (order, scalars) = sort::in_order(written);
        let (mut texts, mut numbers) = (TextsBuilder::default(), vec![0; written.end() as usize]);
        let (mut last, mut distinct_scalars) = (None, 0);
        for (place, index) in order.into_iter().enumerate() {
            let text = written.get(index);
            if last.replace(text) != Some(text) {
                texts.push(text);
                distinct_scalars += usize::from(place < scalars);
            }
            numbers[index as usize] = texts.len() - 1;
        }
        Self { count: texts.len(), texts: texts.build(is_searched), numbers, scalars: distinct_scalars }
    }
}

/// The entities of so many values: of those that few have, and of those that many have.
fn who_has(held: &Held, count: u32) -> (Lists, Sparse<Ids>) {
    let (ids, ends) = held.turned(count);
    let (mut few, mut many, mut start) = (ListsBuilder::default(), Vec::new(), 0);
    for (end, number) in ends.into_iter().zip(0..) {
        match &ids[start..end as usize] {
            ids if is_few(ids.len()) => few.push(number, ids),
            ids => many.push((number, Ids::from_sorted(ids.to_vec()))),
        }
        start = end as usize;
    }
    (few.build(), many.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_begin_to_repeat_are_not_written_again_and_again() {
        let mut column = ColumnBuilder::default();
        for id in 0..200_000 {
            let value = if id < 40_000 { format!("t{id}") } else { format!("u{}", id % 7) };
            let number = column.number(&value);
            column.held.push(id, number);
            assert_eq!(column.texts.get(number), value);
            assert!(column.is_apart || !(TRIED..40_000).contains(&id));
        }
        assert!(column.texts.end() < 40_000 + 2 * TRIED, "{}", column.texts.end());
    }
}

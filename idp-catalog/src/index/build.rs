//! An index from many entities at once: every value is looked up once and sorted once.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;

use super::cells::{Cell, is_listed};
use super::column::Column;
use super::held::Held;
use super::ids::Ids;
use super::keys::Keys;
use super::lists::{Lists, ListsBuilder};
use super::numbers::Numbers;
use super::ordered::Ordered;
use super::sparse::Sparse;
use super::texts::{Texts, TextsBuilder};
use super::values::{Values, is_few};
use super::written::Written;
use super::{Index, Keyed, is_searched, sort};
use crate::parallel;

/// Cells whose values are looked up at once.
const AT_ONCE: usize = 64;
/// So few cells are added sooner than another thread is started.
const CELLS: usize = 4096;

/// Collects the cells of entities that come in ascending order of their numbers.
///
/// What is held of each column are its values, as they were written, with a hash table of them, and the values of each
/// entity. They are put in order, and who has a value is counted out, at the end.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    columns: Vec<ColumnBuilder>,
    keys: Vec<Arc<str>>,
    /// The places of keys.
    places: HashMap<Arc<str>, usize, RandomState>,
    /// The numbers that the index has for the entities, where those are not the ones that they came as.
    renumbered: Option<Vec<u32>>,
}

/// The cells of entities that are told together, by the numbers of their keys: whoever fills a column finds them in one
/// place. The entities ascend.
#[derive(Debug, Default)]
pub(crate) struct Told<'v> {
    columns: Vec<Vec<Entry<'v>>>,
    /// What is added to the numbers of the entities.
    base: u32,
}

/// The number of an entity, and a cell of it.
type Entry<'v> = (u32, Cell<'v>);

impl<'v> Told<'v> {
    /// Has the numbers of the entities counted from here.
    pub(crate) fn count_from(&mut self, base: u32) {
        self.base = base;
    }

    /// Adds an entity behind the others.
    pub(crate) fn push(&mut self, id: u32, cells: Vec<Cell<'v>>) {
        for cell in cells {
            let key = cell.key as usize;
            if key >= self.columns.len() {
                self.columns.resize_with(key + 1, Vec::new);
            }
            self.columns[key].push((id, cell));
        }
    }
}

#[derive(Debug, Default)]
struct ColumnBuilder {
    null: Vec<u32>,
    listed: Vec<u32>,
    held: Held,
    texts: Written,
    /// Values by how they were written, which decides about the lower case: their hashes and numbers.
    known: HashTable<(u32, u32)>,
    hasher: RandomState,
}

/// What is to be added to a column, in parts that are counted from a base each.
struct Work<'c, 'v> {
    place: usize,
    column: ColumnBuilder,
    parts: Vec<(u32, &'c [Entry<'v>])>,
}

/// What the hash of a value says.
#[derive(Debug, Clone, Copy)]
struct LookedUp {
    hash: u32,
    /// The first value with this hash.
    known: Option<u32>,
}

impl Work<'_, '_> {
    fn cells(&self) -> usize {
        self.parts.iter().map(|(_, entries)| entries.len()).sum()
    }

    fn run(&mut self) {
        self.parts.iter().for_each(|(base, entries)| self.column.insert_all(*base, entries));
    }
}

impl IndexBuilder {
    /// Adds entities, on every core, while the caller's does something else first.
    pub(crate) fn insert_all(&mut self, told: &[(&Keys, &Told<'_>)], first: impl FnOnce()) {
        let mut work = self.work(told);
        if work.iter().map(Work::cells).sum::<usize>() <= CELLS {
            first();
            work.iter_mut().for_each(Work::run);
        } else {
            // The largest first: what comes last keeps one core busy alone.
            work.sort_by_cached_key(|work| Reverse(work.cells()));
            parallel::beside(work.iter_mut().collect(), Work::run, first);
        }
        work.into_iter().for_each(|Work { place, column, .. }| self.columns[place] = column);
    }

    /// The columns of which something is told, taken out, with what is.
    fn work<'c, 'v>(&mut self, told: &[(&Keys, &'c Told<'v>)]) -> Vec<Work<'c, 'v>> {
        let (mut work, mut known): (Vec<Work<'_, '_>>, HashMap<usize, usize, RandomState>) =
            Default::default();
        for (keys, told) in told {
            for (key, entries) in keys.names().iter().zip(&told.columns) {
                let place = self.place(key);
                let at = *known.entry(place).or_insert_with(|| {
                    let column = std::mem::take(&mut self.columns[place]);
                    work.push(Work { place, column, parts: Vec::new() });
                    work.len() - 1
                });
                work[at].parts.push((told.base, entries));
            }
        }
        work
    }

    fn place(&mut self, key: &Arc<str>) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = self.columns.len();
        self.columns.push(ColumnBuilder::default());
        self.keys.push(Arc::clone(key));
        self.places.insert(Arc::clone(key), place);
        place
    }

    /// Has the index number the entities by their places in this list of the numbers that they came as.
    pub(crate) fn renumbered(mut self, came_as: &[u32]) -> Self {
        let mut renumbered = vec![0; came_as.len()];
        (0..).zip(came_as).for_each(|(number, came_as)| renumbered[*came_as as usize] = number);
        self.renumbered = Some(renumbered);
        self
    }

    /// The index of everything that was added, made on every core, while the caller's does something else first.
    pub(crate) fn build(self, first: impl FnOnce()) -> Index {
        let renumbered = self.renumbered.as_deref();
        let mut columns: Vec<(Arc<str>, ColumnBuilder)> = self.keys.into_iter().zip(self.columns).collect();
        // The largest first: what comes last keeps one core busy alone.
        columns.sort_unstable_by(|(a, x), (b, y)| y.texts.len().cmp(&x.texts.len()).then_with(|| a.cmp(b)));
        let mut built: Vec<Option<Keyed>> = columns.iter().map(|_| None).collect();
        let build = |((key, column), built): ((Arc<str>, ColumnBuilder), &mut Option<Keyed>)| {
            *built = Some(Keyed { column: column.build(is_searched(&key), renumbered), key });
        };
        parallel::beside(columns.into_iter().zip(&mut built).collect(), build, first);
        Index::of_columns(built.into_iter().flatten())
    }
}

impl ColumnBuilder {
    fn insert_all(&mut self, base: u32, entries: &[Entry<'_>]) {
        let (mut rest, mut looked_up, mut numbers) = (entries, Vec::with_capacity(AT_ONCE), Vec::new());
        while let Some(entries) = rest.split_off(..whole(rest)).filter(|it| !it.is_empty()) {
            self.look_up(entries, &mut looked_up);
            let mut looked_up = looked_up.iter();
            for entity in entries.chunk_by(|(a, _), (b, _)| a == b) {
                let id = base + entity[0].0;
                if is_listed(entity.iter().map(|(_, cell)| cell)) {
                    self.listed.push(id);
                }
                numbers.clear();
                numbers.extend(values(entity).zip(&mut looked_up).map(|(value, it)| self.number(value, *it)));
                if numbers.is_empty() {
                    self.null.push(id);
                } else {
                    self.held.push(id, &numbers);
                }
            }
        }
    }

    /// Looks up the values of entries, one behind the other: what has to come from far away comes for all of them at once.
    fn look_up(&self, entries: &[Entry<'_>], looked_up: &mut Vec<LookedUp>) {
        looked_up.clear();
        looked_up.extend(values(entries).map(|value| {
            let hash = self.hasher.hash_one(value) as u32;
            let known = self.known.find(spread(hash), |(other, _)| *other == hash);
            LookedUp { hash, known: known.map(|(_, number)| *number) }
        }));
    }

    /// The number of a value that was looked up.
    fn number(&mut self, original: &str, LookedUp { hash, known }: LookedUp) -> u32 {
        let texts = &self.texts;
        let is_it = |number: u32| texts.get(number) == original;
        if let Some(number) = known.filter(|number| is_it(*number)) {
            return number;
        }
        // It is new, or was when it was looked up, or another value has its hash.
        let is_same = |(other, number): &(u32, u32)| *other == hash && is_it(*number);
        match self.known.entry(spread(hash), is_same, |(hash, _)| spread(*hash)) {
            Slot::Occupied(known) => known.get().1,
            Slot::Vacant(free) => free.insert((hash, self.texts.push(original))).get().1,
        }
    }

    fn build(self, is_searched: bool, entities: Option<&[u32]>) -> Column {
        let Self { null, listed, held, texts, known, .. } = self;
        // No longer needed, and not small.
        drop(known);
        let count = texts.len();
        let (order, scalars) = sort::in_order(&texts);
        let (texts, numbers) = numbered(texts, &order, is_searched);
        let held = held.in_order(entities, &numbers);
        let [null, listed] = [null, listed].map(|ids| match entities {
            Some(numbers) => ids.iter().map(|id| numbers[*id as usize]).collect(),
            None => Ids::from_sorted(ids),
        });
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
}

/// The values that entries have.
fn values<'e>(entries: &'e [Entry<'_>]) -> impl Iterator<Item = &'e str> {
    entries.iter().filter_map(|(_, cell)| cell.value.as_deref())
}

/// How many of the first entries are looked up at once: those of whole entities.
fn whole(entries: &[Entry<'_>]) -> usize {
    let last = entries.get(AT_ONCE).map(|(id, _)| *id);
    let more = entries.iter().skip(AT_ONCE).take_while(|(id, _)| Some(*id) == last);
    entries.len().min(AT_ONCE + more.count())
}

/// Texts in their order, and for each of them its place there, which is its number.
fn numbered(written: Written, order: &[u32], is_searched: bool) -> (Texts, Vec<u32>) {
    let (mut texts, mut numbers) = (TextsBuilder::default(), vec![0; order.len()]);
    for index in order {
        numbers[*index as usize] = texts.push(written.get(*index));
    }
    (texts.build(is_searched), numbers)
}

/// A hash as the table wants it: it looks at both ends.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
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

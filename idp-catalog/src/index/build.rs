//! An index from many entities at once: every value is looked up once and sorted once.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::cells::{Cell, Keys, groups, is_listed};
use super::column::Column;
use super::ids::Ids;
use super::lists::{Lists, ListsBuilder};
use super::numbers::Numbers;
use super::ordered::Ordered;
use super::sparse::Sparse;
use super::texts::TextsBuilder;
use super::values::{Values, is_few};
use super::{Index, Keyed, is_searched, sort};
use crate::parallel;

/// Into how many shares columns are divided for each core: no two are as much work. For each share every cell is looked at.
const SHARES: usize = 2;

/// Collects the cells of entities that come in ascending order of their numbers.
///
/// Pages are packed as they fill, and who has a value is counted out at the end: besides the index, only the numbers of
/// the values are held, in a hash table for each column.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    /// Each is filled by one thread at a time, and hardly anybody has to wait for it.
    columns: Vec<Mutex<ColumnBuilder>>,
    keys: Vec<Arc<str>>,
    /// The places of keys.
    places: HashMap<Arc<str>, usize, RandomState>,
}

/// Entities that are told together: their numbers, ascending, and their cells, with one set of keys.
#[derive(Debug)]
pub(crate) struct Told<'c, 'v> {
    pub(crate) keys: &'c Keys,
    pub(crate) entities: Vec<(u32, &'c [Cell<'v>])>,
}

#[derive(Debug, Default)]
struct ColumnBuilder {
    null: Vec<u32>,
    listed: Vec<u32>,
    of_entity: ListsBuilder,
    texts: TextsBuilder,
    /// Values by how they were written, which decides about the lower case: their hashes and numbers.
    known: HashTable<(u32, u32)>,
    hasher: RandomState,
}

impl IndexBuilder {
    /// Adds entities, on every core, while the caller's does something else first.
    pub(crate) fn insert_all(&mut self, told: &[Told<'_, '_>], first: impl FnOnce()) {
        let places: Vec<Vec<usize>> = told.iter().map(|told| self.places(told.keys)).collect();
        let shares = SHARES * parallel::cores();
        parallel::beside((0..shares).collect(), |share| self.fill(share, shares, told, &places), first);
    }

    /// Adds entities to the columns of a share: of so many, each has every column whose place leaves its number over.
    fn fill(&self, share: usize, shares: usize, told: &[Told<'_, '_>], places: &[Vec<usize>]) {
        let mut numbers = Vec::new();
        for (told, places) in told.iter().zip(places) {
            let place = |group: &[Cell<'_>]| places[group[0].key as usize];
            for (id, cells) in &told.entities {
                for group in groups(cells).filter(|group| place(group) % shares == share) {
                    parallel::lock(&self.columns[place(group)]).insert(*id, group, &mut numbers);
                }
            }
        }
    }

    /// The places of the columns of some keys.
    fn places(&mut self, keys: &Keys) -> Vec<usize> {
        keys.names().iter().map(|key| self.place(key)).collect()
    }

    fn place(&mut self, key: &Arc<str>) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = self.columns.len();
        self.columns.push(Mutex::default());
        self.keys.push(Arc::clone(key));
        self.places.insert(Arc::clone(key), place);
        place
    }

    /// The index of everything that was added.
    pub(crate) fn build(self) -> Index {
        let columns =
            self.columns.into_iter().map(|it| it.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut columns: Vec<(Arc<str>, ColumnBuilder)> = self.keys.into_iter().zip(columns).collect();
        // The largest first: what comes last keeps one core busy alone.
        columns.sort_unstable_by(|(a, x), (b, y)| y.texts.len().cmp(&x.texts.len()).then_with(|| a.cmp(b)));
        let build =
            |(key, column): (Arc<str>, ColumnBuilder)| Keyed { column: column.build(is_searched(&key)), key };
        Index::of_columns(parallel::map_one_by_one(columns, build))
    }
}

impl ColumnBuilder {
    fn insert(&mut self, id: u32, cells: &[Cell<'_>], numbers: &mut Vec<u32>) {
        if is_listed(cells) {
            self.listed.push(id);
        }
        numbers.clear();
        numbers.extend(cells.iter().filter_map(|cell| Some(self.number(cell.value.as_deref()?))));
        numbers.sort_unstable();
        if numbers.is_empty() {
            self.null.push(id);
        } else {
            self.of_entity.push(id, numbers);
        }
    }

    /// The number of a value.
    fn number(&mut self, original: &str) -> u32 {
        let (texts, hash) = (&self.texts, self.hasher.hash_one(original) as u32);
        let is_same = |(other, number): &(u32, u32)| *other == hash && texts.get(*number) == *original;
        match self.known.entry(spread(hash), is_same, |(hash, _)| spread(*hash)) {
            Entry::Occupied(known) => known.get().1,
            Entry::Vacant(free) => free.insert((hash, self.texts.push(original))).get().1,
        }
    }

    fn build(self, is_searched: bool) -> Column {
        let Self { null, listed, of_entity, texts, known, .. } = self;
        // No longer needed, and not small.
        drop(known);
        let count = texts.len();
        let (texts, of_entity) = (texts.build(is_searched), of_entity.build());
        let (order, scalars) = sort::in_order(&texts, count);
        let (mut present, mut plural, mut counts) = (Vec::new(), Vec::new(), vec![0; count as usize]);
        of_entity.each(|id, list| {
            present.push(id);
            plural.extend((list.len() > 1).then_some(id));
            list.iter().for_each(|number| counts[*number as usize] += 1);
        });
        // Two lists that ascend: made for the stable sort.
        present.extend(&null);
        present.sort();
        let (few, many) = who_has(&of_entity, counts);
        Column {
            present: Ids::from_sorted(present),
            null: Ids::from_sorted(null),
            listed: Ids::from_sorted(listed),
            plural: Ids::from_sorted(plural),
            values: Values::new(texts, few, many),
            order: Ordered::from_sorted(&order),
            scalars,
            of_entity,
            numbers: Numbers::taken(count),
        }
    }
}

/// A hash as the table wants it: it looks at both ends.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// The entities of values, of each of which so many have it: of those that few have, and of those that many have.
fn who_has(of_entity: &Lists, counts: Vec<usize>) -> (Lists, Sparse<Ids>) {
    let (mut ends, mut sum) = (counts, 0);
    for end in &mut ends {
        // Where the value's entities begin. It becomes where they end as they are filled in.
        sum += std::mem::replace(end, sum);
    }
    let mut ids = vec![0_u32; sum];
    of_entity.each(|id, list| {
        for number in list {
            let end = &mut ends[*number as usize];
            ids[*end] = id;
            *end += 1;
        }
    });
    let (mut few, mut many, mut start) = (ListsBuilder::default(), Vec::new(), 0);
    for (end, number) in ends.into_iter().zip(0..) {
        match &ids[start..end] {
            ids if is_few(ids.len()) => few.push(number, ids),
            ids => many.push((number, Ids::from_sorted(ids.to_vec()))),
        }
        start = end;
    }
    (few.build(), many.into_iter().collect())
}

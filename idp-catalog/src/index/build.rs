//! An index from many entities at once: every value is looked up once and sorted once.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::column::{Column, Stored, is_listed};
use super::ids::Ids;
use super::numbers::Numbers;
use super::ordered::Ordered;
use super::{Index, Keyed, groups};
use crate::query::{Row, Scalar};

/// Collects the rows of entities that come in ascending order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    columns: HashMap<Arc<str>, ColumnBuilder, RandomState>,
}

#[derive(Debug, Default)]
struct ColumnBuilder {
    present: Vec<u32>,
    null: Vec<u32>,
    listed: Vec<u32>,
    plural: Vec<u32>,
    /// By how they were written: that decides about the lower case.
    numbers: HashMap<Arc<str>, u32, RandomState>,
    values: Vec<ValueBuilder>,
    column: Column,
}

#[derive(Debug)]
struct ValueBuilder {
    lower: Arc<str>,
    original: Arc<str>,
    /// Most values of most columns belong to one entity.
    first: u32,
    others: Vec<u32>,
}

impl IndexBuilder {
    /// Adds an entity's rows, which are sorted by key.
    pub(crate) fn insert(&mut self, id: u32, rows: &[Row]) {
        for group in groups(rows) {
            let key = &group[0].key;
            match self.columns.get_mut(&**key) {
                Some(column) => column.insert(id, group),
                None => self.columns.entry(Arc::clone(key)).or_default().insert(id, group),
            }
        }
    }

    /// The index of everything that was added.
    pub(crate) fn build(self) -> Index {
        let mut columns: Vec<(Arc<str>, ColumnBuilder)> = self.columns.into_iter().collect();
        columns.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut index = Index::default();
        for (key, column) in columns {
            let number = index.new_column(&key);
            index.columns.set(number, Some(Arc::new(Keyed { key, column: column.build() })));
        }
        index
    }
}

impl ColumnBuilder {
    fn insert(&mut self, id: u32, rows: &[Row]) {
        self.present.push(id);
        if is_listed(rows) {
            self.listed.push(id);
        }
        let mut numbers = rows.iter().filter_map(|row| {
            let (lower, original) = (row.value.as_ref()?, row.original.as_ref()?);
            Some(add(&mut self.numbers, &mut self.values, lower, original, id))
        });
        match (numbers.next(), numbers.next()) {
            (None, _) => self.null.push(id),
            (Some(one), None) => self.column.single.set(id, one + 1),
            (Some(one), Some(two)) => {
                let mut numbers: Vec<u32> = [one, two].into_iter().chain(numbers).collect();
                numbers.sort_unstable();
                self.plural.push(id);
                self.column.several.set(id, Some(numbers.into()));
            }
        }
    }

    fn build(self) -> Column {
        let Self { present, null, listed, plural, values, mut column, .. } = self;
        let mut order: Vec<(Scalar<&str>, u32)> =
            values.iter().zip(0..).map(|(value, number)| (Scalar::of(&*value.lower), number)).collect();
        order.sort_unstable_by(|(a, x), (b, y)| {
            a.order(b)
                .then_with(|| a.text.cmp(b.text))
                .then_with(|| values[*x as usize].original.cmp(&values[*y as usize].original))
        });
        column.scalars = order.iter().filter(|(scalar, _)| !scalar.is_letters()).count();
        let order: Vec<u32> = order.into_iter().map(|(_, number)| number).collect();
        column.order = Ordered::from_sorted(&order);
        column.numbers = Numbers::taken(u32::try_from(values.len()).unwrap_or(u32::MAX));
        for (value, number) in values.into_iter().zip(0..) {
            column.values.set(number, Some(Arc::new(value.build())));
        }
        column.present = Ids::from_sorted(present);
        column.null = Ids::from_sorted(null);
        column.listed = Ids::from_sorted(listed);
        column.plural = Ids::from_sorted(plural);
        column
    }
}

fn add(
    numbers: &mut HashMap<Arc<str>, u32, RandomState>,
    values: &mut Vec<ValueBuilder>,
    lower: &Arc<str>,
    original: &Arc<str>,
    id: u32,
) -> u32 {
    if let Some(number) = numbers.get(&**original) {
        values[*number as usize].others.push(id);
        return *number;
    }
    let number = u32::try_from(values.len()).unwrap_or(u32::MAX);
    numbers.insert(Arc::clone(original), number);
    let (lower, original) = (Arc::clone(lower), Arc::clone(original));
    values.push(ValueBuilder { lower, original, first: id, others: Vec::new() });
    number
}

impl ValueBuilder {
    fn build(self) -> Stored {
        let ids = if self.others.is_empty() {
            Ids::from_iter([self.first])
        } else {
            Ids::from_sorted([self.first].into_iter().chain(self.others).collect())
        };
        let written = (*self.lower != *self.original).then_some(self.original);
        Stored { lower: self.lower, written, ids }
    }
}

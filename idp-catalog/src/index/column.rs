//! The values of one key, and who has them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::ids::Ids;
use super::numbers::Numbers;
use super::ordered::{Ordered, Place};
use super::paged::Paged;
use crate::query::{Origin, Row, Scalar};

/// A value that entities have for a key. Values that differ in case are apart, and neighbours in the order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'c>(&'c Stored);

/// A value as its column holds it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// In lower case, as it is compared.
    pub(super) lower: Arc<str>,
    /// As it was written, where that is something else.
    pub(super) written: Option<Arc<str>>,
    pub(super) ids: Ids,
}

impl<'c> Value<'c> {
    /// In lower case, as it is compared.
    pub(crate) fn lower(&self) -> Cow<'c, str> {
        Cow::Borrowed(&self.0.lower)
    }

    /// As it was written.
    pub(crate) fn original(&self) -> Cow<'c, str> {
        Cow::Borrowed(self.0.written.as_ref().unwrap_or(&self.0.lower))
    }

    /// The entities that have it.
    pub(crate) fn ids(&self) -> Ids {
        self.0.ids.clone()
    }

    /// Whether it is neither a number nor an instant.
    pub(super) fn is_letters(&self) -> bool {
        Scalar::of(self.lower()).is_letters()
    }

    /// Numbers by size, then instants by time, then texts; among equals by their letters.
    pub(super) fn order(&self, lower: &str, original: &str) -> Ordering {
        Scalar::of(self.lower())
            .order(&Scalar::of(lower))
            .then_with(|| (*self.lower()).cmp(lower))
            .then_with(|| (*self.original()).cmp(original))
    }
}

/// What a key is indexed with. Copies share what they have in common.
///
/// Values have numbers; by them they are found in order, and an entity's values are found by the entity.
#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    /// Entities with a row of this key.
    pub(super) present: Ids,
    /// Those of them whose rows have no value that compares.
    pub(super) null: Ids,
    /// Entities for which the key is a list whose items are all texts: they have the rows that say so by implication.
    pub(super) listed: Ids,
    /// Entities with several values.
    pub(super) plural: Ids,
    pub(super) values: Paged<Option<Arc<Stored>>>,
    pub(super) order: Ordered,
    /// The values that are no mere letters: numbers and instants, which come first in the order.
    pub(super) scalars: usize,
    /// The value of an entity with one, plus one.
    pub(super) single: Paged<u32>,
    /// The values of an entity with several, in order of their numbers.
    pub(super) several: Paged<Option<Arc<[u32]>>>,
    pub(super) numbers: Numbers,
}

impl Column {
    /// Adds an entity, which has these rows of the key: at least one.
    pub(super) fn insert(&mut self, id: u32, rows: &[Row]) {
        self.present.insert(id);
        if is_listed(rows) {
            self.listed.insert(id);
        }
        let mut numbers: Vec<u32> = rows.iter().filter_map(|row| self.add_value(id, row)).collect();
        numbers.sort_unstable();
        match numbers[..] {
            [] => self.null.insert(id),
            [one] => self.single.set(id, one + 1),
            _ => {
                self.plural.insert(id);
                self.several.set(id, Some(numbers.into()));
            }
        }
    }

    /// Takes an entity out.
    pub(super) fn remove(&mut self, id: u32) {
        for set in [&mut self.present, &mut self.null, &mut self.listed, &mut self.plural] {
            set.remove(id);
        }
        let numbers: Vec<u32> = self.numbers_of(id).collect();
        for number in numbers {
            self.leave_value(number, id);
        }
        self.single.clear(id);
        self.several.clear(id);
    }

    fn add_value(&mut self, id: u32, row: &Row) -> Option<u32> {
        let (lower, original) = (row.value.as_ref()?, row.original.as_ref()?);
        let place = self.place(lower, original);
        let known = self.order.from(place).next().filter(|number| {
            self.value(*number).is_some_and(|it| it.order(lower, original) == Ordering::Equal)
        });
        let number = known.unwrap_or_else(|| self.new_value(place, lower, original));
        if let Some(value) = self.values.get_mut(number) {
            Arc::make_mut(value).ids.insert(id);
        }
        Some(number)
    }

    fn new_value(&mut self, place: Place, lower: &Arc<str>, original: &Arc<str>) -> u32 {
        let number = self.numbers.take();
        let written = (lower != original).then(|| Arc::clone(original));
        let value = Stored { lower: Arc::clone(lower), written, ids: Ids::default() };
        self.scalars += usize::from(!Scalar::of(&**lower).is_letters());
        self.values.set(number, Some(Arc::new(value)));
        self.order.insert(place, number);
        number
    }

    fn leave_value(&mut self, number: u32, id: u32) {
        let Some(stored) = self.values.get_mut(number) else { return };
        let changed = Arc::make_mut(stored);
        changed.ids.remove(id);
        if !changed.ids.is_empty() {
            return;
        }
        let stored = Arc::clone(stored);
        let value = Value(&stored);
        let place = self.place(&value.lower(), &value.original());
        self.order.remove(place, number);
        self.scalars -= usize::from(!value.is_letters());
        self.values.clear(number);
        self.numbers.give(number);
    }

    /// Where a value stands, or would.
    pub(super) fn place(&self, lower: &str, original: &str) -> Place {
        self.order.partition_point(|number| {
            self.value(number).is_some_and(|it| it.order(lower, original) == Ordering::Less)
        })
    }

    pub(super) fn value(&self, number: u32) -> Option<Value<'_>> {
        self.values.get(number).as_deref().map(Value)
    }

    /// The numbers of an entity's values.
    pub(super) fn numbers_of(&self, id: u32) -> impl Iterator<Item = u32> {
        let single = self.single.get(id).checked_sub(1);
        let several = self.several.get(id).as_deref().unwrap_or_default();
        single.into_iter().chain(several.iter().copied())
    }
}

/// Whether a key's rows are the items of a list, and nothing else.
pub(super) fn is_listed(rows: &[Row]) -> bool {
    rows.iter().all(|row| row.origin == Origin::Item)
}

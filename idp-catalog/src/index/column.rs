//! The values of one key, and who has them.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::cells::{Cell, is_listed};
use super::ids::Ids;
use super::lists::Lists;
use super::numbers::Numbers;
use super::ordered::{Ordered, Place};
use super::text::{Text, lower};
use super::values::Values;
use crate::query::{Scalar, may_be_scalar};

/// A value that entities have for a key. Values that differ in case are apart, and neighbours in the order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'c> {
    values: &'c Values,
    pub(super) number: u32,
}

impl<'c> Value<'c> {
    /// In lower case, as it is compared.
    pub(crate) fn lower(&self) -> Cow<'c, str> {
        self.text().lower()
    }

    /// As it was written.
    pub(crate) fn original(&self) -> Cow<'c, str> {
        self.text().written()
    }

    fn text(&self) -> Text<'c> {
        self.values.texts.get(self.number)
    }

    /// The entities that have it.
    pub(crate) fn ids(&self) -> Ids {
        self.values.ids(self.number)
    }

    /// How many entities have it.
    pub(crate) fn count(&self) -> usize {
        self.values.count(self.number)
    }

    /// Whether it is neither a number nor an instant.
    pub(super) fn is_letters(&self) -> bool {
        !may_be_scalar(self.text().bytes()) || Scalar::of(self.lower()).is_letters()
    }

    /// Numbers by size, then instants by time, then texts; among equals by their letters.
    pub(super) fn order(&self, lower: &Scalar<&str>, original: &str) -> Ordering {
        let written = self.text();
        let by_writing = || written.compare(original.into());
        if lower.is_letters() && !may_be_scalar(written.bytes()) {
            return written.compare_lower(lower.text).then_with(by_writing);
        }
        let own = Scalar::of(self.lower());
        own.order(lower).then_with(|| (*own.text).cmp(lower.text)).then_with(by_writing)
    }
}

/// What a key is indexed with. Copies share what they have in common.
///
/// Values have numbers; by them they are found in order, and an entity's values are found by the entity.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Column {
    /// Entities with a row of this key.
    pub(super) present: Ids,
    /// Those of them whose rows have no value that compares.
    pub(super) null: Ids,
    /// Entities for which the key is a list whose items are all texts: they have the rows that say so by implication.
    pub(super) listed: Ids,
    /// Entities with several values.
    pub(super) plural: Ids,
    pub(super) values: Values,
    pub(super) order: Ordered,
    /// The values that are no mere letters: numbers and instants, which come first in the order.
    pub(super) scalars: usize,
    /// The numbers of each entity's values, ascending.
    pub(super) of_entity: Lists,
    pub(super) numbers: Numbers,
}

impl Column {
    /// Of a key whose values are searched for texts inside.
    pub(super) fn searched() -> Self {
        Self { values: Values::searched(), ..Self::default() }
    }

    /// Whether what was read can be asked about, of entities below an end.
    pub(super) fn is_sound(&self, entities: u32) -> bool {
        let end = self.numbers.end();
        let sets = [&self.present, &self.null, &self.listed, &self.plural];
        self.numbers.is_sound()
            && self.numbers.len() == self.order.len()
            && sets.iter().all(|ids| ids.is_sound(entities))
            && self.values.is_sound(end, entities)
            && self.order.is_sound(end)
            && self.of_entity.is_sound(end)
            && self.scalars <= self.order.len()
    }

    /// Makes an entity have these cells of the key, at least one, instead of those it has.
    pub(super) fn set(&mut self, id: u32, cells: &[Cell<'_>]) {
        let values = cells.iter().filter_map(|cell| cell.value.as_deref());
        let mut numbers: Vec<u32> = values.map(|value| self.number(value)).collect();
        numbers.sort_unstable();
        let before: Vec<u32> = self.numbers_of(id).collect();
        let come = numbers.iter().filter(|number| before.binary_search(number).is_err());
        come.for_each(|number| self.values.insert(*number, id));
        let gone = before.iter().filter(|number| numbers.binary_search(number).is_err());
        gone.for_each(|number| self.leave_value(*number, id));
        self.of_entity.set(id, &numbers);
        self.present.insert(id);
        self.null.put(id, numbers.is_empty());
        self.listed.put(id, is_listed(cells.iter()));
        self.plural.put(id, numbers.len() > 1);
    }

    /// Takes an entity out.
    pub(super) fn remove(&mut self, id: u32) {
        for set in [&mut self.present, &mut self.null, &mut self.listed, &mut self.plural] {
            set.remove(id);
        }
        let numbers: Vec<u32> = self.numbers_of(id).collect();
        numbers.into_iter().for_each(|number| self.leave_value(number, id));
        self.of_entity.set(id, &[]);
    }

    /// The number of a value, which is a new one if need be.
    fn number(&mut self, original: &str) -> u32 {
        let lower = lower(original);
        let lower = Scalar::of(&*lower);
        let place = self.place(&lower, original);
        let known = self.order.from(place).next().filter(|number| self.value(*number).text() == *original);
        known.unwrap_or_else(|| self.new_value(place, &lower, original))
    }

    fn new_value(&mut self, place: Place, lower: &Scalar<&str>, original: &str) -> u32 {
        let number = self.numbers.take();
        self.scalars += usize::from(!lower.is_letters());
        self.values.texts.set(number, original);
        self.order.insert(place, number);
        number
    }

    fn leave_value(&mut self, number: u32, id: u32) {
        self.values.remove(number, id);
        if self.values.count(number) > 0 {
            return;
        }
        let value = self.value(number);
        let lower = value.lower();
        let scalar = Scalar::of(&*lower);
        let place = self.place(&scalar, &value.original());
        let is_letters = scalar.is_letters();
        self.order.remove(place, number);
        self.scalars -= usize::from(!is_letters);
        self.values.texts.set(number, "");
        self.numbers.give(number);
    }

    /// Where a value stands, or would.
    pub(super) fn place(&self, lower: &Scalar<&str>, original: &str) -> Place {
        self.order.partition_point(|number| self.value(number).order(lower, original) == Ordering::Less)
    }

    pub(super) fn value(&self, number: u32) -> Value<'_> {
        Value { values: &self.values, number }
    }

    /// The numbers of an entity's values.
    pub(super) fn numbers_of(&self, id: u32) -> impl ExactSizeIterator<Item = u32> {
        self.of_entity.get(id)
    }
}

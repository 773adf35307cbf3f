//! What can be asked about the values of a key.

use super::column::{Column, Value};
use super::ids::Ids;
use super::ordered::Place;
use crate::query::Scalar;

impl Column {
    /// Entities with a row of the key.
    pub(crate) fn present(&self) -> &Ids {
        &self.present
    }

    /// Entities whose rows of the key have no value that compares.
    pub(crate) fn null(&self) -> &Ids {
        &self.null
    }

    /// Entities with several values.
    pub(crate) fn plural(&self) -> &Ids {
        &self.plural
    }

    /// How many different values there are.
    pub(crate) fn distinct(&self) -> usize {
        self.order.len()
    }

    /// Whether values compare by their letters only: there is no number and no instant among them.
    pub(crate) fn is_letters(&self) -> bool {
        self.scalars == 0
    }

    /// The values of an entity.
    pub(crate) fn values_of(&self, id: u32) -> impl Iterator<Item = Value<'_>> {
        self.numbers_of(id).map(|number| self.value(number))
    }

    /// Entities with one of these values, which are in lower case.
    pub(super) fn with_values<'v>(&self, values: impl IntoIterator<Item = &'v str>) -> Ids {
        Ids::union(values.into_iter().flat_map(|value| self.spellings(value)).map(|it| it.ids()))
    }

    /// The values that are this one in lower case.
    pub(crate) fn spellings(&self, lower: &str) -> impl Iterator<Item = Value<'_>> {
        self.from(self.place(&Scalar::of(lower), "")).take_while(move |value| value.lower() == lower)
    }

    /// Entities with a value that starts with this, in lower case.
    pub(super) fn with_prefix(&self, prefix: &str) -> Ids {
        let scalars = self.in_order().take(self.scalars);
        // Mere letters come last, and among them those with a prefix are neighbours.
        let first = self.order.partition_point(|number| {
            let value = self.value(number);
            !value.is_letters() || *value.lower() < *prefix
        });
        let letters = self.from(first).take_while(|it| it.lower().starts_with(prefix));
        Ids::union(scalars.filter(|it| it.lower().starts_with(prefix)).chain(letters).map(|it| it.ids()))
    }

    /// Entities with a value that passes a test of its lower case. Looks at every value.
    pub(super) fn passing(&self, test: impl Fn(&str) -> bool) -> Ids {
        Ids::union(self.values.texts.passing(test).into_iter().map(|number| self.values.ids(number)))
    }

    /// Entities with a value that has this inside, in lower case.
    pub(super) fn containing(&self, text: &str) -> Ids {
        if text.is_empty() {
            return self.present.difference(&self.null);
        }
        let found = self.values.texts.containing(text);
        Ids::union(found.into_iter().map(|number| self.values.ids(number)))
    }

    /// Every value, smallest first.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = Value<'_>> {
        self.from(Place::START)
    }

    /// Every value, largest first.
    pub(crate) fn in_reverse(&self) -> impl Iterator<Item = Value<'_>> {
        self.order.back_from(self.order.end()).map(|number| self.value(number))
    }

    /// The values from one on, smallest first, those that are equal to it included.
    pub(crate) fn at_least<T: AsRef<str>>(
        &self,
        bound: &Scalar<T>,
    ) -> impl Iterator<Item = Value<'_>> + use<'_, T> {
        self.from(self.partition_point(|value| value.order(bound).is_lt()))
    }

    /// The values up to one, largest first, those that are equal to it included.
    pub(crate) fn at_most<T: AsRef<str>>(
        &self,
        bound: &Scalar<T>,
    ) -> impl Iterator<Item = Value<'_>> + use<'_, T> {
        let behind = self.partition_point(|value| value.order(bound).is_le());
        self.order.back_from(behind).map(|number| self.value(number))
    }

    fn partition_point(&self, before: impl Fn(Scalar<&str>) -> bool) -> Place {
        self.order.partition_point(|number| before(Scalar::of(&*self.value(number).lower())))
    }

    fn from(&self, place: Place) -> impl Iterator<Item = Value<'_>> {
        self.order.from(place).map(|number| self.value(number))
    }

    /// How many of these entities have each value, in order; of all, without them. Values that none of them has are left
    /// out.
    pub(crate) fn counts(&self, within: Option<&Ids>) -> Vec<(&str, usize)> {
        let Some(within) = within else {
            return self.in_order().map(|value| (value.original(), value.count())).collect();
        };
        let counts: Vec<(Value<'_>, usize)> = if self.is_cheaper_by_entity(within) {
            self.counts_by_entity(within)
        } else {
            self.in_order().map(|value| (value, value.ids().intersection_len(within))).collect()
        };
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(it, count)| (it.original(), count)).collect()
    }

    /// Whether looking at each entity's values costs less than intersecting each value's entities.
    ///
    /// Intersecting two bitmaps of one block takes about as long as looking at 60 entities.
    fn is_cheaper_by_entity(&self, within: &Ids) -> bool {
        let blocks = within.len().max(self.present.len()) / (1 << 16) + 1;
        within.len() < self.distinct().saturating_mul(blocks).saturating_mul(60)
    }

    pub(super) fn counts_by_entity(&self, within: &Ids) -> Vec<(Value<'_>, usize)> {
        let mut counts = vec![0_usize; self.numbers.end() as usize];
        for number in within.iter().flat_map(|id| self.numbers_of(id)) {
            counts[number as usize] += 1;
        }
        let numbers = self.order.from(Place::START);
        numbers.map(|number| (self.value(number), counts[number as usize])).collect()
    }
}

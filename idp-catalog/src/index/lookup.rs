//! What can be asked about the values of a key.

use std::borrow::Cow;
use std::ops::Bound;

use super::column::{Column, Value};
use super::ids::Ids;
use super::ordered::Place;
use crate::query::Scalar;

/// What values have to lie between. The sort of the bounds, of which there is one at least, says how they compare.
pub(crate) type Range<'b> = (Bound<&'b Scalar<String>>, Bound<&'b Scalar<String>>);

fn bounded(bound: Bound<&Scalar<String>>) -> Option<&Scalar<String>> {
    match bound {
        Bound::Included(bound) | Bound::Excluded(bound) => Some(bound),
        Bound::Unbounded => None,
    }
}

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
        self.who_has(values.into_iter().flat_map(|value| self.spellings(value)))
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
        self.who_has(scalars.filter(|it| it.lower().starts_with(prefix)).chain(letters))
    }

    fn who_has<'c>(&self, values: impl IntoIterator<Item = Value<'c>>) -> Ids {
        self.values.union(values.into_iter().map(|value| value.number))
    }

    /// Entities with a value that passes a test of its lower case. Looks at every value.
    pub(super) fn passing(&self, test: impl Fn(&str) -> bool) -> Ids {
        // Where nothing but empty texts stand there may be no page.
        let empty = test("").then(|| self.with_values([""]));
        let found = self.values.union(self.values.texts.passing(test));
        empty.map_or_else(|| found.clone(), |empty| Ids::union([&found, &empty]))
    }

    /// Entities with a value that has this inside, in lower case.
    pub(super) fn containing(&self, text: &str) -> Ids {
        if text.is_empty() {
            return self.present.difference(&self.null);
        }
        self.values.union(self.values.texts.containing(text))
    }

    /// Entities with a value that lies in a range, of which the test says the same.
    pub(super) fn within(&self, (from, to): Range<'_>, test: impl Fn(&str) -> bool) -> Ids {
        let Some(any) = bounded(from).or(bounded(to)) else {
            return self.present.difference(&self.null);
        };
        let start = self.partition_point(|value| match from {
            Bound::Included(bound) => value.order(bound).is_lt(),
            Bound::Excluded(bound) => value.order(bound).is_le(),
            Bound::Unbounded => !value.is_like(any) && value.order(any).is_lt(),
        });
        let end = self.partition_point(|value| match to {
            Bound::Included(bound) => value.order(bound).is_le(),
            Bound::Excluded(bound) => value.order(bound).is_lt(),
            Bound::Unbounded => value.is_like(any) || value.order(any).is_lt(),
        });
        let in_order = self.order.between(start, end).map(|number| self.value(number));
        // Instants compare with texts by their letters, and are not in that order.
        let others = self.in_order().take(if any.is_letters() { self.scalars } else { 0 });
        self.who_has(in_order.chain(others.filter(|value| test(&value.lower()))))
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
    pub(crate) fn counts(&self, within: Option<&Ids>) -> Vec<(Cow<'_, str>, usize)> {
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

//! What entities have under a key: what their bodies say, or their relations of a type.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::order::SortKey;
use super::test::ValueTest;
use crate::index::{Column, Ids, Index, Value};
use crate::snapshot::{RELATION_PREFIX, RelationColumn, Snapshot};

/// The fields of a snapshot's entities, by their keys.
#[derive(Clone, Copy)]
pub(super) struct Fields<'s> {
    snapshot: &'s Snapshot,
    index: &'s Index,
}

/// The values of one key. Keys that only lists imply have none here.
#[derive(Clone, Copy)]
pub(super) enum Field<'s> {
    Body(&'s Column),
    Relations(RelationColumn<'s>),
}

/// One value of a key.
#[derive(Clone, Copy)]
pub(super) enum FieldValue<'s> {
    Body(Value<'s>),
    Target(RelationColumn<'s>, u32),
}

/// Values in an order.
type Values<'s> = Box<dyn Iterator<Item = FieldValue<'s>> + 's>;

impl<'s> Fields<'s> {
    pub(super) fn of(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, index: snapshot.index() }
    }

    /// The values of a key, which is in lower case.
    pub(super) fn field(self, key: &str) -> Option<Field<'s>> {
        if is_relation(key) {
            return self.snapshot.relation_column(key).map(Field::Relations);
        }
        self.index.column(key).map(Field::Body)
    }

    /// The entities with a row for a key.
    pub(super) fn present(self, key: &str) -> Cow<'s, Ids> {
        match self.relations(key) {
            Some(column) => column.map(|it| Cow::Borrowed(it.present())).unwrap_or_default(),
            None => self.index.present(key),
        }
    }

    /// The entities with a value for a key.
    pub(super) fn valued(self, key: &str) -> Ids {
        match self.relations(key) {
            Some(column) => column.map(|it| it.present().difference(it.null())).unwrap_or_default(),
            None => self.index.valued(key),
        }
    }

    /// The entities with a value that passes a test in lower case.
    pub(super) fn passing(self, key: &str, test: &ValueTest) -> Ids {
        if let Some(column) = self.relations(key) {
            return column.map(|it| Field::Relations(it).passing(test)).unwrap_or_default();
        }
        match test {
            ValueTest::In(values) => self.index.with_values(key, values.iter().map(String::as_str)),
            ValueTest::Prefix(prefix) => self.index.with_prefix(key, prefix),
            ValueTest::Substring(text) => self.index.containing(key, text),
            _ => match test.range() {
                Some(range) => self.index.within(key, range, |value| test.holds(value)),
                None => self.index.passing(key, |value| test.holds(value)),
            },
        }
    }

    /// The entities with a value that passes a test as it was written.
    pub(super) fn passing_exactly(self, key: &str, test: &ValueTest) -> Ids {
        let values = match (self.field(key), test) {
            (None, _) => Vec::new(),
            (Some(field), ValueTest::In(texts)) => {
                texts.iter().flat_map(|text| field.spellings(&text.to_lowercase())).collect()
            }
            (Some(field), _) => field.in_order().collect(),
        };
        let passing = values.iter().filter(|value| test.holds(&value.original()));
        let mut sets: Vec<Ids> = passing.map(FieldValue::ids).collect();
        if test.holds(Index::IMPLIED) && !is_relation(key) {
            sets.push(self.index.implied(key));
        }
        Ids::union(&sets)
    }

    /// How many entities have one of these values, at most.
    pub(super) fn most_with_values<'v>(self, key: &str, values: impl Iterator<Item = &'v str>) -> usize {
        match self.relations(key) {
            Some(Some(column)) => {
                let of_value = |value| Field::Relations(column).spellings(value);
                values.flat_map(of_value).map(|it| it.ids().len()).sum()
            }
            Some(None) => 0,
            None => self.index.most_with_values(key, values),
        }
    }

    /// How many of these entities have each value of a key; of all, without them.
    pub(super) fn counts(self, key: &str, within: Option<&Ids>) -> Vec<(Cow<'s, str>, usize)> {
        let Some(column) = self.relations(key) else { return self.index.counts(key, within) };
        if let (Some(column), Some(within)) = (column, within.filter(|it| it.len() <= FEW)) {
            return by_entity(column, within);
        }
        let values = column.map(|it| Field::Relations(it).in_order()).into_iter().flatten();
        let count = |value: FieldValue<'s>| {
            let ids = value.ids();
            (value.original(), within.map_or(ids.len(), |within| ids.intersection_len(within)))
        };
        values.map(count).filter(|(_, count)| *count > 0).collect()
    }

    /// Whether an entity has a row for a key.
    pub(super) fn has(self, id: u32, key: &str) -> bool {
        let in_field = self.field(key).is_some_and(|field| field.present().contains(id));
        in_field || self.is_implied(id, key)
    }

    /// Whether one of an entity's values passes a test.
    pub(super) fn passes(
        self,
        id: u32,
        key: &str,
        test: impl Fn(FieldValue<'s>) -> bool,
        implied: bool,
    ) -> bool {
        let mut values = self.field(key).into_iter().flat_map(|field| field.values_of(id));
        values.any(test) || (implied && self.is_implied(id, key))
    }

    /// An entity's values in lower case.
    pub(super) fn values_of(self, id: u32, key: &str) -> Vec<Cow<'s, str>> {
        let values = self.field(key).into_iter().flat_map(|field| field.values_of(id));
        let mut values: Vec<Cow<'s, str>> = values.map(|value| value.lower()).collect();
        if !values.iter().any(|value| value == Index::IMPLIED) && self.is_implied(id, key) {
            values.push(Cow::Borrowed(Index::IMPLIED));
        }
        values
    }

    fn is_implied(self, id: u32, key: &str) -> bool {
        !is_relation(key) && self.index.is_implied(id, key)
    }

    /// Whether a key is that of relations; the column, where there are any.
    #[allow(clippy::option_option, reason = "a key of relations without any is no key of a body")]
    fn relations(self, key: &str) -> Option<Option<RelationColumn<'s>>> {
        is_relation(key).then(|| self.snapshot.relation_column(key))
    }
}

/// Up to so many entities are looked at one by one for where their relations lead.
const FEW: usize = 512;

/// How often relations of some entities lead where.
fn by_entity<'s>(column: RelationColumn<'s>, within: &Ids) -> Vec<(Cow<'s, str>, usize)> {
    let mut counts: BTreeMap<&'s str, usize> = BTreeMap::new();
    for target in within.iter().flat_map(|id| column.targets_of(id)) {
        *counts.entry(column.text(target)).or_default() += 1;
    }
    counts.into_iter().map(|(text, count)| (Cow::Borrowed(text), count)).collect()
}

fn is_relation(key: &str) -> bool {
    key.starts_with(RELATION_PREFIX)
}

impl<'s> Field<'s> {
    /// Entities with a row of the key.
    pub(super) fn present(self) -> &'s Ids {
        match self {
            Self::Body(column) => column.present(),
            Self::Relations(column) => column.present(),
        }
    }

    /// Entities whose rows of the key have no value that compares.
    pub(super) fn null(self) -> &'s Ids {
        match self {
            Self::Body(column) => column.null(),
            Self::Relations(column) => column.null(),
        }
    }

    /// At least the entities with several values.
    pub(super) fn plural(self) -> &'s Ids {
        match self {
            Self::Body(column) => column.plural(),
            Self::Relations(column) => column.plural(),
        }
    }

    /// How many different values there are, at most.
    pub(super) fn distinct(self) -> usize {
        match self {
            Self::Body(column) => column.distinct(),
            Self::Relations(column) => column.distinct(),
        }
    }

    /// Whether values compare by their letters only.
    pub(super) fn is_letters(self) -> bool {
        match self {
            Self::Body(column) => column.is_letters(),
            // Every reference has a colon and a slash.
            Self::Relations(_) => true,
        }
    }

    /// The values of an entity.
    pub(super) fn values_of(self, id: u32) -> Values<'s> {
        match self {
            Self::Body(column) => Box::new(column.values_of(id).map(FieldValue::Body)),
            Self::Relations(column) => {
                Box::new(column.targets_of(id).into_iter().map(move |it| FieldValue::Target(column, it)))
            }
        }
    }

    /// Every value, smallest first.
    pub(super) fn in_order(self) -> Values<'s> {
        match self {
            Self::Body(column) => Box::new(column.in_order().map(FieldValue::Body)),
            Self::Relations(column) => targets(column, column.from("")),
        }
    }

    /// Every value, largest first.
    pub(super) fn in_reverse(self) -> Values<'s> {
        match self {
            Self::Body(column) => Box::new(column.in_reverse().map(FieldValue::Body)),
            Self::Relations(column) => targets(column, column.backwards()),
        }
    }

    /// The values from one on, smallest first, those that are equal to it included.
    pub(super) fn at_least(self, bound: &SortKey) -> Values<'s> {
        match self {
            Self::Body(column) => Box::new(column.at_least(bound).map(FieldValue::Body)),
            Self::Relations(column) => targets(column, column.from(&bound.text)),
        }
    }

    /// The values up to one, largest first, those that are equal to it included.
    pub(super) fn at_most(self, bound: &SortKey) -> Values<'s> {
        match self {
            Self::Body(column) => Box::new(column.at_most(bound).map(FieldValue::Body)),
            Self::Relations(column) => targets(column, column.back_from(&bound.text)),
        }
    }

    /// The values that are this one in lower case.
    fn spellings(self, lower: &str) -> Vec<FieldValue<'s>> {
        match self {
            Self::Body(column) => column.spellings(lower).map(FieldValue::Body).collect(),
            Self::Relations(column) => {
                column.target(lower).map(|it| FieldValue::Target(column, it)).into_iter().collect()
            }
        }
    }

    fn passing(self, test: &ValueTest) -> Ids {
        let values: Vec<FieldValue<'s>> = match test {
            ValueTest::In(texts) => texts.iter().flat_map(|text| self.spellings(text)).collect(),
            ValueTest::Prefix(prefix) => {
                let behind = self.at_least(&SortKey::letters(prefix.as_str().into()));
                behind.take_while(|value| value.lower().starts_with(prefix)).collect()
            }
            _ => self.in_order().filter(|value| test.holds(&value.lower())).collect(),
        };
        let sets: Vec<Ids> = values.iter().map(FieldValue::ids).collect();
        Ids::union(&sets)
    }
}

fn targets<'s>(column: RelationColumn<'s>, targets: impl Iterator<Item = u32> + 's) -> Values<'s> {
    Box::new(targets.map(move |target| FieldValue::Target(column, target)))
}

impl<'s> FieldValue<'s> {
    /// In lower case, as it is compared.
    pub(super) fn lower(&self) -> Cow<'s, str> {
        match self {
            Self::Body(value) => value.lower(),
            Self::Target(column, target) => Cow::Borrowed(column.text(*target)),
        }
    }

    /// As it was written.
    pub(super) fn original(&self) -> Cow<'s, str> {
        match self {
            Self::Body(value) => value.original(),
            Self::Target(column, target) => Cow::Borrowed(column.text(*target)),
        }
    }

    /// The entities that have it.
    pub(super) fn ids(&self) -> Ids {
        match self {
            Self::Body(value) => value.ids(),
            Self::Target(column, target) => column.ids(*target),
        }
    }
}

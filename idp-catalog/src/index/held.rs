//! Which entities have which values, until all is there and can be put in order.

use super::lists::{Lists, ListsBuilder};

/// Where there are fewer pairs than one for so many entities, they are sorted sooner than every entity is passed over:
/// there may be as many columns as entities.
const SPARSE: usize = 16;

/// Pairs of an entity and a value that it has, by their numbers; those of an entity one behind the other.
///
/// They are held as they are: packing them and unpacking them again was 4 % of the instructions of a bulk ingest.
#[derive(Debug, Default)]
pub(super) struct Held {
    entities: Vec<u32>,
    values: Vec<u32>,
}

impl Held {
    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Adds a value that an entity has.
    pub(super) fn push(&mut self, entity: u32, value: u32) {
        self.entities.push(entity);
        self.values.push(value);
    }

    /// Adds what others hold, whose entities and values have the numbers at the places of these; entities keep theirs where
    /// none are given.
    pub(super) fn append(&mut self, others: Self, entities: Option<&[u32]>, values: &[u32]) {
        let entity = |entity: u32| entities.map_or(entity, |numbers| numbers[entity as usize]);
        self.entities.extend(others.entities.into_iter().map(entity));
        self.values.extend(others.values.into_iter().map(|value| values[value as usize]));
    }

    /// The same in the order of both.
    pub(super) fn in_order(mut self) -> Self {
        if !self.entities.is_sorted() {
            self = self.by_entity();
        }
        self.sort_values();
        self
    }

    fn by_entity(self) -> Self {
        let Self { entities, values } = self;
        let end = entities.iter().max().map_or(0, |last| *last as usize + 1);
        if entities.len() * SPARSE < end {
            let mut pairs: Vec<(u32, u32)> = entities.into_iter().zip(values).collect();
            pairs.sort_unstable();
            let (entities, values) = pairs.into_iter().unzip();
            return Self { entities, values };
        }
        let (values, ends) = grouped(&entities, &values, end);
        let (mut entities, mut start) = (Vec::with_capacity(values.len()), 0);
        for (entity, end) in (0..).zip(ends) {
            entities.extend((start..end).map(|_| entity));
            start = end;
        }
        Self { entities, values }
    }

    fn sort_values(&mut self) {
        let mut rest = &mut self.values[..];
        for of in self.entities.chunk_by(|a, b| a == b) {
            let held = rest.split_off_mut(..of.len());
            held.into_iter().for_each(<[u32]>::sort_unstable);
        }
    }

    /// Each entity with the values it has. They are in order.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, &[u32])> {
        let (mut entities, mut values) = (&self.entities[..], &self.values[..]);
        std::iter::from_fn(move || {
            let entity = *entities.first()?;
            let count = 1 + entities[1..].iter().take_while(|other| **other == entity).count();
            entities = &entities[count..];
            Some((entity, values.split_off(..count)?))
        })
    }

    /// The values of each entity, packed. They are in order.
    pub(super) fn lists(&self) -> Lists {
        let mut lists = ListsBuilder::default();
        self.each().for_each(|(entity, values)| lists.push(entity, values));
        lists.build()
    }

    /// The entities of each value, ascending, one value's behind the other's; with where they end. All values are below an
    /// end.
    pub(super) fn turned(&self, end: u32) -> (Vec<u32>, Vec<u32>) {
        grouped(&self.values, &self.entities, end as usize)
    }
}

/// Items in the order of the groups they are in, which are numbered and below an end, and else as they come; with where
/// those of each group end.
fn grouped(groups: &[u32], items: &[u32], end: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut ends, mut sum) = (vec![0; end], 0);
    groups.iter().for_each(|group| ends[*group as usize] += 1);
    // Where the group's items begin. It becomes where they end as they are put there.
    ends.iter_mut().for_each(|end| sum += std::mem::replace(end, sum));
    let mut grouped = vec![0; items.len()];
    for (group, item) in groups.iter().zip(items) {
        let place = &mut ends[*group as usize];
        grouped[*place as usize] = *item;
        *place += 1;
    }
    (grouped, ends)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_a_map_of_sets(
            told in prop::collection::btree_map(
                prop_oneof![0..40_u32, 0..3000_u32],
                prop::collection::btree_set(0..50_u32, 1..40),
                0..60,
            ),
            turn: bool,
            seed in 1..50_u32,
        ) {
            // Both are permutations.
            let entities: Vec<u32> = (0..3000).map(|number| (number * 7 + seed) % 3000).collect();
            let numbers: Vec<u32> = (0..50).map(|number| (number * 3 + seed) % 50).collect();
            let (mut held, mut want, mut turned) = (Held::default(), BTreeMap::new(), BTreeMap::new());
            for (entity, values) in &told {
                values.iter().for_each(|value| held.push(*entity, *value));
                let entity = if turn { entities[*entity as usize] } else { *entity };
                let values: BTreeSet<u32> = values.iter().map(|value| numbers[*value as usize]).collect();
                for value in &values {
                    turned.entry(*value).or_insert_with(BTreeSet::new).insert(entity);
                }
                want.insert(entity, Vec::from_iter(values));
            }
            let mut all = Held::default();
            all.append(held, turn.then_some(&entities), &numbers);
            let held = all.in_order();
            let each: Vec<(u32, Vec<u32>)> = held.each().map(|(entity, values)| (entity, values.to_vec())).collect();
            prop_assert_eq!(&each, &Vec::from_iter(want));
            let (ids, ends) = held.turned(50);
            let mut start = 0;
            for (value, end) in (0..).zip(ends) {
                let want: Vec<u32> = turned.remove(&value).into_iter().flatten().collect();
                prop_assert_eq!(&ids[start..end as usize], &want);
                start = end as usize;
            }
            let lists = held.lists();
            for (entity, values) in each {
                prop_assert_eq!(lists.get(entity).collect::<Vec<_>>(), values);
            }
        }
    }
}

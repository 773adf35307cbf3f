//! What a column holds of each value: the text, and who has it.

use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::lists::Lists;
use super::sparse::Sparse;
use super::texts::Texts;

/// Up to here the entities of a value are in a page with those of others.
const MOST_IN_A_PAGE: usize = 24;

/// Values by their numbers: texts, and the entities that have them. Copies share what they have in common.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Values {
    pub(super) texts: Texts,
    /// The entities of values that few have: most values of most columns belong to one entity.
    few: Lists,
    /// The entities of values that many have.
    many: Sparse<Ids>,
}

impl Values {
    /// Values whose texts will be searched.
    pub(super) fn searched() -> Self {
        Self { texts: Texts::with_grams(), ..Self::default() }
    }

    pub(super) fn new(texts: Texts, few: Lists, many: Sparse<Ids>) -> Self {
        Self { texts, few, many }
    }

    /// Whether what was read can be asked about, of values below an end and entities below another.
    pub(super) fn is_sound(&self, end: u32, entities: u32) -> bool {
        let mut many = self.many.iter();
        self.texts.is_sound(end) && self.few.is_sound(entities) && many.all(|(_, ids)| ids.is_sound(entities))
    }

    /// The entities that have a value.
    pub(super) fn ids(&self, number: u32) -> Ids {
        self.many.get(number).cloned().unwrap_or_else(|| Ids::from_ascending(self.few.get(number)))
    }

    /// The entities that have one of several values.
    pub(super) fn union(&self, numbers: impl IntoIterator<Item = u32>) -> Ids {
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let mut sets = Vec::new();
        if self.many.iter().next().is_some() {
            numbers.retain(|number| {
                let many = self.many.get(*number);
                sets.extend(many.cloned());
                many.is_none()
            });
        }
        let few = self.few.gather(&numbers);
        if !few.is_empty() {
            sets.push(few.into_iter().collect());
        }
        Ids::union(sets)
    }

    /// How many entities have a value.
    pub(super) fn count(&self, number: u32) -> usize {
        self.many.get(number).map_or_else(|| self.few.get(number).len(), Ids::len)
    }

    /// Adds an entity to those that have a value.
    pub(super) fn insert(&mut self, number: u32, id: u32) {
        if let Some(ids) = self.many.get_mut(number) {
            return ids.insert(id);
        }
        let mut ids: Vec<u32> = self.few.get(number).collect();
        if let Err(at) = ids.binary_search(&id) {
            ids.insert(at, id);
            self.put(number, ids);
        }
    }

    /// Takes an entity out of those that have a value.
    pub(super) fn remove(&mut self, number: u32, id: u32) {
        if let Some(ids) = self.many.get_mut(number) {
            ids.remove(id);
            if ids.len() > MOST_IN_A_PAGE / 2 {
                return;
            }
            let left = ids.iter().collect();
            self.many.remove(number);
            return self.put(number, left);
        }
        self.put(number, self.few.get(number).filter(|it| *it != id).collect());
    }

    fn put(&mut self, number: u32, ids: Vec<u32>) {
        if is_few(ids.len()) {
            return self.few.set(number, &ids);
        }
        self.few.set(number, &[]);
        self.many.set(number, Ids::from_sorted(ids));
    }
}

/// Whether so many entities of a value are in a page with those of others.
pub(super) fn is_few(count: usize) -> bool {
    count <= MOST_IN_A_PAGE
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_a_map_of_sets(steps in prop::collection::vec((0..3_u32, 0..60_u32, prop::bool::weighted(0.6)), 0..300)) {
            let (mut values, mut want) = (Values::default(), BTreeMap::<u32, BTreeSet<u32>>::new());
            let mut kept = Vec::new();
            for (number, id, insert) in steps {
                if insert {
                    values.insert(number, id);
                    want.entry(number).or_default().insert(id);
                } else {
                    values.remove(number, id);
                    want.entry(number).or_default().remove(&id);
                }
                kept.push((values.clone(), want.clone()));
            }
            for (values, want) in kept.iter().rev().step_by(20) {
                for (number, ids) in want {
                    prop_assert_eq!(values.ids(*number).iter().collect::<BTreeSet<_>>(), ids.clone());
                    prop_assert_eq!(values.count(*number), ids.len());
                }
                let all: BTreeSet<u32> = want.values().flatten().copied().collect();
                prop_assert_eq!(values.union(want.keys().copied()).iter().collect::<BTreeSet<_>>(), all);
            }
        }
    }
}

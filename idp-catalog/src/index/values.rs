//! What a column holds of each value: the text, and who has it.

use std::borrow::Cow;

use super::ids::Ids;
use super::lists::Lists;
use super::sparse::Sparse;
use super::texts::Texts;

/// Up to here the entities of a value are in a page with those of others.
const MOST_IN_A_PAGE: usize = 24;

/// Values by their numbers: texts, and the entities that have them. Copies share what they have in common.
#[derive(Debug, Clone, Default)]
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

    /// As it was written.
    pub(super) fn written(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    pub(super) fn lower(&self, number: u32) -> Cow<'_, str> {
        self.texts.lower(number)
    }

    /// The entities that have a value.
    pub(super) fn ids(&self, number: u32) -> Ids {
        self.many.get(number).cloned().unwrap_or_else(|| Ids::from_ascending(self.few.get(number)))
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

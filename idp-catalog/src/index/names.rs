//! From a text to its number.

use foldhash::fast::RandomState;
use std::hash::BuildHasher;

use super::paged::Paged;

/// Nothing was ever here.
const FREE: Slot = Slot(0);
/// Something was here: a search goes on behind it.
const LEFT: Slot = Slot(u32::MAX as u64);
const SMALLEST: u32 = 64;

/// The hash of a text, and its number plus one; [`FREE`] or [`LEFT`]. Texts are elsewhere, and are hardly looked at where
/// they are not what is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Slot(u64);

impl Slot {
    fn new(hash: u32, number: u32) -> Self {
        Self((u64::from(hash) << 32) | (u64::from(number) + 1))
    }

    fn hash(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn number(self) -> Option<u32> {
        if self == LEFT { None } else { (self.0 as u32).checked_sub(1) }
    }
}

/// A hash table from texts to numbers, of which copies share what they have in common. The texts are elsewhere: who
/// asks says what the text of a number is.
///
/// Open addressing over a [`Paged`] array; seeded, so that nobody can choose texts that collide.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    hasher: RandomState,
    places: Paged<Slot>,
    /// A power of two.
    capacity: u32,
    /// Places that are not free.
    taken: u32,
}

impl Default for Names {
    fn default() -> Self {
        Self { hasher: RandomState::default(), places: Paged::default(), capacity: SMALLEST, taken: 0 }
    }
}

impl Names {
    /// A table that will have so many texts, and not many more.
    pub(crate) fn with_room(count: u32) -> Self {
        Self { capacity: capacity(count.div_ceil(2)), ..Self::default() }
    }

    /// The number of a text.
    pub(crate) fn get<'t>(&self, text: &str, text_of: impl Fn(u32) -> &'t str) -> Option<u32> {
        let place = self.find(text, text_of)?;
        self.places.get(place).number()
    }

    /// Adds a text that is not there yet.
    pub(crate) fn insert(&mut self, text: &str, number: u32) {
        if self.taken >= self.capacity / 8 * 5 {
            self.rebuild();
        }
        self.put(Slot::new(self.hash(text), number));
    }

    /// Takes a text out.
    pub(crate) fn remove<'t>(&mut self, text: &str, text_of: impl Fn(u32) -> &'t str) {
        if let Some(found) = self.find(text, text_of) {
            self.places.set(found, LEFT);
        }
    }

    fn find<'t>(&self, text: &str, text_of: impl Fn(u32) -> &'t str) -> Option<u32> {
        // Where nothing was ever put, nobody has to look at the text.
        if self.taken == 0 {
            return None;
        }
        let hash = self.hash(text);
        let is_it = |slot: Slot| slot.hash() == hash && slot.number().is_some_and(|it| text_of(it) == text);
        let known = self.probe(hash).map(|place| (place, *self.places.get(place)));
        known.take_while(|(_, slot)| *slot != FREE).find(|(_, slot)| is_it(*slot)).map(|(place, _)| place)
    }

    fn put(&mut self, slot: Slot) {
        let free = self.probe(slot.hash()).find(|place| *self.places.get(*place) == FREE);
        if let Some(place) = free {
            self.places.set(place, slot);
            self.taken += 1;
        }
    }

    /// Twice as many places as what is there needs, without those that were left.
    fn rebuild(&mut self) {
        let all = (0..self.capacity).map(|place| *self.places.get(place));
        let slots: Vec<Slot> = all.filter(|it| *it != FREE && *it != LEFT).collect();
        self.capacity = capacity(u32::try_from(slots.len()).unwrap_or(u32::MAX));
        (self.places, self.taken) = (Paged::default(), 0);
        slots.into_iter().for_each(|slot| self.put(slot));
    }

    fn hash(&self, text: &str) -> u32 {
        self.hasher.hash_one(text) as u32
    }

    /// Every place, beginning where a hash belongs.
    fn probe(&self, hash: u32) -> impl Iterator<Item = u32> + use<> {
        let mask = self.capacity - 1;
        (0..self.capacity).map(move |step| hash.wrapping_add(step) & mask)
    }
}

/// Twice as many places as so many texts need.
fn capacity(count: u32) -> u32 {
    (count.min(u32::MAX / 16) * 4).max(SMALLEST).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_a_map(steps in prop::collection::vec((any::<bool>(), 0..300_u32), 1..600)) {
            let texts: Vec<String> = (0..300).map(|it| format!("component:default/{it}")).collect();
            let text_of = |number: u32| &*texts[number as usize];
            let (mut names, mut want) = (Names::default(), BTreeMap::new());
            for (insert, number) in steps {
                let text = text_of(number);
                let known = want.contains_key(text);
                match insert {
                    true if !known => {
                        names.insert(text, number);
                        want.insert(text, number);
                    }
                    false if known => {
                        names.remove(text, text_of);
                        want.remove(text);
                    }
                    _ => {}
                }
            }
            for text in &texts {
                prop_assert_eq!(names.get(text, text_of), want.get(&**text).copied());
            }
        }
    }
}

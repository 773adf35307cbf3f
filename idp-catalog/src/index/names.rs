//! From a text to its number.

use foldhash::fast::RandomState;
use std::hash::BuildHasher;

use super::paged::Paged;

/// Nothing was ever here.
const FREE: u32 = 0;
/// Something was here: a search goes on behind it.
const LEFT: u32 = u32::MAX;
const SMALLEST: u32 = 64;

/// A hash table from texts to numbers, of which copies share what they have in common. The texts are elsewhere: who
/// asks says what the text of a number is.
///
/// Open addressing over a [`Paged`] array; seeded, so that nobody can choose texts that collide.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    hasher: RandomState,
    /// A number plus one, [`FREE`] or [`LEFT`].
    places: Paged<u32>,
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
    /// A table that will have so many texts.
    pub(crate) fn with_room(count: u32) -> Self {
        Self { capacity: capacity(count), ..Self::default() }
    }

    /// The number of a text.
    pub(crate) fn get<'t>(&self, text: &str, text_of: impl Fn(u32) -> &'t str) -> Option<u32> {
        self.probe(text)
            .map(|place| *self.places.get(place))
            .take_while(|it| *it != FREE)
            .find(|it| *it != LEFT && text_of(it - 1) == text)
            .map(|it| it - 1)
    }

    /// Adds a text that is not there yet.
    pub(crate) fn insert<'t>(&mut self, text: &str, number: u32, text_of: impl Fn(u32) -> &'t str) {
        if self.taken >= self.capacity / 8 * 5 {
            self.rebuild(&text_of);
        }
        self.put(text, number);
    }

    /// Takes a text out.
    pub(crate) fn remove<'t>(&mut self, text: &str, text_of: impl Fn(u32) -> &'t str) {
        let mut places = self.probe(text).take_while(|place| *self.places.get(*place) != FREE);
        let found = places.find(|place| {
            let it = *self.places.get(*place);
            it != LEFT && text_of(it - 1) == text
        });
        if let Some(place) = found {
            self.places.set(place, LEFT);
        }
    }

    fn put(&mut self, text: &str, number: u32) {
        let free = self.probe(text).find(|place| *self.places.get(*place) == FREE);
        if let Some(place) = free {
            self.places.set(place, number + 1);
            self.taken += 1;
        }
    }

    /// Twice as many places as what is there needs, without those that were left.
    fn rebuild<'t>(&mut self, text_of: &impl Fn(u32) -> &'t str) {
        let all = (0..self.capacity).map(|place| *self.places.get(place));
        let numbers: Vec<u32> = all.filter(|it| *it != FREE && *it != LEFT).map(|it| it - 1).collect();
        self.capacity = capacity(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        (self.places, self.taken) = (Paged::default(), 0);
        for number in numbers {
            self.put(text_of(number), number);
        }
    }

    /// Every place, beginning where a text belongs.
    fn probe(&self, text: &str) -> impl Iterator<Item = u32> + use<> {
        let hash = self.hasher.hash_one(text);
        let (start, mask) = (hash as u32, self.capacity - 1);
        (0..self.capacity).map(move |step| start.wrapping_add(step) & mask)
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
                        names.insert(text, number, text_of);
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

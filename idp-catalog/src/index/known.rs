//! Which of many texts were there before.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// A hash table from texts to numbers, for whoever collects texts. The texts are elsewhere: who asks says what the text of
/// a number is.
///
/// As [`Names`](super::Names), in one piece: a copy shares nothing, and a text is found with fewer looks at memory. Hashes
/// are kept too, so that no text is looked at but one that is most likely the same, and none when the table grows.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Hashes and numbers.
    table: HashTable<(u32, u32)>,
    hasher: RandomState,
}

impl Known {
    /// The number of a text that is known. Another one is known from here on, by the number that is given.
    pub(crate) fn look_up<'t>(
        &mut self,
        text: &str,
        next: u32,
        text_of: impl Fn(u32) -> &'t str,
    ) -> Option<u32> {
        let hash = self.hash(text);
        let is_it = |(other, number): &(u32, u32)| *other == hash && text_of(*number) == text;
        match self.table.entry(spread(hash), is_it, |(hash, _)| spread(*hash)) {
            Entry::Occupied(known) => Some(known.get().1),
            Entry::Vacant(free) => {
                free.insert((hash, next));
                None
            }
        }
    }

    /// The number of a text that is known.
    pub(crate) fn get<'t>(&self, text: &str, text_of: impl Fn(u32) -> &'t str) -> Option<u32> {
        let hash = self.hash(text);
        let is_it = |(other, number): &(u32, u32)| *other == hash && text_of(*number) == text;
        self.table.find(spread(hash), is_it).map(|(_, number)| *number)
    }

    fn hash(&self, text: &str) -> u32 {
        self.hasher.hash_one(text) as u32
    }
}

/// A hash as the table wants it: it looks at both ends.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_a_map(numbers in prop::collection::vec(0..300_u32, 0..600)) {
            let texts: Vec<String> = (0..300).map(|it| format!("component:default/{it}")).collect();
            let text_of = |number: u32| &*texts[number as usize];
            let (mut known, mut want) = (Known::default(), BTreeMap::new());
            for number in numbers {
                let before = want.insert(text_of(number), number);
                prop_assert_eq!(known.get(text_of(number), text_of), before);
                prop_assert_eq!(known.look_up(text_of(number), number, text_of), before);
            }
            for text in &texts {
                prop_assert_eq!(known.get(text, text_of), want.get(&**text).copied());
            }
        }
    }
}

//! The keys of entities that are read together, by number: comparing numbers is most of what is done with keys.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::text::lower;
use crate::query::{is_short, is_skipped, joined};

/// Keys, and the places in documents that they come from.
///
/// Documents that are read together are written in much the same way. So each place remembers which one came after it
/// the last time, and hardly any name is looked up: it is compared once.
#[derive(Debug)]
pub(crate) struct Keys {
    places: Vec<Place>,
    /// Places by what they are in and what they are called.
    known: HashTable<u32>,
    hasher: RandomState,
    numbers: HashMap<Arc<str>, u32, RandomState>,
    names: Vec<Arc<str>>,
}

/// A place in documents: what is called so, in a place.
#[derive(Debug)]
struct Place {
    /// The place it is in.
    parent: u32,
    name: Box<str>,
    /// The way to it, as it is written.
    path: Box<str>,
    key: PlaceKey,
    is_skipped: bool,
    /// The place in it that was met last, and what came after it, in the same place, the last time.
    last: u32,
    after: u32,
}

/// The key of the values at a place.
#[derive(Debug, Clone, Copy)]
enum PlaceKey {
    /// Nobody has asked.
    Unknown,
    TooLong,
    Number(u32),
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            places: vec![Place::new(Self::START, "", "")],
            known: HashTable::new(),
            hasher: RandomState::default(),
            numbers: HashMap::default(),
            names: Vec::new(),
        }
    }
}

impl Place {
    fn new(parent: u32, name: &str, path: &str) -> Self {
        let (key, is_skipped) = (PlaceKey::Unknown, is_skipped(path));
        Self { parent, name: name.into(), path: path.into(), key, is_skipped, last: 0, after: 0 }
    }

    fn is(&self, parent: u32, name: &str) -> bool {
        self.parent == parent && *self.name == *name
    }
}

impl Keys {
    /// The place of whole documents.
    pub(super) const START: u32 = 0;

    /// The keys, in the order of their numbers.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The name of a key.
    pub(super) fn name(&self, key: u32) -> &str {
        &self.names[key as usize]
    }

    /// The place of a member of what is at a place; `None` where all below it is too long to be a key.
    pub(super) fn member(&mut self, parent: u32, name: &str) -> Option<u32> {
        let last = self.places[parent as usize].last;
        let next = self.places[last as usize].after;
        let member = if next != Self::START && self.places[next as usize].is(parent, name) {
            next
        } else {
            let member = self.look_up(parent, name)?;
            self.places[last as usize].after = member;
            member
        };
        self.places[parent as usize].last = member;
        Some(member)
    }

    fn look_up(&mut self, parent: u32, name: &str) -> Option<u32> {
        let hash = self.hasher.hash_one((parent, name));
        let is_it = |place: &u32| self.places[*place as usize].is(parent, name);
        if let Some(place) = self.known.find(hash, is_it) {
            return Some(*place);
        }
        let path = joined(&self.places[parent as usize].path, name)?;
        let place = self.places.len() as u32;
        self.places.push(Place::new(parent, name, &path));
        let hash_of = |place: &u32| {
            let Place { parent, name, .. } = &self.places[*place as usize];
            self.hasher.hash_one((*parent, &**name))
        };
        self.known.insert_unique(hash, place, hash_of);
        Some(place)
    }

    /// The way to a place, as it is written.
    pub(super) fn path(&self, place: u32) -> &str {
        &self.places[place as usize].path
    }

    /// Whether what is at a place is not for searching.
    pub(super) fn is_skipped(&self, place: u32) -> bool {
        self.places[place as usize].is_skipped
    }

    /// The number of the key of the values at a place; `None` where it is too long.
    pub(super) fn at(&mut self, place: u32) -> Option<u32> {
        match self.places[place as usize].key {
            PlaceKey::Number(number) => Some(number),
            PlaceKey::TooLong => None,
            PlaceKey::Unknown => {
                let path = self.path(place).to_owned();
                let number = self.of_path(&path);
                self.places[place as usize].key = number.map_or(PlaceKey::TooLong, PlaceKey::Number);
                number
            }
        }
    }

    /// The number of the key of a path; `None` where it is too long.
    pub(super) fn of_path(&mut self, path: &str) -> Option<u32> {
        let key = lower(path);
        is_short(&key).then(|| self.of_key(&key))
    }

    /// The number of a key, which is in lower case.
    pub(super) fn of_key(&mut self, key: &str) -> u32 {
        if let Some(number) = self.number(key) {
            return number;
        }
        let (name, number): (Arc<str>, _) = (key.into(), self.names.len() as u32);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// The number of a key, which is in lower case, where it has one.
    pub(super) fn number(&self, key: &str) -> Option<u32> {
        self.numbers.get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_place_is_found_whatever_came_before(
            steps in prop::collection::vec((any::<prop::sample::Index>(), "[abA.]{0,2}"), 0..60),
        ) {
            let mut keys = Keys::default();
            let mut seen = vec![(Keys::START, String::new())];
            for (parent, name) in steps {
                let (parent, path) = seen[parent.index(seen.len())].clone();
                let path = joined(&path, &name).unwrap();
                let place = keys.member(parent, &name).unwrap();
                prop_assert_eq!(keys.path(place), &*path);
                prop_assert_eq!(keys.member(parent, &name), Some(place));
                let key = keys.at(place).unwrap();
                prop_assert_eq!(keys.name(key), path.to_lowercase());
                prop_assert_eq!(keys.at(place), Some(key));
                seen.push((place, path));
            }
        }
    }

    #[test]
    fn what_is_too_long_has_no_place() {
        let mut keys = Keys::default();
        let place = keys.member(Keys::START, &"a".repeat(300)).unwrap();
        assert_eq!(keys.at(place), None);
        assert_eq!(keys.member(place, &"b".repeat(300)), None);
    }
}

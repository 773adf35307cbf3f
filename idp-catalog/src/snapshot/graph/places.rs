//! Where nodes stand in a list, by number.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// Up to so many nodes are kept in a hash table: the pages of a plain array that a few nodes touch cost more.
const MOST_IN_A_TABLE: usize = 4096;

/// The places of nodes in a list.
#[derive(Debug, Clone)]
pub(super) enum Places {
    Few(HashMap<u32, u32, RandomState>),
    /// By number: the place plus one, 0 for nodes that have none.
    Many(Vec<u32>),
}

impl Default for Places {
    fn default() -> Self {
        Self::Few(HashMap::default())
    }
}

impl Places {
    pub(super) fn get(&self, number: u32) -> Option<usize> {
        let place = match self {
            Self::Few(table) => table.get(&number).copied(),
            Self::Many(places) => places.get(number as usize).and_then(|place| place.checked_sub(1)),
        };
        place.map(|place| place as usize)
    }

    /// Notes a place of a node. Every number is below `end`.
    pub(super) fn set(&mut self, number: u32, place: usize, end: u32) {
        let place = u32::try_from(place).unwrap_or(u32::MAX - 1);
        match self {
            Self::Few(table) if table.len() < MOST_IN_A_TABLE => _ = table.insert(number, place),
            Self::Few(table) => {
                let mut places = vec![0; end as usize];
                table.iter().for_each(|(number, place)| places[*number as usize] = place + 1);
                places[number as usize] = place + 1;
                *self = Self::Many(places);
            }
            Self::Many(places) => places[number as usize] = place + 1,
        }
    }

    /// Forgets a node.
    pub(super) fn remove(&mut self, number: u32) {
        match self {
            Self::Few(table) => _ = table.remove(&number),
            Self::Many(places) => places[number as usize] = 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_become_many_and_keep_their_places() {
        let mut places = Places::default();
        for number in 0..10_000 {
            places.set(number * 3, number as usize, 30_000);
        }
        places.remove(3);
        assert!(matches!(places, Places::Many(_)));
        assert_eq!(
            [0, 1, 3, 6, 29_997, 40_000].map(|it| places.get(it)),
            [Some(0), None, None, Some(2), Some(9_999), None]
        );
    }
}

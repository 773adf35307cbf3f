//! Numbers that are handed out and come back.

use serde::{Deserialize, Serialize};

use super::ids::Ids;

/// The smallest numbers that nobody has. Copies share what they have in common.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Numbers {
    /// Numbers below `end` that nobody has.
    free: Ids,
    end: u32,
}

impl Numbers {
    /// So many numbers, from 0 on, that are all somebody's.
    pub(super) fn taken(count: u32) -> Self {
        Self { free: Ids::default(), end: count }
    }

    /// The numbers below an end, but for those that are free.
    pub(crate) fn below(end: u32, free: Ids) -> Self {
        Self { free, end }
    }

    /// How many are somebody's.
    pub(super) fn len(&self) -> usize {
        (self.end as usize).saturating_sub(self.free.len())
    }

    /// A number that nobody has.
    pub(crate) fn take(&mut self) -> u32 {
        let free = self.free.iter().next();
        match free {
            Some(number) => {
                self.free.remove(number);
                number
            }
            None => {
                self.end += 1;
                self.end - 1
            }
        }
    }

    /// Gives a number back.
    pub(crate) fn give(&mut self, number: u32) {
        self.free.insert(number);
    }

    /// What every number is below.
    pub(crate) fn end(&self) -> u32 {
        self.end
    }
}

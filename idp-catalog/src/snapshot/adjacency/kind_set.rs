//! Kinds of relations that somebody wants.

use super::page::bit_of;
use crate::snapshot::kinds::KindId;

/// A set of kinds.
#[derive(Debug, Clone, Default)]
pub(in crate::snapshot) struct KindSet {
    has: Box<[bool]>,
    /// The bits of its kinds.
    bits: u16,
}

impl KindSet {
    pub(in crate::snapshot) fn has(&self, kind: KindId) -> bool {
        self.has[kind.index()]
    }

    pub(super) fn has_number(&self, kind: u16) -> bool {
        self.has[usize::from(kind)]
    }

    pub(super) fn bits(&self) -> u16 {
        self.bits
    }
}

/// For each kind, by its number, whether it is one of the set.
impl FromIterator<bool> for KindSet {
    fn from_iter<I: IntoIterator<Item = bool>>(kinds: I) -> Self {
        let has: Box<[bool]> = kinds.into_iter().collect();
        let bits =
            (0..).zip(&has).filter(|(_, is_in)| **is_in).fold(0, |bits, (kind, _)| bits | bit_of(kind));
        Self { has, bits }
    }
}

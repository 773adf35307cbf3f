//! Which pages of texts may have a text inside.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::sparse::Sparse;

/// Bytes in a gram.
const LENGTH: usize = 3;
/// Bits that stand for a byte, so that there are few grams and they lie close together.
const BITS: u32 = 6;
/// How many grams there are.
const GRAMS: usize = 1 << (BITS * LENGTH as u32);
/// Most grams of a text that are looked up: it may be long, and the others would exclude next to nothing.
const MOST_LOOKED_UP: usize = 64;

/// For every gram, three bytes of a text in lower case, the pages on which it is. Copies share what they have in common.
///
/// Pages rather than texts: a page is searched at once, in less time than a few texts one by one, and the texts on it
/// have many grams in common, so that this takes a fraction of the room. A text that is everywhere leads to every page,
/// which costs what reading them all costs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Grams {
    pages: Sparse<Ids>,
}

impl Grams {
    /// The pages that have every gram of a text in lower case; `None` if it is too short to have one.
    pub(super) fn candidates(&self, lower: &str) -> Option<Ids> {
        let pages = grams(lower).take(MOST_LOOKED_UP).map(|gram| self.pages.get(gram));
        let Some(mut pages) = pages.collect::<Option<Vec<&Ids>>>() else { return Some(Ids::default()) };
        pages.sort_unstable_by_key(|pages| pages.len());
        let (rarest, others) = pages.split_first()?;
        Some(others.iter().fold(Ids::clone(rarest), |left, pages| left.intersection(pages)))
    }

    /// Notes that a text, in lower case, is on a page.
    pub(super) fn insert(&mut self, page: u32, lower: &str) {
        for gram in grams(lower) {
            match self.pages.get(gram) {
                Some(pages) if pages.contains(page) => {}
                Some(_) => self.pages.get_mut(gram).into_iter().for_each(|pages| pages.insert(page)),
                None => self.pages.set(gram, Ids::from_sorted(vec![page])),
            }
        }
    }

    /// Notes that a text, in lower case, is no longer on a page, which has these grams left.
    pub(super) fn remove(&mut self, page: u32, lower: &str, left: &GramSet) {
        for gram in grams(lower).filter(|gram| !left.contains(*gram)) {
            let Some(pages) = self.pages.get_mut(gram) else { continue };
            pages.remove(page);
            if pages.is_empty() {
                self.pages.remove(gram);
            }
        }
    }
}

/// Collects the grams of pages that come in ascending order of their numbers.
#[derive(Debug, Default)]
pub(super) struct GramsBuilder {
    pages: HashMap<u32, Vec<u32>, RandomState>,
}

impl GramsBuilder {
    pub(super) fn push(&mut self, page: u32, grams: &GramSet) {
        grams.list.iter().for_each(|gram| self.pages.entry(*gram).or_default().push(page));
    }

    pub(super) fn build(self) -> Grams {
        let mut pages: Vec<(u32, Vec<u32>)> = self.pages.into_iter().collect();
        pages.sort_unstable_by_key(|(gram, _)| *gram);
        Grams { pages: pages.into_iter().map(|(gram, pages)| (gram, Ids::from_sorted(pages))).collect() }
    }
}

/// The grams of several texts, each once.
#[derive(Debug)]
pub(super) struct GramSet {
    bits: Vec<u64>,
    list: Vec<u32>,
}

impl<'t> FromIterator<&'t str> for GramSet {
    fn from_iter<I: IntoIterator<Item = &'t str>>(lower: I) -> Self {
        let mut set = Self { bits: vec![0; GRAMS / 64], list: Vec::new() };
        lower.into_iter().flat_map(grams).for_each(|gram| set.insert(gram));
        set
    }
}

impl GramSet {
    fn contains(&self, gram: u32) -> bool {
        self.bits[gram as usize / 64] >> (gram % 64) & 1 == 1
    }

    fn insert(&mut self, gram: u32) {
        if !self.contains(gram) {
            self.bits[gram as usize / 64] |= 1 << (gram % 64);
            self.list.push(gram);
        }
    }
}

/// The grams of a text in lower case.
fn grams(lower: &str) -> impl Iterator<Item = u32> {
    let windows = lower.as_bytes().windows(LENGTH);
    windows.map(|window| window.iter().fold(0, |gram, byte| gram << BITS | class(*byte)))
}

/// What stands for a byte. Letters and digits stand for themselves; others may share.
fn class(byte: u8) -> u32 {
    u32::from(match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => byte - b'0' + 26,
        _ => byte % 28 + 36,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(grams: &Grams, text: &str) -> Option<Vec<u32>> {
        grams.candidates(text).map(|pages| pages.iter().collect())
    }

    #[test]
    fn pages_that_have_every_gram() {
        let mut grams = Grams::default();
        grams.insert(1, "payments");
        grams.insert(2, "repay");
        grams.insert(2, "ments");
        assert_eq!(candidates(&grams, "pay"), Some(vec![1, 2]));
        assert_eq!(candidates(&grams, "ayme"), Some(vec![1]));
        assert_eq!(candidates(&grams, "payx"), Some(vec![]));
        assert_eq!(candidates(&grams, "pa"), None);
        grams.remove(2, "repay", &["ments", "prep"].into_iter().collect());
        assert_eq!(candidates(&grams, "rep"), Some(vec![2]));
        assert_eq!(candidates(&grams, "pay"), Some(vec![1]));
    }

    #[test]
    fn every_byte_has_a_class() {
        assert!((0..=u8::MAX).all(|byte| class(byte) < 1 << BITS));
        let common: std::collections::BTreeSet<u32> =
            (b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-_./ :@").map(class).collect();
        assert_eq!(common.len(), 26 + 10 + 7);
    }
}

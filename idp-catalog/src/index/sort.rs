//! The order of many texts at once.

use std::cmp::Ordering;

use super::text::lower;
use super::written::Written;
use crate::query::{Scalar, may_be_scalar};

/// Bytes of a text that are compared at once.
const CHUNK: usize = 15;

/// A text on its way to its place.
#[derive(Debug)]
struct Item {
    /// Bytes of its lower case, and how many they are; more than a chunk has if they go on.
    chunk: (u64, u64),
    number: u32,
}

/// Texts in lower case, one behind the other: what is spelt out once is looked at many times.
struct Lower {
    text: String,
    /// Where each text begins, and behind them where the last one ends.
    starts: Vec<usize>,
}

/// The indexes of texts in the order of values, and how many of them, the first ones, are numbers or instants. Those that
/// are the same are neighbours.
pub(super) fn in_order(texts: &Written) -> (Vec<u32>, usize) {
    let lower = Lower::of(texts);
    let (mut scalars, mut letters) = (Vec::new(), Vec::new());
    for (number, _) in texts.iter() {
        match scalar(lower.get(number)) {
            Some(scalar) => scalars.push((scalar, number)),
            None => letters.push(Item { chunk: (0, 0), number }),
        }
    }
    scalars.sort_unstable_by(|(a, x), (b, y)| {
        let by_text = || a.text.cmp(b.text).then_with(|| texts.get(*x).cmp(texts.get(*y)));
        a.order(b).then_with(by_text)
    });
    let spelling = |a: u32, b: u32| texts.get(a).cmp(texts.get(b));
    sort(&mut letters, &|number, depth| lower.chunk(number, depth), &spelling, 0);
    let order = scalars.iter().map(|(_, number)| *number).chain(letters.iter().map(|it| it.number));
    (order.collect(), scalars.len())
}

fn scalar(lower: &str) -> Option<Scalar<&str>> {
    let scalar = may_be_scalar(lower.bytes()).then(|| Scalar::of(lower));
    scalar.filter(|it| !it.is_letters())
}

/// The numbers below an end in the order of their texts, no two of which are the same.
pub(crate) fn by_text<'t>(end: u32, text: impl Fn(u32) -> &'t str) -> Vec<u32> {
    let mut items: Vec<Item> = (0..end).map(|number| Item { chunk: (0, 0), number }).collect();
    let rest = |number, depth| {
        let rest = text(number).as_bytes().get(depth..).unwrap_or_default();
        chunk(rest, rest.len())
    };
    sort(&mut items, &rest, &|_, _| Ordering::Equal, 0);
    items.into_iter().map(|item| item.number).collect()
}

/// Sorts texts that are the same up to a depth: by their next bytes, and where those are the same too, by the next ones;
/// those that are the same to their ends as they are to be sorted then.
fn sort(
    items: &mut [Item],
    chunk: &impl Fn(u32, usize) -> (u64, u64),
    same: &impl Fn(u32, u32) -> Ordering,
    depth: usize,
) {
    for item in &mut *items {
        item.chunk = chunk(item.number, depth);
    }
    // Stable for its speed, not for its order: values often come in runs that are sorted, as entities do by name.
    items.sort_by_key(|item| item.chunk);
    for alike in items.chunk_by_mut(|a, b| a.chunk == b.chunk).filter(|it| it.len() > 1) {
        if goes_on(alike[0].chunk) {
            sort(alike, chunk, same, depth + CHUNK);
        } else {
            alike.sort_unstable_by(|a, b| same(a.number, b.number));
        }
    }
}

impl Lower {
    fn of(texts: &Written) -> Self {
        // Room for all of it at once: growing would copy it again and again.
        let mut text = String::with_capacity(texts.bytes());
        let mut starts = Vec::with_capacity(texts.end() as usize + 1);
        for (number, written) in texts.iter() {
            // Where there is no text, there is an empty one.
            starts.resize(number as usize + 1, text.len());
            text.push_str(&lower(written));
        }
        starts.push(text.len());
        Self { text, starts }
    }

    fn get(&self, number: u32) -> &str {
        &self.text[self.starts[number as usize]..self.starts[number as usize + 1]]
    }

    fn chunk(&self, number: u32, depth: usize) -> (u64, u64) {
        let (start, end) = (self.starts[number as usize] + depth, self.starts[number as usize + 1]);
        chunk(self.text.as_bytes().get(start..).unwrap_or_default(), end.saturating_sub(start))
    }
}

/// What a text of so many bytes begins with, given these and perhaps what stands behind them.
fn chunk(bytes: &[u8], len: usize) -> (u64, u64) {
    let first = bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut first = [0; CHUNK + 1];
        first[..bytes.len()].copy_from_slice(bytes);
        first
    });
    let known = u128::MAX.checked_shl(8 * (CHUNK + 1 - len.min(CHUNK)) as u32).unwrap_or(0);
    let chunk = u128::from_be_bytes(first) & known | len.min(CHUNK + 1) as u128;
    ((chunk >> 64) as u64, chunk as u64)
}

/// Whether a text has more bytes than are in this chunk.
fn goes_on(chunk: (u64, u64)) -> bool {
    chunk.1 as u8 as usize > CHUNK
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[abAB\\PC\0]{0,4}",
            "aaaaaaaaaaaaa[aAb\0]{0,6}",
            "(abcdefghij){0,5}[xyXY]?",
            "[0-3.-]{1,3}",
            "2026-0[1-3]-01"
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        #[test]
        fn as_texts_are_compared(all in prop::collection::hash_set(text(), 0..80)) {
            let all = Vec::from_iter(all);
            let order = by_text(all.len() as u32, |number| &all[number as usize]);
            let order = order.into_iter().map(|number| &all[number as usize]);
            prop_assert!(order.eq(BTreeSet::from_iter(&all)));
        }

        #[test]
        fn as_pairs_are_compared(all in prop::collection::btree_set(text(), 0..80)) {
            let mut written = Written::default();
            all.iter().for_each(|text| _ = written.push(text));
            let (order, scalars) = in_order(&written);
            let mut want: Vec<(Scalar<String>, &String)> =
                all.iter().map(|it| (Scalar::of(it.to_lowercase()), it)).collect();
            want.sort_by(|(a, x), (b, y)| a.order(b).then_with(|| a.text.cmp(&b.text)).then_with(|| x.cmp(y)));
            let all: Vec<&String> = all.iter().collect();
            let order: Vec<&String> = order.into_iter().map(|number| all[number as usize]).collect();
            prop_assert_eq!(order, want.iter().map(|(_, it)| *it).collect::<Vec<_>>());
            prop_assert_eq!(scalars, want.iter().filter(|(it, _)| !it.is_letters()).count());
        }
    }
}

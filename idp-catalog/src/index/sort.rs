//! The order of many values at once.

use std::borrow::Cow;

use super::text::Text;
use super::texts::Texts;
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

/// The indexes of texts in the order of values, and how many of them, the first ones, are numbers or instants.
pub(super) fn in_order(texts: &Texts, count: u32) -> (Vec<u32>, usize) {
    let (mut scalars, mut letters) = (Vec::new(), Vec::new());
    for number in 0..count {
        match scalar(texts, number) {
            Some(scalar) => scalars.push((scalar, number)),
            None => letters.push(Item { chunk: (0, 0), number }),
        }
    }
    scalars.sort_unstable_by(|(a, x), (b, y)| {
        let by_text = || a.text.cmp(&b.text).then_with(|| texts.get(*x).compare(texts.get(*y)));
        a.order(b).then_with(by_text)
    });
    sort(&mut letters, texts, 0);
    let order = scalars.iter().map(|(_, number)| *number).chain(letters.iter().map(|it| it.number));
    (order.collect(), scalars.len())
}

fn scalar(texts: &Texts, number: u32) -> Option<Scalar<Cow<'_, str>>> {
    let scalar = may_be_scalar(texts.get(number).bytes()).then(|| Scalar::of(texts.get(number).lower()));
    scalar.filter(|it| !it.is_letters())
}

/// Sorts texts that are the same up to a depth: by their next bytes, and where those are the same too, by the next ones.
/// That touches every text a few times only: looking a text up costs more than comparing it.
fn sort(items: &mut [Item], texts: &Texts, depth: usize) {
    for item in &mut *items {
        item.chunk = chunk(texts.get(item.number), depth);
    }
    // Stable for its speed, not for its order: values often come in runs that are sorted, as entities do by name.
    items.sort_by_key(|item| item.chunk);
    for same in items.chunk_by_mut(|a, b| a.chunk == b.chunk).filter(|it| it.len() > 1) {
        if goes_on(same[0].chunk) {
            sort(same, texts, depth + CHUNK);
        } else {
            same.sort_unstable_by(|a, b| texts.get(a.number).compare(texts.get(b.number)));
        }
    }
}

fn chunk(text: Text<'_>, depth: usize) -> (u64, u64) {
    let mut bytes = [0; CHUNK + 1];
    let left = if text.is_ascii() {
        let parts = [text.head, text.tail].map(str::as_bytes);
        fill(&mut bytes[..CHUNK], parts, depth)
    } else {
        fill(&mut bytes[..CHUNK], [text.lower().as_bytes(), &[]], depth)
    };
    bytes.make_ascii_lowercase();
    bytes[CHUNK] = left.min(CHUNK + 1) as u8;
    let number = u128::from_be_bytes(bytes);
    ((number >> 64) as u64, number as u64)
}

/// Fills a buffer with what follows a depth, as far as it reaches; how much follows.
fn fill(buffer: &mut [u8], parts: [&[u8]; 2], depth: usize) -> usize {
    let first = parts[0].get(depth..).unwrap_or_default();
    let second = parts[1].get(depth.saturating_sub(parts[0].len())..).unwrap_or_default();
    let (front, back) = buffer.split_at_mut(first.len().min(buffer.len()));
    front.copy_from_slice(&first[..front.len()]);
    let len = second.len().min(back.len());
    back[..len].copy_from_slice(&second[..len]);
    first.len() + second.len()
}

/// Whether a text has more bytes than are in this chunk.
fn goes_on(chunk: (u64, u64)) -> bool {
    chunk.1 as u8 as usize > CHUNK
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::index::texts::TextsBuilder;

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
        fn as_pairs_are_compared(all in prop::collection::btree_set(text(), 0..80)) {
            let mut builder = TextsBuilder::default();
            all.iter().for_each(|text| {
                builder.push(text);
            });
            let (order, scalars) = in_order(&builder.build(false), all.len() as u32);
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

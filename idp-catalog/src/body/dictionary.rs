//! What documents of a catalog have in common, and how they are packed with it.
//!
//! A text is packed as its pieces, one behind the other, behind its length. A piece that the dictionary has is a number, of
//! one byte for the most usual ones and of two for the others; any other is written out, behind its length. In either the
//! text's own subject, the name of the entity, is a byte.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use memchr::memchr;

use super::pieces::{Pieces, SUBJECT, Subject, is_whole};

/// Bytes of all pieces. More would pack a little better, and leave less room in the cache for everything else.
const MOST_BYTES: usize = 64 << 10;
/// Bytes of a piece; its length is a byte.
const LONGEST: usize = u8::MAX as usize;

/// Pieces whose number is one byte.
const USUAL: usize = 192;
/// The first bytes of numbers of two, from [`USUAL`] on.
const MORE: usize = 32;
/// The first byte of a piece that is written out, and how many lengths such a byte can say.
const WRITTEN: u8 = (USUAL + MORE) as u8;
const SHORT: usize = 30;
/// The length is in one byte more, or in four.
const MEDIUM: u8 = WRITTEN + SHORT as u8;
const LONG: u8 = MEDIUM + 1;

/// Bytes before a packed text, which say how long it is: a number, the lowest byte first.
const LENGTH: usize = 4;
/// Packing makes of a text no less than one byte for so many: a longer one is claimed falsely.
const MOST_PACKED: usize = 256;

/// Pieces that documents have in common, by number.
#[derive(Default)]
pub(crate) struct Dictionary {
    /// The pieces, each behind its length.
    text: Vec<u8>,
    pieces: Vec<Piece>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

struct Piece {
    /// Where it begins in the text, behind its length.
    start: u32,
    has_subject: bool,
    /// Whether a text that goes on like this goes on with this piece.
    is_certain: bool,
    /// The number of the piece that came behind it the last time, at once and behind one that the dictionary does not
    /// have. Documents are much alike: it is compared before a piece is looked for.
    next: [AtomicU32; 2],
}

/// What the dictionary had of a text last.
#[derive(Clone, Copy)]
struct Last<'d> {
    piece: &'d Piece,
    /// Whether something came behind it that the dictionary does not have.
    is_behind_another: bool,
}

impl Piece {
    fn in_text<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let start = self.start as usize;
        &text[start..start + usize::from(text[start - 1])]
    }
}

impl<'d> Last<'d> {
    fn of(piece: &'d Piece) -> Self {
        Self { piece, is_behind_another: false }
    }

    fn next(self) -> &'d AtomicU32 {
        &self.piece.next[usize::from(self.is_behind_another)]
    }

    /// Has a piece come next the next time. Written only where it is another one: every core looks at it.
    fn expect(self, number: usize) {
        if self.next().load(Relaxed) != number as u32 {
            self.next().store(number as u32, Relaxed);
        }
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dictionary({} pieces)", self.pieces.len())
    }
}

impl From<&[u8]> for Dictionary {
    /// What was written of another: [`Dictionary::text`].
    fn from(mut text: &[u8]) -> Self {
        let mut dictionary = Self::default();
        while let Some(length) = text.split_off_first()
            && let Some(piece) = text.split_off(..usize::from(*length))
        {
            dictionary.add(piece);
        }
        dictionary
    }
}

impl Dictionary {
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The dictionary with what some texts have in common besides, behind what it has: what was packed with it reads the
    /// same with the new one.
    pub(super) fn with_pieces_of(&self, texts: &[String]) -> Self {
        let mut counts: HashMap<Vec<u8>, usize, RandomState> = HashMap::default();
        for text in texts {
            let mut pieces = Pieces::of(&text.as_bytes()[..text.len().min(MOST_BYTES)]);
            while let Some(piece) = pieces.peek() {
                let common = pieces.without_subject(piece);
                if (2..=LONGEST).contains(&common.len()) {
                    *counts.entry(common.into_owned()).or_default() += 1;
                }
                pieces.pass(piece);
            }
        }
        let mut common: Vec<(Vec<u8>, usize)> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
        common.sort_unstable_by(|(a, many), (b, few)| few.cmp(many).then_with(|| a.cmp(b)));
        let mut grown = Self::from(&*self.text);
        for (piece, _) in common {
            if grown.number(&piece).is_none() {
                grown.add(&piece);
            }
        }
        grown
    }

    /// Adds a piece, if there is room.
    fn add(&mut self, piece: &[u8]) {
        let number = self.pieces.len();
        let Ok(length) = u8::try_from(piece.len()) else { return };
        if number == USUAL + MORE * 256 || self.text.len() + piece.len() > MOST_BYTES {
            return;
        }
        self.text.push(length);
        let has_subject = memchr(SUBJECT, piece).is_some();
        self.pieces.push(Piece {
            start: self.text.len() as u32,
            has_subject,
            is_certain: !has_subject && is_whole(piece),
            next: [number, number].map(|number| AtomicU32::new(number as u32)),
        });
        self.text.extend_from_slice(piece);
        let Self { text, pieces, numbers, hasher } = self;
        let hash_of = |number: &u32| hasher.hash_one(pieces[*number as usize].in_text(text));
        numbers.insert_unique(hasher.hash_one(piece), number as u32, hash_of);
    }

    fn number(&self, piece: &[u8]) -> Option<usize> {
        let is_it = |number: &u32| self.pieces[*number as usize].in_text(&self.text) == piece;
        self.numbers.find(self.hasher.hash_one(piece), is_it).map(|number| *number as usize)
    }

    /// A text, packed; `None` where it is longer than can be said.
    pub(super) fn pack(&self, text: &str) -> Option<Vec<u8>> {
        let length = u32::try_from(text.len()).ok()?.to_le_bytes();
        let mut packed = Vec::with_capacity(LENGTH + text.len() / 2);
        packed.extend_from_slice(&length);
        let (mut pieces, mut last) = (Pieces::of(text.as_bytes()), None);
        while !pieces.rest().is_empty() {
            self.pack_piece(&mut pieces, &mut last, &mut packed);
        }
        if text.len() / MOST_PACKED > packed.len() - LENGTH {
            // Too good to be believed: it is about next to nothing but its subject.
            packed.truncate(LENGTH);
            push_written(text.as_bytes(), &mut packed);
        }
        Some(packed)
    }

    fn pack_piece<'d>(&'d self, pieces: &mut Pieces<'_>, last: &mut Option<Last<'d>>, packed: &mut Vec<u8>) {
        if let Some((number, piece)) = last.and_then(|last| self.expected(last, pieces.rest())) {
            *last = Some(Last::of(&self.pieces[number]));
            push_number(number, packed);
            return pieces.pass(piece);
        }
        let Some(piece) = pieces.peek() else { return };
        match self.find(piece, pieces) {
            Ok(number) => {
                if let Some(last) = last {
                    last.expect(number);
                }
                *last = Some(Last::of(&self.pieces[number]));
                push_number(number, packed);
            }
            Err(written) => {
                *last = last.map(|last| Last { is_behind_another: true, ..last });
                push_written(&written, packed);
            }
        }
        pieces.pass(piece);
    }

    /// The piece that a text goes on with as it did the last time.
    fn expected(&self, last: Last<'_>, rest: &[u8]) -> Option<(usize, &[u8])> {
        let number = last.next().load(Relaxed) as usize;
        let next = self.pieces.get(number).filter(|next| next.is_certain)?;
        let piece = next.in_text(&self.text);
        rest.starts_with(piece).then_some((number, piece))
    }

    /// The number of a piece, with the subject or without it; otherwise what is to be written of it.
    fn find<'p>(&self, piece: &'p [u8], pieces: &Pieces<'_>) -> Result<usize, Cow<'p, [u8]>> {
        if let Some(number) = self.number(piece) {
            return Ok(number);
        }
        let written = pieces.without_subject(piece);
        let number = if let Cow::Owned(written) = &written { self.number(written) } else { None };
        number.ok_or(written)
    }

    /// Adds the text that was packed, in which something may be missing where there is `None`.
    pub(super) fn unpack(&self, packed: &[u8], text: &mut Vec<u8>) -> Option<()> {
        let (length, mut packed) = packed.split_first_chunk::<LENGTH>()?;
        let length = u32::from_le_bytes(*length) as usize;
        if length / MOST_PACKED > packed.len() {
            return None;
        }
        text.reserve(length);
        let start = text.len();
        let mut unpacking = Unpacking { start, end: start + length, subject: Subject::default(), text };
        while let Some(first) = packed.split_off_first() {
            let number = match *first {
                usual if usize::from(usual) < USUAL => usize::from(usual),
                more if more < WRITTEN => {
                    let page = usize::from(more) - USUAL;
                    USUAL + page * 256 + usize::from(*packed.split_off_first()?)
                }
                first => {
                    let piece = take_written(first, &mut packed)?;
                    unpacking.push(piece, memchr(SUBJECT, piece).is_some())?;
                    continue;
                }
            };
            let piece = self.pieces.get(number)?;
            unpacking.push(piece.in_text(&self.text), piece.has_subject)?;
        }
        unpacking.is_at_end().then_some(())
    }
}

/// A text on its way back.
struct Unpacking<'t> {
    text: &'t mut Vec<u8>,
    /// Where it begins in all that there is.
    start: usize,
    end: usize,
    subject: Subject,
}

impl Unpacking<'_> {
    /// Adds a piece, with the subject in its places; `None` where the text would be longer than it is to be.
    fn push(&mut self, piece: &[u8], has_subject: bool) -> Option<()> {
        let begin = self.text.len();
        if has_subject {
            self.push_with_subject(piece)?;
        } else {
            self.push_part(piece)?;
        }
        self.subject.is_told_by(&self.text[begin..], begin - self.start);
        Some(())
    }

    fn push_with_subject(&mut self, piece: &[u8]) -> Option<()> {
        let mut parts = piece.split(|byte| *byte == SUBJECT);
        self.push_part(parts.next()?)?;
        let place = self.subject.place()?;
        let place = self.start + place.start..self.start + place.end;
        for part in parts {
            self.text.extend_from_within(place.clone());
            self.push_part(part)?;
        }
        Some(())
    }

    fn push_part(&mut self, part: &[u8]) -> Option<()> {
        self.text.extend_from_slice(part);
        (self.text.len() <= self.end).then_some(())
    }

    fn is_at_end(&self) -> bool {
        self.text.len() == self.end
    }
}

fn push_number(number: usize, packed: &mut Vec<u8>) {
    match number.checked_sub(USUAL) {
        None => packed.push(number as u8),
        Some(more) => packed.extend([(USUAL + more / 256) as u8, (more % 256) as u8]),
    }
}

fn push_written(piece: &[u8], packed: &mut Vec<u8>) {
    match piece.len() {
        length if length < SHORT => packed.push(WRITTEN + length as u8),
        length if length - SHORT < 256 => packed.extend([MEDIUM, (length - SHORT) as u8]),
        length => {
            packed.push(LONG);
            packed.extend_from_slice(&(length as u32).to_le_bytes());
        }
    }
    packed.extend_from_slice(piece);
}

/// A piece that is written out behind such a first byte.
fn take_written<'p>(first: u8, packed: &mut &'p [u8]) -> Option<&'p [u8]> {
    let length = match first {
        MEDIUM => SHORT + usize::from(*packed.split_off_first()?),
        LONG => {
            let (length, rest) = packed.split_first_chunk()?;
            *packed = rest;
            u32::from_le_bytes(*length) as usize
        }
        short => usize::from(short - WRITTEN),
    };
    packed.split_off(..length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\"name\":\"".to_owned()),
            Just("orders".to_owned()),
            Just("\",\"".to_owned()),
            "[a-b\"\\\\{}:,\u{0}é]{0,6}",
            "x{20,40}",
            "y{280,300}",
        ];
        prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(texts in prop::collection::vec(text(), 1..12), more in text()) {
            let (none, some) = texts.split_at(texts.len() / 2);
            let small = Dictionary::default().with_pieces_of(none);
            let grown = small.with_pieces_of(some);
            let read = Dictionary::from(grown.text());
            for text in texts.iter().chain([&more]) {
                for (packs, unpacks) in [(&small, &small), (&small, &grown), (&grown, &grown), (&grown, &read)] {
                    let packed = packs.pack(text).unwrap();
                    let mut unpacked = b"before".to_vec();
                    prop_assert_eq!(unpacks.unpack(&packed, &mut unpacked), Some(()));
                    prop_assert_eq!(&unpacked[6..], text.as_bytes());
                }
            }
        }

        #[test]
        fn nothing_packed_is_too_odd_to_be_read(
            texts in prop::collection::vec(text(), 0..6),
            packed in prop::collection::vec(prop_oneof![any::<u8>(), Just(SUBJECT), Just(LONG)], 0..40),
            written in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let length = 40_u32.to_le_bytes();
            for dictionary in [Dictionary::default().with_pieces_of(&texts), Dictionary::from(&*written)] {
                let mut text = Vec::new();
                let unpacked = dictionary.unpack(&[&length, &*packed].concat(), &mut text);
                prop_assert!(unpacked.is_none() || text.len() == 40);
            }
        }
    }

    #[test]
    fn a_dictionary_has_no_more_than_it_has_numbers_for() {
        let texts: Vec<String> = (0..20_000).map(|number| format!("\"{}", number / 2)).collect();
        let dictionary = Dictionary::default().with_pieces_of(&texts);
        assert!(
            dictionary.pieces.len() <= USUAL + MORE * 256
                && dictionary.text.len() <= MOST_BYTES + LONGEST + 1
        );
        for text in &texts {
            let (packed, mut unpacked) = (dictionary.pack(text).unwrap(), Vec::new());
            dictionary.unpack(&packed, &mut unpacked).unwrap();
            assert_eq!(unpacked, text.as_bytes());
        }
    }

    #[test]
    fn what_says_its_subject_again_and_again_comes_back() {
        let subject = "s".repeat(100);
        let text = format!(r#"{{"name":"{subject}","x":"{}"#, subject.repeat(250)).repeat(50);
        let dictionary = Dictionary::default().with_pieces_of(&vec![text.clone(); 2]);
        let (packed, mut unpacked) = (dictionary.pack(&text).unwrap(), Vec::new());
        dictionary.unpack(&packed, &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
    }

    #[test]
    fn a_text_cannot_claim_to_be_much_longer_than_what_is_packed() {
        let claimed = [&u32::MAX.to_le_bytes()[..], &[WRITTEN]].concat();
        assert_eq!(Dictionary::default().unpack(&claimed, &mut Vec::new()), None);
    }
}

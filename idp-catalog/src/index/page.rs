//! A page of short texts.

use std::borrow::Cow;

use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use super::heads::heads;
use super::packed::Packed;
use super::text::{Text, is_lower};

/// Texts in a page.
pub(super) const TEXTS: usize = 64;

/// Texts one behind the other, each without the head it shares with others, and behind them the heads.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Page {
    text: Box<str>,
    /// Where each text begins, and then each head, and behind them where the last one ends.
    starts: Packed,
    /// The head of each text, plus one; zero for none.
    head_of: Packed,
    /// Whether all of it is its own lower case for certain.
    is_lower: bool,
}

impl Page {
    /// The page of these texts, which may be fewer than it has room for.
    pub(super) fn new(texts: &[&str]) -> Self {
        let heads = heads(texts.to_vec());
        let (mut text, mut starts, mut head_of) = (String::new(), Vec::new(), [0; TEXTS]);
        let texts = texts.iter().copied().chain(std::iter::repeat("")).take(TEXTS);
        for (one, head_of) in texts.zip(&mut head_of) {
            let (head, tail) = behead(one, heads.iter().copied());
            *head_of = head;
            starts.push(text.len() as u32);
            text.push_str(tail);
        }
        for head in heads {
            starts.push(text.len() as u32);
            text.push_str(head);
        }
        starts.push(text.len() as u32);
        Self::of(text, &starts, Packed::new(&head_of))
    }

    fn of(text: String, starts: &[u32], head_of: Packed) -> Self {
        Self { is_lower: is_lower(&text), text: text.into(), starts: Packed::new(starts), head_of }
    }

    /// The page with another text at a place. Its heads stay what they are until it is full for the first time.
    pub(super) fn with(&self, place: usize, text: &str) -> Self {
        if place + 1 == TEXTS && self.heads().next().is_none() {
            let texts: Vec<Cow<'_, str>> = self.iter().map(Text::written).collect();
            let mut texts: Vec<&str> = texts.iter().map(|it| &**it).collect();
            texts[place] = text;
            return Self::new(&texts);
        }
        let (head, tail) = behead(text, self.heads());
        let old = self.start(place)..self.start(place + 1);
        let mut starts: Vec<u32> = self.starts.iter().collect();
        starts.resize(starts.len().max(TEXTS + 1), 0);
        for start in &mut starts[place + 1..] {
            *start = *start + tail.len() as u32 - old.len() as u32;
        }
        let mut head_of: [u32; TEXTS] = std::array::from_fn(|at| self.head_of.get(at));
        head_of[place] = head;
        let text = [&self.text[..old.start], tail, &self.text[old.end..]].concat();
        Self::of(text, &starts, Packed::new(&head_of))
    }

    pub(super) fn get(&self, place: usize) -> Text<'_> {
        let head = match self.head_of.get(place) as usize {
            0 => "",
            head => self.part(TEXTS + head - 1),
        };
        Text { head, tail: self.part(place) }
    }

    /// Whether what was read can be asked about.
    pub(super) fn is_sound(&self) -> bool {
        let parts = self.starts.len().saturating_sub(1);
        let is_sound =
            (TEXTS..=2 * TEXTS).contains(&parts) && self.starts.is_sound() && self.head_of.is_sound();
        let is_boundary = |start: u32| self.text.is_char_boundary(start as usize);
        is_sound
            && self.starts.iter().is_sorted()
            && self.starts.iter().all(is_boundary)
            && self.head_of.iter().all(|head| head as usize <= parts - TEXTS)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.iter().all(Text::is_empty)
    }

    /// The texts in lower case, ready to be read all at once.
    pub(super) fn lower(&self) -> Lower<'_> {
        if !self.head_of.is_zero() || !self.text.is_ascii() {
            return self.spelt_out();
        }
        let text = &self.text[..self.start(TEXTS)];
        let text = if self.is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_ascii_lowercase()) };
        Lower { text, starts: Cow::Borrowed(&self.starts) }
    }

    /// Visits the places, ascending, of the texts in which something is found in lower case.
    pub(super) fn find_all(&self, finder: &Finder<'_>, visit: impl FnMut(usize)) {
        if self.is_lower {
            places(self.find_in_parts(finder)).for_each(visit);
        } else {
            self.lower().find_all(finder, visit);
        }
    }

    /// The places of texts, a bit for each, in which something is found, without spelling them out: in a tail, in a head,
    /// which all that have it share, or where a head meets a tail.
    fn find_in_parts(&self, finder: &Finder<'_>) -> u64 {
        let mut found = [0; 2];
        let (text, mut from) = (self.text.as_bytes(), 0);
        while let Some(ahead) = finder.find(&text[from..]) {
            let at = from + ahead;
            let part = self.part_of(at);
            let end = self.start(part + 1);
            let is_inside = at + finder.needle().len() <= end;
            if is_inside {
                found[part / TEXTS] |= 1 << (part % TEXTS);
            }
            from = if is_inside { end } else { at + 1 };
        }
        let [mut found, heads] = found;
        for (head, number) in self.heads().zip(0_u32..) {
            let rests = rests(head.as_bytes(), finder.needle());
            if heads >> number & 1 == 1 {
                found |= self.with_head(number, |_| true);
            } else {
                rests.for_each(|rest| found |= self.with_head(number, |tail| tail.starts_with(rest)));
            }
        }
        found
    }

    /// The places of texts, a bit for each, that have a head, and whose tail passes a test.
    fn with_head(&self, number: u32, test: impl Fn(&[u8]) -> bool) -> u64 {
        let with_head = (0..TEXTS).filter(|place| self.head_of.get(*place) == number + 1);
        let found = with_head.filter(|place| test(self.part(*place).as_bytes()));
        found.fold(0, |found, place| found | 1 << place)
    }

    /// The text or head that a byte belongs to.
    fn part_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| start as usize <= at).saturating_sub(1)
    }

    fn spelt_out(&self) -> Lower<'_> {
        let (mut text, mut starts) = (String::with_capacity(self.text.len()), [0; TEXTS + 1]);
        let is_ascii = self.text.is_ascii();
        for (one, end) in self.iter().zip(&mut starts[1..]) {
            if is_ascii {
                text.extend([one.head, one.tail]);
            } else {
                // The end of a text says something about the case of its letters.
                text.push_str(&one.lower());
            }
            *end = text.len() as u32;
        }
        if !self.is_lower {
            text.make_ascii_lowercase();
        }
        Lower { text: Cow::Owned(text), starts: Cow::Owned(Packed::new(&starts)) }
    }

    fn iter(&self) -> impl Iterator<Item = Text<'_>> {
        (0..TEXTS).map(|place| self.get(place))
    }

    fn start(&self, at: usize) -> usize {
        self.starts.get(at) as usize
    }

    fn part(&self, at: usize) -> &str {
        &self.text[self.start(at)..self.start(at + 1)]
    }

    fn heads(&self) -> impl Iterator<Item = &str> {
        (TEXTS..self.starts.len().saturating_sub(1)).map(|at| self.part(at))
    }
}

/// The number of the longest head that a text begins with, plus one, and what is left of the text.
fn behead<'t, 'h>(text: &'t str, heads: impl Iterator<Item = &'h str>) -> (u32, &'t str) {
    let tails = (1..).zip(heads).filter_map(|(number, head)| Some((number, text.strip_prefix(head)?)));
    tails.min_by_key(|(_, tail)| tail.len()).unwrap_or((0, text))
}

/// The places of bits, ascending.
fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (place < TEXTS).then_some(place)
    })
}

/// What is left of a needle for the tail, for each way in which a head can end as the needle begins.
fn rests<'n>(head: &[u8], needle: &'n [u8]) -> impl Iterator<Item = &'n [u8]> {
    let overlaps = (1..needle.len()).filter(|overlap| head.ends_with(&needle[..*overlap]));
    overlaps.map(|overlap| &needle[overlap..])
}

/// The texts of a page in lower case.
#[derive(Debug)]
pub(super) struct Lower<'p> {
    text: Cow<'p, str>,
    /// Where each text begins, and behind them where the last one ends.
    starts: Cow<'p, Packed>,
}

impl Lower<'_> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..TEXTS).map(|place| &self.text[self.start(place)..self.start(place + 1)])
    }

    /// Visits the places of the texts in which something is found. What reaches into the next text does not count.
    pub(super) fn find_all(&self, finder: &Finder<'_>, mut visit: impl FnMut(usize)) {
        let (text, mut from) = (self.text.as_bytes(), 0);
        while let Some(ahead) = finder.find(&text[from..]) {
            let at = from + ahead;
            let place = self.place_of(at);
            let end = self.start(place + 1);
            if at + finder.needle().len() <= end {
                visit(place);
                from = end;
            } else {
                from = at + 1;
            }
        }
    }

    fn start(&self, place: usize) -> usize {
        self.starts.get(place) as usize
    }

    /// The text that a byte of the page belongs to.
    fn place_of(&self, at: usize) -> usize {
        let (mut low, mut high) = (0, TEXTS);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if self.start(middle) <= at { low = middle } else { high = middle }
        }
        low
    }
}

//! Short rows of links, side by side.

use super::Link;
use crate::snapshot::kinds::KindId;

/// Numbers in a page.
pub(super) const ROWS: usize = 64;
/// Links in a row, at most: longer ones are apart.
pub(super) const LONGEST: usize = 32;

/// A link as a page has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::snapshot) struct Short {
    pub(super) other: u32,
    pub(super) kind: u16,
    item: u16,
}

/// The links of 64 numbers: those of the first one, those of the second one, and so on.
#[derive(Debug, Clone)]
pub(super) struct Page {
    links: Box<[Short]>,
    /// Of each number, and behind them where the links of the last one end.
    heads: [Head; ROWS + 1],
}

/// What a page says of a number before its links are looked at: many have none that somebody wants.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    /// Where its links begin.
    start: u16,
    /// A bit for each kind of link; several kinds may share one. All of them without a link where the links are apart.
    kinds: u16,
}

impl Short {
    /// `None` where the kind or the item is too large.
    pub(super) fn of(link: Link) -> Option<Self> {
        let kind = u16::try_from(link.kind.index()).ok()?;
        Some(Self { other: link.other, kind, item: u16::try_from(link.item).ok()? })
    }

    pub(super) fn wide(self) -> Link {
        Link { kind: KindId::of(u32::from(self.kind)), other: self.other, item: u32::from(self.item) }
    }

    pub(super) fn key(self) -> (KindId, u32) {
        (KindId::of(u32::from(self.kind)), self.other)
    }
}

/// The bit of a kind.
pub(super) fn bit_of(kind: usize) -> u16 {
    1 << (kind % 16)
}

impl Default for Page {
    fn default() -> Self {
        Self { links: Box::default(), heads: [Head::default(); ROWS + 1] }
    }
}

impl Page {
    pub(super) fn row(&self, place: usize) -> &[Short] {
        &self.links[usize::from(self.heads[place].start)..usize::from(self.heads[place + 1].start)]
    }

    /// Whether a number may have links of some kinds.
    pub(super) fn may_have(&self, place: usize, kinds: u16) -> bool {
        self.heads[place].kinds & kinds != 0
    }

    /// Whether the links of a number are not here.
    pub(super) fn is_apart(&self, place: usize) -> bool {
        self.heads[place].kinds != 0 && self.heads[place].start == self.heads[place + 1].start
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heads.iter().all(|head| head.kinds == 0)
    }

    /// The page with other links of a number: `None` where they are apart.
    pub(super) fn with(&self, place: usize, row: Option<&[Short]>) -> Self {
        let mut next = PageBuilder::default();
        for at in 0..ROWS {
            match row {
                _ if at != place && self.is_apart(at) => next.push_apart(at),
                _ if at != place => next.push(at, self.row(at).iter().copied()),
                Some(row) => next.push(at, row.iter().copied()),
                None => next.push_apart(at),
            }
        }
        next.build()
    }
}

/// A page that is written from its first number to its last.
#[derive(Debug, Default)]
pub(super) struct PageBuilder {
    page: Page,
    links: Vec<Short>,
    /// The place behind the last one that was written.
    next: usize,
}

impl PageBuilder {
    /// Writes the links of a number, which are no more than fit.
    pub(super) fn push(&mut self, place: usize, row: impl Iterator<Item = Short>) {
        self.skip_to(place);
        let start = self.links.len();
        self.links.extend(row);
        let kinds = self.links[start..].iter().map(|link| bit_of(usize::from(link.kind)));
        self.page.heads[place].kinds = kinds.fold(0, |kinds, bit| kinds | bit);
    }

    /// Notes that those of a number are apart.
    pub(super) fn push_apart(&mut self, place: usize) {
        self.skip_to(place);
        self.page.heads[place].kinds = u16::MAX;
    }

    pub(super) fn build(mut self) -> Page {
        self.skip_to(ROWS);
        Page { links: self.links.into(), ..self.page }
    }

    /// Notes where the links of a number begin, and those of the ones before it that have none.
    fn skip_to(&mut self, place: usize) {
        let start = u16::try_from(self.links.len()).unwrap_or(u16::MAX);
        self.page.heads[self.next..=place].fill(Head { start, kinds: 0 });
        self.next = place + 1;
    }
}

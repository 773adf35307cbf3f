//! Relations that are all new.

use std::sync::Arc;

use super::page::Short;
use super::rows::RowsBuilder;
use super::{Adjacency, Link, by_kind, fits};
use crate::snapshot::kinds::KindId;

/// Takes what numbers declare, and sorts it once for the other direction.
#[derive(Debug, Default)]
pub(in crate::snapshot) struct AdjacencyBuilder {
    /// Numbers, ascending, each with the end of its links.
    ends: Vec<(u32, usize)>,
    links: Vec<Link>,
}

impl AdjacencyBuilder {
    /// How many links there are.
    pub(in crate::snapshot) fn len(&self) -> usize {
        self.links.len()
    }

    /// Made ready for so many numbers and links.
    pub(in crate::snapshot) fn with_room(numbers: usize, links: usize) -> Self {
        Self { ends: Vec::with_capacity(numbers), links: Vec::with_capacity(links) }
    }

    /// Adds what a number declares, which comes behind all others.
    pub(in crate::snapshot) fn push(&mut self, number: u32, links: impl IntoIterator<Item = Link>) {
        self.links.extend(links);
        self.ends.push((number, self.links.len()));
    }

    /// Builds both directions. Every number is below an end.
    pub(in crate::snapshot) fn build(&self, end: u32) -> Adjacency {
        let (mut out, mut back) = (RowsBuilder::default(), RowsBuilder::default());
        for (number, links) in self.rows() {
            add(&mut out, number, links, |links| links.into());
        }
        let (starts, mut turned) = self.turned(end);
        let mut row = Vec::new();
        for (number, range) in (0..end).zip(starts.windows(2)) {
            let links = &mut turned[range[0]..range[1]];
            links.sort_unstable_by_key(|it| (it.kind, it.other));
            row.clear();
            row.extend_from_slice(links);
            // What was read may say a thing twice.
            row.dedup();
            add(&mut back, number, &row, by_kind);
        }
        Adjacency { out: out.build(), back: back.build() }
    }

    fn rows(&self) -> impl Iterator<Item = (u32, &[Link])> {
        self.ends.iter().enumerate().map(|(at, (number, _))| (*number, self.row(at)))
    }

    /// What the number declares that was added in this place.
    pub(in crate::snapshot) fn row(&self, at: usize) -> &[Link] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        &self.links[start..self.ends[at].1]
    }

    /// Each link as its target has it, one target's after the other's; with where each target's begin.
    fn turned(&self, end: u32) -> (Vec<usize>, Vec<Link>) {
        let mut starts = vec![0; end as usize + 1];
        self.links.iter().for_each(|link| starts[link.other as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut turned = vec![Link { kind: KindId::of(0), other: 0, item: 0 }; self.links.len()];
        for (number, links) in self.rows() {
            for link in links {
                let at = &mut next[link.other as usize];
                turned[*at] = Link { kind: link.kind, other: number, item: 0 };
                *at += 1;
            }
        }
        (starts, turned)
    }
}

/// Adds a row, with its long form where it has to be apart.
fn add<L: ?Sized>(
    rows: &mut RowsBuilder<L>,
    number: u32,
    links: &[Link],
    long: impl FnOnce(&[Link]) -> Arc<L>,
) {
    if fits(links) {
        rows.push_short(number, links.iter().filter_map(|link| Short::of(*link)));
    } else {
        rows.push_long(number, long(links));
    }
}

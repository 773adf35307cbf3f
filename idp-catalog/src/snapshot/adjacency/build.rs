//! Relations that are all new.

use super::rows::RowsBuilder;
use super::{Adjacency, Link, by_kind, short};
use crate::snapshot::kinds::KindId;

/// Takes what numbers declare, and sorts it once for the other direction.
#[derive(Debug, Default)]
pub(in crate::snapshot) struct AdjacencyBuilder {
    /// Numbers, ascending, each with the end of its links.
    ends: Vec<(u32, usize)>,
    links: Vec<Link>,
}

/// Somebody who declares a relation, and its kind.
type Declarer = (KindId, u32);

impl AdjacencyBuilder {
    /// Adds what a number declares, which comes behind all others.
    pub(in crate::snapshot) fn push(&mut self, number: u32, links: impl IntoIterator<Item = Link>) {
        self.links.extend(links);
        self.ends.push((number, self.links.len()));
    }

    /// Builds both directions. Every number is below an end.
    pub(in crate::snapshot) fn build(&self, end: u32) -> Adjacency {
        let (mut out, mut back) = (RowsBuilder::default(), RowsBuilder::default());
        for (number, links) in self.rows() {
            match short(links) {
                Some(links) => out.push_short(number, &links),
                None => out.push_long(number, links.into()),
            }
        }
        let (starts, mut declarers) = self.by_target(end);
        for (number, range) in (0..end).zip(starts.windows(2)) {
            let declarers = &mut declarers[range[0]..range[1]];
            declarers.sort_unstable();
            let link = |(kind, other): &Declarer| Link { kind: *kind, other: *other, item: 0 };
            let mut links: Vec<Link> = declarers.iter().map(link).collect();
            links.dedup();
            match short(&links) {
                Some(links) => back.push_short(number, &links),
                None => back.push_long(number, by_kind(&links)),
            }
        }
        Adjacency { out: out.build(), back: back.build() }
    }

    fn rows(&self) -> impl Iterator<Item = (u32, &[Link])> {
        let starts = [0].into_iter().chain(self.ends.iter().map(|(_, end)| *end));
        starts.zip(&self.ends).map(|(start, (number, end))| (*number, &self.links[start..*end]))
    }

    /// Who declares relations on each number, one number's after the other's; with where each number's begin.
    fn by_target(&self, end: u32) -> (Vec<usize>, Vec<Declarer>) {
        let mut starts = vec![0; end as usize + 1];
        self.links.iter().for_each(|link| starts[link.other as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut declarers = vec![(KindId::of(0), 0); self.links.len()];
        for (number, links) in self.rows() {
            for link in links {
                let at = &mut next[link.other as usize];
                declarers[*at] = (link.kind, number);
                *at += 1;
            }
        }
        (starts, declarers)
    }
}

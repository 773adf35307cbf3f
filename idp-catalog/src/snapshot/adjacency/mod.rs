//! Who is related to whom, by number, in both directions.
//!
//! A walk of the graph asks for the relations of one number after the other, and does next to nothing with each: what it
//! takes is waiting for memory. So relations are not kept with the entities, which are kilobytes apart, but together: 64
//! numbers share a page, in which a relation is eight bytes, the other end with its kind beside it. Before the relations
//! stands, in four bytes for each number, where they begin and which kinds occur: a number that has none of what is wanted
//! costs that one look. Numbers that come in order find those of their neighbours in the cache already.
//!
//! Each relation is here twice: with the number that declares it, and with the one it is declared on. That is 16 bytes,
//! and 10 more for each number: 71 bytes for an entity with four relations. A walk through most of 100,000 entities takes
//! some 45 ns for each of them, 6 ns for each of their relations.
//!
//! A change copies the pages of the two ends, half a kilobyte to a few. What few numbers have is apart, so that no page is
//! large: a team that owns 100,000 entities has them as a set of numbers for each kind, of which a change copies one block.

mod build;
mod kind_set;
mod page;
mod rows;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(super) use self::build::AdjacencyBuilder;
pub(super) use self::kind_set::KindSet;
use self::page::{LONGEST, Short};
use self::rows::{Row, Rows};
use super::kinds::KindId;
use crate::index::Ids;

/// A relation that a number declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) kind: KindId,
    /// The number of the target.
    pub(super) other: u32,
    /// Which item of the field's list declares it, plus one; 0 for a field that is no list.
    pub(super) item: u32,
}

/// Who is related to whom. Copies share what they have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Adjacency {
    /// What each number declares, in the order in which it does: sorted by type and target.
    out: Rows<[Link]>,
    /// Who declares relations on each number, by their kinds, ascending.
    back: Rows<[(KindId, Ids)]>,
}

/// Those who declare relations of one kind on a number, ascending.
#[derive(Debug, Clone, Copy)]
pub(super) enum Others<'a> {
    Few(&'a [Short]),
    Many(&'a Ids),
}

impl Adjacency {
    /// What a number declares.
    pub(super) fn out(&self, number: u32) -> impl Iterator<Item = Link> + use<'_> {
        let (short, long): (&[Short], &[Link]) = match self.out.get(number) {
            Row::Short(links) => (links, &[]),
            Row::Long(links) => (&[], links),
        };
        short.iter().map(|link| link.wide()).chain(long.iter().copied())
    }

    /// What a number declares of a kind on another. `before` says what comes before that, where there is much to look at.
    pub(super) fn find_out(
        &self,
        number: u32,
        (kind, other): (KindId, u32),
        before: impl Fn(&Link) -> bool,
    ) -> Option<Link> {
        match self.out.get(number) {
            Row::Short(links) => links.iter().find(|it| it.key() == (kind, other)).map(|it| it.wide()),
            Row::Long(links) => {
                let links = links[links.partition_point(before)..].iter();
                links.take_while(|it| it.other == other).find(|it| it.kind == kind).copied()
            }
        }
    }

    /// Those who declare relations on a number, by the kinds of those.
    pub(super) fn back(&self, number: u32) -> impl Iterator<Item = (KindId, Others<'_>)> + use<'_> {
        let (short, long): (&[Short], &[_]) = match self.back.get(number) {
            Row::Short(links) => (links, &[]),
            Row::Long(kinds) => (&[], kinds),
        };
        let short = short.chunk_by(|a, b| a.kind == b.kind);
        let short = short.map(|links| (links[0].wide().kind, Others::Few(links)));
        short.chain(long.iter().map(|(kind, ids)| (*kind, Others::Many(ids))))
    }

    /// Whether somebody declares a relation on a number.
    pub(super) fn has_back(&self, number: u32) -> bool {
        self.back.has(number)
    }

    /// Visits what a number declares relations on, each with whether its kind is wanted; nothing where none is.
    #[inline]
    pub(super) fn visit_out(&self, number: u32, wanted: &KindSet, mut visit: impl FnMut(u32, bool)) {
        match self.out.get_with(number, wanted.bits()) {
            Row::Short(links) => visit_short(links, wanted, visit),
            Row::Long(links) => links.iter().for_each(|link| visit(link.other, wanted.has(link.kind))),
        }
    }

    /// Visits those who declare relations on a number, each with whether its kind is wanted; nothing where none is. Where
    /// there are many, those of other kinds are passed over.
    #[inline]
    pub(super) fn visit_back(&self, number: u32, wanted: &KindSet, mut visit: impl FnMut(u32, bool)) {
        match self.back.get_with(number, wanted.bits()) {
            Row::Short(links) => visit_short(links, wanted, visit),
            Row::Long(all) => {
                let wanted = all.iter().filter(|(kind, _)| wanted.has(*kind));
                wanted.for_each(|(_, ids)| ids.iter().for_each(|other| visit(other, true)));
            }
        }
    }

    /// Makes these what a number declares. The other ends are told one by one: [`Adjacency::add_back`].
    pub(super) fn set_out(&mut self, number: u32, links: &[Link]) {
        if fits(links) {
            self.out.set_short(number, &shorts(links));
        } else {
            self.out.set_long(number, links.into());
        }
    }

    /// Notes that one number declares a relation on another.
    pub(super) fn add_back(&mut self, on: u32, kind: KindId, from: u32) {
        if let Row::Short(links) = self.back.get(on) {
            let added = Link { kind, other: from, item: 0 };
            let at = links.partition_point(|it| it.key() < (kind, from));
            if links.get(at).is_some_and(|it| it.key() == (kind, from)) {
                return;
            }
            let (before, behind) = links.split_at(at);
            let before = before.iter().map(|it| it.wide());
            let grown: Vec<Link> = before.chain([added]).chain(behind.iter().map(|it| it.wide())).collect();
            return self.set_back(on, &grown);
        }
        self.back.change_long(on, |kinds| match kinds.binary_search_by_key(&kind, |(it, _)| *it) {
            Ok(at) => Arc::make_mut(kinds)[at].1.insert(from),
            Err(at) => {
                let (before, behind) = kinds.split_at(at);
                let added = [(kind, Ids::from_iter([from]))];
                *kinds = before.iter().cloned().chain(added).chain(behind.iter().cloned()).collect();
            }
        });
    }

    /// Notes that one number no longer declares a relation on another.
    pub(super) fn remove_back(&mut self, on: u32, kind: KindId, from: u32) {
        match self.back.get(on) {
            Row::Short(links) => {
                let left = links.iter().filter(|it| it.key() != (kind, from)).copied();
                let left: Vec<Short> = left.collect();
                self.back.set_short(on, &left);
            }
            // Not as soon as they fit: one that comes and goes does not move all of them each time.
            Row::Long(kinds) if count(kinds) <= LONGEST / 2 => {
                let left = self.back_links(on).filter(|it| (it.kind, it.other) != (kind, from));
                let left: Vec<Link> = left.collect();
                self.set_back(on, &left);
            }
            Row::Long(_) => self.back.change_long(on, |kinds| {
                let Ok(at) = kinds.binary_search_by_key(&kind, |(it, _)| *it) else { return };
                let ids = &mut Arc::make_mut(kinds)[at].1;
                ids.remove(from);
                if ids.is_empty() {
                    *kinds = kinds.iter().filter(|(it, _)| *it != kind).cloned().collect();
                }
            }),
        }
    }

    /// Those who declare relations on a number as if it declared them.
    fn back_links(&self, number: u32) -> impl Iterator<Item = Link> + use<'_> {
        let all = self.back(number);
        all.flat_map(|(kind, others)| others.iter().map(move |other| Link { kind, other, item: 0 }))
    }

    /// Makes these the ones that declare relations on a number. They ascend by kind and number.
    fn set_back(&mut self, number: u32, links: &[Link]) {
        if fits(links) {
            self.back.set_short(number, &shorts(links));
        } else {
            self.back.set_long(number, by_kind(links));
        }
    }
}

impl<'a> Others<'a> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::Few(links) => links.len(),
            Self::Many(ids) => ids.len(),
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u32> + use<'a> {
        let (few, many) = match self {
            Self::Few(links) => (links, None),
            Self::Many(ids) => (&[][..], Some(ids)),
        };
        few.iter().map(|link| link.other).chain(many.into_iter().flat_map(Ids::iter))
    }

    pub(super) fn ids(self) -> Cow<'a, Ids> {
        match self {
            Self::Few(links) => Cow::Owned(Ids::from_sorted(links.iter().map(|link| link.other).collect())),
            Self::Many(ids) => Cow::Borrowed(ids),
        }
    }
}

#[inline]
fn visit_short(links: &[Short], wanted: &KindSet, mut visit: impl FnMut(u32, bool)) {
    links.iter().for_each(|link| visit(link.other, wanted.has_number(link.kind)));
}

/// Whether a page has room for links: they are not too many, and no number in them is too large.
fn fits(links: &[Link]) -> bool {
    links.len() <= LONGEST && links.iter().all(|link| Short::of(*link).is_some())
}

/// Links that fit, as a page has them.
fn shorts(links: &[Link]) -> Vec<Short> {
    links.iter().filter_map(|link| Short::of(*link)).collect()
}

/// Links that ascend by kind and number, by kind.
fn by_kind(links: &[Link]) -> Arc<[(KindId, Ids)]> {
    let of_one_kind = links.chunk_by(|a, b| a.kind == b.kind);
    let ids = |links: &[Link]| Ids::from_sorted(links.iter().map(|link| link.other).collect());
    of_one_kind.map(|links| (links[0].kind, ids(links))).collect()
}

fn count(kinds: &[(KindId, Ids)]) -> usize {
    kinds.iter().map(|(_, ids)| ids.len()).sum()
}

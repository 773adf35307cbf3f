//! Everything that can be reached from an entity, and how.

use std::fmt;
use std::sync::Arc;

use idp_core::EntityRef;
use serde::Serialize;

use super::edge::{Hop, Step};
use super::follow::{Follow, Taken};
use super::places::Places;
use crate::snapshot::Snapshot;

/// The entities that can be reached from a start, nearest first, and a shortest path to each.
///
/// It keeps the snapshot that was asked, and tells what was found as it is asked for.
#[derive(Clone)]
pub struct Reach {
    snapshot: Snapshot,
    /// The start, where the catalog does not know it.
    stranger: Option<EntityRef>,
    nodes: Vec<Met>,
    places: Places,
    truncated: bool,
}

/// A node that was met.
#[derive(Debug, Clone, Copy)]
struct Met {
    number: u32,
    distance: usize,
    /// The last step of a shortest path to it, and the place of the node it starts at; none for the start.
    via: Option<(Step, usize)>,
}

/// An entity that can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reached {
    /// The entity.
    #[serde(rename = "ref")]
    pub entity_ref: EntityRef,
    /// Whether it is in the catalog: a relation may name one that is not.
    pub exists: bool,
    /// How many relations it is away from the start.
    pub distance: usize,
    /// The last hop of a shortest path to it.
    pub via: Option<Hop>,
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.refs()).finish()
    }
}

impl PartialEq for Reach {
    fn eq(&self, other: &Self) -> bool {
        self.truncated == other.truncated && self.others().eq(other.others())
    }
}

impl Reach {
    /// The entities but for the start: nearest first, and among equals in the order of their references.
    pub fn others(&self) -> impl Iterator<Item = Reached> {
        self.nodes.iter().skip(1).filter_map(|met| self.reached(met))
    }

    /// As [`Reach::others`], the references alone.
    pub fn refs(&self) -> impl Iterator<Item = &EntityRef> {
        self.nodes.iter().skip(1).filter_map(|met| self.snapshot.reference(met.number))
    }

    /// How many there are, the start aside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len().saturating_sub(1)
    }

    /// Whether there is nothing but the start.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an entity can be reached, or is the start.
    #[must_use]
    pub fn contains(&self, entity_ref: &EntityRef) -> bool {
        self.place(entity_ref).is_some()
    }

    /// Whether a limit left entities out.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// A shortest path from the start to an entity; empty for the start itself.
    #[must_use]
    pub fn path(&self, to: &EntityRef) -> Option<Vec<Hop>> {
        if self.stranger.as_ref() == Some(to) {
            return Some(Vec::new());
        }
        let mut at = self.place(to)?;
        let mut hops = Vec::new();
        while let Some((step, before)) = self.nodes[at].via {
            hops.push(step.hop(&self.snapshot)?);
            at = before;
        }
        hops.reverse();
        Some(hops)
    }

    fn place(&self, entity_ref: &EntityRef) -> Option<usize> {
        if self.stranger.as_ref() == Some(entity_ref) {
            return Some(0);
        }
        self.places.get(self.snapshot.number(entity_ref)?)
    }

    fn reached(&self, met: &Met) -> Option<Reached> {
        Some(Reached {
            entity_ref: self.snapshot.reference(met.number)?.clone(),
            exists: self.snapshot.entities.contains(met.number),
            distance: met.distance,
            via: met.via.and_then(|(step, _)| step.hop(&self.snapshot)),
        })
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.places.get(number).is_some()
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.nodes.iter().map(|met| met.number)
    }

    fn add(&mut self, met: Met) {
        self.places.set(met.number, self.nodes.len(), self.snapshot.named.directory.end());
        self.nodes.push(met);
    }
}

/// What can be reached from a start.
pub(in crate::snapshot) fn reach(snapshot: &Snapshot, start: &EntityRef, follow: &Follow) -> Reach {
    match snapshot.number(start) {
        Some(number) => walk(snapshot, number, follow, |_| {}),
        None => Reach { stranger: Some(start.clone()), ..nothing(snapshot) },
    }
}

fn nothing(snapshot: &Snapshot) -> Reach {
    Reach {
        snapshot: snapshot.clone(),
        stranger: None,
        nodes: Vec::new(),
        places: Places::default(),
        truncated: false,
    }
}

/// A shortest path between two entities.
pub(in crate::snapshot) fn path(
    snapshot: &Snapshot,
    from: &EntityRef,
    to: &EntityRef,
    follow: &Follow,
) -> Option<Vec<Hop>> {
    if from == to {
        return Some(Vec::new());
    }
    let mut walk = Walk::new(snapshot, snapshot.number(from)?, follow);
    let target = snapshot.number(to)?;
    while !walk.reach.has(target) && walk.level(&mut |_| {}) {}
    walk.reach.path(to)
}

/// Breadth first, each entity once. Sees every step that is taken.
pub(super) fn walk(snapshot: &Snapshot, start: u32, follow: &Follow, mut see: impl FnMut(Step)) -> Reach {
    let mut walk = Walk::new(snapshot, start, follow);
    while walk.level(&mut see) {}
    walk.reach
}

/// A way outwards, one distance after the other.
struct Walk<'w> {
    snapshot: &'w Snapshot,
    follow: &'w Follow,
    taken: Arc<Taken>,
    reach: Reach,
    distance: usize,
    /// Where the nodes of the distance begin and end.
    start: usize,
    end: usize,
}

impl<'w> Walk<'w> {
    fn new(snapshot: &'w Snapshot, start: u32, follow: &'w Follow) -> Self {
        let mut reach = nothing(snapshot);
        reach.add(Met { number: start, distance: 0, via: None });
        let taken = Arc::new(follow.among(&snapshot.named.kinds));
        Self { snapshot, follow, taken, reach, distance: 0, start: 0, end: 1 }
    }

    /// Notes the way to a node: of several that from the first node, of several from one node that which is declared there,
    /// then the first by its type.
    fn meet(&mut self, step: Step, from: usize) {
        let rank = |step: Step| (!step.forward, step.kind(&self.snapshot.named).rank());
        match self.reach.places.get(step.other()) {
            None => {
                let met = Met { number: step.other(), distance: self.distance + 1, via: Some((step, from)) };
                self.reach.add(met);
            }
            Some(place) if place >= self.end => {
                let known = &mut self.reach.nodes[place];
                let is_before =
                    |(it, before): (Step, usize)| from < before || (from == before && rank(step) < rank(it));
                if known.via.is_some_and(is_before) {
                    known.via = Some((step, from));
                }
            }
            // It is nearer.
            Some(_) => {}
        }
    }

    /// Goes one relation further. False where there is nothing further.
    fn level(&mut self, see: &mut dyn FnMut(Step)) -> bool {
        if self.distance >= self.follow.depth {
            return false;
        }
        self.end = self.reach.nodes.len();
        // By number, for neighbours are near each other in memory: what a walk over most of a catalog takes is mostly
        // waiting for that. Who is met from whom does not depend on it.
        let nodes = self.reach.nodes[self.start..self.end].iter().map(|met| met.number);
        let mut nodes: Vec<(u32, usize)> = nodes.zip(self.start..).collect();
        nodes.sort_unstable();
        let taken = Arc::clone(&self.taken);
        for (number, place) in nodes {
            let Some(node) = self.snapshot.node(number) else { continue };
            for step in taken.steps(number, node) {
                self.meet(step, place);
                see(step);
            }
        }
        self.settle();
        (self.start, self.distance) = (self.end, self.distance + 1);
        self.start < self.reach.nodes.len()
    }

    /// Puts what was met last in order, as much as there is room for.
    fn settle(&mut self) {
        let met = self.reach.nodes.split_off(self.end);
        let room = self.follow.limit.saturating_sub(self.end);
        self.reach.truncated |= met.len() > room;
        let numbers = self.snapshot.in_order(met.iter().map(|met| met.number).collect());
        for (index, number) in numbers.into_iter().enumerate() {
            let Some(place) = self.reach.places.get(number) else { continue };
            if index < room {
                self.reach.add(met[place - self.end]);
            } else {
                self.reach.places.remove(number);
            }
        }
    }
}

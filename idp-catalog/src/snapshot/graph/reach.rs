//! Everything that can be reached from an entity, and how.

use std::collections::HashMap;

use idp_core::EntityRef;
use serde::Serialize;

use super::edge::{Hop, Step, steps};
use super::follow::Follow;
use crate::snapshot::Snapshot;

/// The entities that can be reached from a start, nearest first, and a shortest path to each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    nodes: Vec<Reached>,
    numbers: HashMap<EntityRef, usize>,
    truncated: bool,
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
    /// The last hop of a shortest path to it; none for the start.
    pub via: Option<Hop>,
    /// The number of the entity that hop starts at.
    #[serde(skip)]
    before: usize,
}

impl Reach {
    /// The entities but for the start: nearest first, and among equals in the order in which they were met.
    pub fn others(&self) -> impl Iterator<Item = &Reached> {
        self.nodes.iter().skip(1)
    }

    /// Whether an entity can be reached, or is the start.
    #[must_use]
    pub fn contains(&self, entity_ref: &EntityRef) -> bool {
        self.numbers.contains_key(entity_ref)
    }

    /// Whether a limit left entities out.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// A shortest path from the start to an entity; empty for the start itself.
    #[must_use]
    pub fn path(&self, to: &EntityRef) -> Option<Vec<Hop>> {
        let mut at = *self.numbers.get(to)?;
        let mut hops = Vec::new();
        while let Some(hop) = &self.nodes[at].via {
            hops.push(hop.clone());
            at = self.nodes[at].before;
        }
        hops.reverse();
        Some(hops)
    }

    fn add(
        &mut self,
        snapshot: &Snapshot,
        entity_ref: &EntityRef,
        distance: usize,
        before: usize,
        via: Option<Hop>,
    ) {
        self.numbers.insert(entity_ref.clone(), self.nodes.len());
        let exists = snapshot.get(entity_ref).is_some();
        self.nodes.push(Reached { entity_ref: entity_ref.clone(), exists, distance, via, before });
    }
}

/// What can be reached from a start.
pub(in crate::snapshot) fn reach(snapshot: &Snapshot, start: &EntityRef, follow: &Follow) -> Reach {
    walk(snapshot, start, follow, |_| false)
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
    walk(snapshot, from, follow, |step| step.other() == to).path(to)
}

/// Breadth first, each entity once, until a step says that it is enough. Sees every step that is taken.
pub(super) fn walk(
    snapshot: &Snapshot,
    start: &EntityRef,
    follow: &Follow,
    mut enough: impl FnMut(&Step<'_>) -> bool,
) -> Reach {
    let mut reach = Reach { nodes: Vec::new(), numbers: HashMap::new(), truncated: false };
    reach.add(snapshot, start, 0, 0, None);
    let mut next = 0;
    while next < reach.nodes.len() {
        let (at, distance) = (reach.nodes[next].entity_ref.clone(), reach.nodes[next].distance);
        if distance >= follow.depth {
            break;
        }
        for step in steps(snapshot, &at).filter(|step| follow.takes(step)) {
            let other = step.other();
            if !reach.contains(other) {
                if reach.nodes.len() >= follow.limit {
                    reach.truncated = true;
                    continue;
                }
                reach.add(snapshot, other, distance + 1, next, Some(step.hop()));
            }
            if enough(&step) {
                return reach;
            }
        }
        next += 1;
    }
    reach
}

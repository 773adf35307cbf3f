//! Everything that can be reached from an entity, and how.

use std::fmt;
use std::sync::{Arc, OnceLock};

use idp_core::EntityRef;
use serde::Serialize;

use super::edge::{Hop, Step, steps};
use super::follow::Follow;
use super::walk::Walk;
use crate::snapshot::Snapshot;
use crate::snapshot::met::Met;

/// The entities that can be reached from a start, nearest first, and a shortest path to each.
///
/// It keeps the snapshot that was asked, and tells what was found as it is asked for: asking puts it in order, and looks
/// for the paths.
#[derive(Clone)]
pub struct Reach {
    snapshot: Snapshot,
    /// The start, where the catalog does not know it.
    stranger: Option<EntityRef>,
    walk: Arc<Walk>,
    /// What was met, nearest first, of one distance in the order of references; once somebody has asked.
    in_order: OnceLock<Vec<u32>>,
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
        self.is_truncated() == other.is_truncated() && self.others().eq(other.others())
    }
}

impl Reach {
    fn new(snapshot: &Snapshot, walk: Walk) -> Self {
        Self { snapshot: snapshot.clone(), stranger: None, walk: Arc::new(walk), in_order: OnceLock::new() }
    }

    /// The entities but for the start: nearest first, and among equals in the order of their references.
    pub fn others(&self) -> impl Iterator<Item = Reached> {
        let (mut distance, mut nearer) = (0, Met::below(self.snapshot.network.directory.end()));
        self.in_order().iter().enumerate().skip(1).filter_map(move |(place, number)| {
            if place == self.walk.end(distance) {
                self.walk.level(distance).iter().for_each(|number| _ = nearer.add(*number, true));
                distance += 1;
            }
            self.reached(*number, distance, &nearer)
        })
    }

    /// As [`Reach::others`], the references alone.
    pub fn refs(&self) -> impl Iterator<Item = &EntityRef> {
        self.in_order().iter().skip(1).filter_map(|number| self.snapshot.reference(*number))
    }

    /// How many there are, the start aside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.walk.numbers().len().saturating_sub(1)
    }

    /// Whether there is nothing but the start.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an entity can be reached, or is the start.
    #[must_use]
    pub fn contains(&self, entity_ref: &EntityRef) -> bool {
        self.stranger.as_ref() == Some(entity_ref)
            || self.snapshot.number(entity_ref).is_some_and(|number| self.walk.has(number))
    }

    /// Whether a limit left entities out.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.walk.is_truncated()
    }

    /// A shortest path from the start to an entity; empty for the start itself.
    #[must_use]
    pub fn path(&self, to: &EntityRef) -> Option<Vec<Hop>> {
        if self.stranger.as_ref() == Some(to) {
            return Some(Vec::new());
        }
        let mut at = self.snapshot.number(to)?;
        let mut hops = Vec::new();
        for distance in (1..=self.walk.distance(at)?).rev() {
            let nearer = self.walk.level(distance - 1);
            let step = self.via(at, |number| nearer.binary_search(&number).is_ok())?;
            hops.push(step.hop(&self.snapshot)?);
            at = step.here();
        }
        hops.reverse();
        Some(hops)
    }

    fn in_order(&self) -> &[u32] {
        let level = |level: &[u32]| self.snapshot.in_order(level.to_vec());
        self.in_order.get_or_init(|| self.walk.levels().flat_map(level).collect())
    }

    fn reached(&self, number: u32, distance: usize, nearer: &Met) -> Option<Reached> {
        Some(Reached {
            entity_ref: self.snapshot.reference(number)?.clone(),
            exists: self.snapshot.entities.contains(number),
            distance,
            via: self.via(number, |number| nearer.has(number)).and_then(|step| step.hop(&self.snapshot)),
        })
    }

    /// The last step of a shortest path to a number, from what is nearer to the start than it: of several that from the
    /// first entity, of several from one entity that which is declared there, then the first by its type.
    fn via(&self, number: u32, is_nearer: impl Fn(u32) -> bool) -> Option<Step> {
        let steps = steps(&self.snapshot, number).map(Step::turned);
        let taken = steps.filter(|step| self.walk.taken().has(*step) && is_nearer(step.here()));
        let network = &self.snapshot.network;
        let key =
            |step: &Step| (network.directory.text(step.here()), !step.forward, step.kind(network).rank());
        taken.reduce(|first, step| if key(&step) < key(&first) { step } else { first })
    }
}

/// What can be reached from a start.
pub(in crate::snapshot) fn reach(snapshot: &Snapshot, start: &EntityRef, follow: &Follow) -> Reach {
    match snapshot.number(start) {
        Some(number) => Reach::new(snapshot, walk(snapshot, number, follow)),
        None => Reach { stranger: Some(start.clone()), ..Reach::new(snapshot, Walk::default()) },
    }
}

/// What can be reached from a number.
pub(super) fn walk(snapshot: &Snapshot, start: u32, follow: &Follow) -> Walk {
    Walk::new(snapshot, start, follow).all(snapshot, follow)
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
    while !walk.has(target) && walk.further(snapshot, follow) {}
    Reach::new(snapshot, walk).path(to)
}

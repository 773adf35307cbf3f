//! Entities that lead back to themselves.

use idp_core::EntityRef;

use super::follow::{Follow, Taken};
use crate::snapshot::Snapshot;

/// The groups of entities of which each leads to each other one, sorted. An entity alone is one where it leads to
/// itself.
///
/// Tarjan's strongly connected components, with a stack of its own.
pub(in crate::snapshot) fn cycles(snapshot: &Snapshot, follow: &Follow) -> Vec<Vec<EntityRef>> {
    let mut search = Search::new(snapshot, follow);
    for root in snapshot.entities.iter() {
        if search.met[root as usize] == NEVER {
            search.from(root);
        }
    }
    let reference = |number: &u32| snapshot.reference(*number).cloned();
    let mut cycles: Vec<Vec<EntityRef>> =
        search.cycles.iter().map(|cycle| cycle.iter().filter_map(reference).collect()).collect();
    cycles.iter_mut().for_each(|cycle| cycle.sort_unstable());
    cycles.sort_unstable();
    cycles
}

/// An entity that was not met yet.
const NEVER: u32 = 0;
/// What is in no cycle that is open: what was left, and what is no entity.
const LEFT: u32 = u32::MAX;

struct Search<'s> {
    snapshot: &'s Snapshot,
    taken: Taken,
    /// When each number was met, counted from 1; or [`NEVER`], or [`LEFT`].
    met: Vec<u32>,
    /// The earliest open number that is known to be reachable.
    low: Vec<u32>,
    open: Vec<u32>,
    /// The neighbours that are still to be visited, those of each frame behind those of the one before.
    neighbours: Vec<u32>,
    count: u32,
    cycles: Vec<Vec<u32>>,
}

/// A number whose neighbours are being visited.
struct Frame {
    number: u32,
    /// Where its neighbours begin.
    start: usize,
    leads_to_itself: bool,
}

impl<'s> Search<'s> {
    fn new(snapshot: &'s Snapshot, follow: &Follow) -> Self {
        let size = snapshot.network.directory.end() as usize;
        let mut met = vec![LEFT; size];
        snapshot.entities.iter().for_each(|number| met[number as usize] = NEVER);
        Self {
            snapshot,
            taken: follow.among(&snapshot.network.kinds),
            met,
            low: vec![0; size],
            open: Vec::new(),
            neighbours: Vec::new(),
            count: 0,
            cycles: Vec::new(),
        }
    }

    fn from(&mut self, root: u32) {
        let mut frames = vec![self.enter(root)];
        while let Some(frame) = frames.last() {
            if self.neighbours.len() > frame.start {
                let (number, neighbour) = (frame.number, self.neighbours.pop().unwrap_or_default());
                match self.met[neighbour as usize] {
                    NEVER => frames.push(self.enter(neighbour)),
                    // It is open, or it is left, which is later than anything.
                    met => self.lower(number, met),
                }
                continue;
            }
            self.leave(frame);
            let low = self.low[frame.number as usize];
            frames.pop();
            if let Some(parent) = frames.last() {
                self.lower(parent.number, low);
            }
        }
    }

    fn lower(&mut self, number: u32, low: u32) {
        let known = &mut self.low[number as usize];
        *known = (*known).min(low);
    }

    fn enter(&mut self, number: u32) -> Frame {
        self.count += 1;
        self.met[number as usize] = self.count;
        self.low[number as usize] = self.count;
        self.open.push(number);
        let start = self.neighbours.len();
        let (met, neighbours) = (&self.met, &mut self.neighbours);
        self.taken.visit(&self.snapshot.network.adjacency, number, |other, is_taken| {
            if is_taken && met[other as usize] != LEFT {
                neighbours.push(other);
            }
        });
        Frame { number, start, leads_to_itself: neighbours[start..].contains(&number) }
    }

    /// Closes the component that a number is the first of.
    fn leave(&mut self, frame: &Frame) {
        if self.met[frame.number as usize] != self.low[frame.number as usize] {
            return;
        }
        let first = self.open.iter().rposition(|it| *it == frame.number).unwrap_or_default();
        let component = self.open.split_off(first);
        component.iter().for_each(|member| self.met[*member as usize] = LEFT);
        if component.len() > 1 || frame.leads_to_itself {
            self.cycles.push(component);
        }
    }
}

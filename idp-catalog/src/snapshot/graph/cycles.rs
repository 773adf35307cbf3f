//! Entities that lead back to themselves.

use idp_core::EntityRef;

use super::edge::{Step, steps};
use super::follow::{Follow, Taken};
use crate::snapshot::Snapshot;

/// The groups of entities of which each leads to each other one, sorted. An entity alone is one where it leads to
/// itself.
///
/// Tarjan's strongly connected components, with a stack of its own.
pub(in crate::snapshot) fn cycles(snapshot: &Snapshot, follow: &Follow) -> Vec<Vec<EntityRef>> {
    let graph = Followed { snapshot, taken: follow.among(&snapshot.network.kinds) };
    let mut search = Search::new(snapshot.network.directory.end() as usize);
    for root in snapshot.entities.iter() {
        if search.seen[root as usize].is_none() {
            search.from(root as usize, &graph);
        }
    }
    let reference = |node: &usize| snapshot.reference(number(*node)).cloned();
    let mut cycles: Vec<Vec<EntityRef>> =
        search.cycles.iter().map(|cycle| cycle.iter().filter_map(reference).collect()).collect();
    cycles.iter_mut().for_each(|cycle| cycle.sort_unstable());
    cycles.sort_unstable();
    cycles
}

struct Followed<'s> {
    snapshot: &'s Snapshot,
    taken: Taken,
}

fn number(node: usize) -> u32 {
    u32::try_from(node).unwrap_or(u32::MAX)
}

impl Followed<'_> {
    fn next(&self, node: usize) -> Vec<usize> {
        let steps = steps(self.snapshot, number(node)).filter(|step| self.taken.has(*step));
        let others = steps.map(Step::other).filter(|other| self.snapshot.entities.contains(*other));
        others.map(|other| other as usize).collect()
    }
}

struct Search {
    /// When each node was met.
    seen: Vec<Option<usize>>,
    /// The earliest open node that is known to be reachable.
    low: Vec<usize>,
    open: Vec<usize>,
    is_open: Vec<bool>,
    count: usize,
    cycles: Vec<Vec<usize>>,
}

/// A node whose neighbours are being visited.
struct Frame {
    node: usize,
    neighbours: Vec<usize>,
    leads_to_itself: bool,
}

impl Search {
    fn new(size: usize) -> Self {
        Self {
            seen: vec![None; size],
            low: vec![0; size],
            open: Vec::new(),
            is_open: vec![false; size],
            count: 0,
            cycles: Vec::new(),
        }
    }

    fn from(&mut self, root: usize, graph: &Followed<'_>) {
        let mut frames = vec![self.enter(root, graph)];
        while let Some(frame) = frames.last_mut() {
            let node = frame.node;
            let Some(neighbour) = frame.neighbours.pop() else {
                let itself = frame.leads_to_itself;
                frames.pop();
                self.leave(node, itself);
                if let Some(parent) = frames.last() {
                    self.low[parent.node] = self.low[parent.node].min(self.low[node]);
                }
                continue;
            };
            match self.seen[neighbour] {
                None => frames.push(self.enter(neighbour, graph)),
                Some(met) if self.is_open[neighbour] => self.low[node] = self.low[node].min(met),
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, node: usize, graph: &Followed<'_>) -> Frame {
        self.seen[node] = Some(self.count);
        self.low[node] = self.count;
        self.count += 1;
        self.open.push(node);
        self.is_open[node] = true;
        let neighbours = graph.next(node);
        Frame { leads_to_itself: neighbours.contains(&node), node, neighbours }
    }

    /// Closes the component that a node is the first of.
    fn leave(&mut self, node: usize, leads_to_itself: bool) {
        if self.seen[node] != Some(self.low[node]) {
            return;
        }
        let first = self.open.iter().rposition(|it| *it == node).unwrap_or_default();
        let component = self.open.split_off(first);
        for member in &component {
            self.is_open[*member] = false;
        }
        if component.len() > 1 || leads_to_itself {
            self.cycles.push(component);
        }
    }
}

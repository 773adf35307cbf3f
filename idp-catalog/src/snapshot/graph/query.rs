//! A part of the graph.

use std::collections::{BTreeMap, BTreeSet};

use idp_core::EntityRef;

use super::edge::{Edge, Hop, declared_steps, steps};
use super::follow::{Follow, Way};
use super::reach::walk;
use crate::snapshot::Snapshot;

/// Which part of the graph to show.
///
/// ```
/// use idp_catalog::{GraphQuery, Way};
/// let around = GraphQuery::around("component:default/cart".parse()?).depth(2).only("dependsOn").only("partOf");
/// let below = GraphQuery::around("group:default/all".parse()?).only("parentOf").way(Way::Out).depth(10);
/// # let _ = (around, below);
/// # Ok::<(), idp_core::ParseRefError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphQuery {
    nodes: Nodes,
    follow: Follow,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Nodes {
    All,
    Around(EntityRef),
    Among(BTreeSet<EntityRef>),
}

/// Entities and the relations between them.
///
/// Serialises as `{"nodes": [{"ref", "exists"}], "edges": [{"from", "type", "to", "field"}], "truncated"}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Graph {
    /// Every entity that is named, with whether it exists.
    pub nodes: BTreeMap<EntityRef, bool>,
    /// The relations as they were declared, each once.
    pub edges: BTreeSet<Edge>,
    /// Whether a limit left entities out.
    pub truncated: bool,
}

impl GraphQuery {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self { nodes: Nodes::All, follow: Follow::all(Way::Both) }
    }

    /// An entity and its direct neighbours.
    #[must_use]
    pub fn around(start: EntityRef) -> Self {
        Self { nodes: Nodes::Around(start), follow: Follow::all(Way::Both).depth(1) }
    }

    /// These entities, and what is between them.
    #[must_use]
    pub fn among(entities: impl IntoIterator<Item = EntityRef>) -> Self {
        Self { nodes: Nodes::Among(entities.into_iter().collect()), follow: Follow::all(Way::Both) }
    }

    /// How many relations away from the start to go.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Self {
        self.follow = self.follow.depth(depth);
        self
    }

    /// Follows relations of this type, besides those named before. Without any, all types.
    #[must_use]
    pub fn only(mut self, r#type: &str) -> Self {
        self.follow = self.follow.and(r#type);
        self
    }

    /// Which way to follow relations from the start.
    #[must_use]
    pub fn way(mut self, way: Way) -> Self {
        self.follow = self.follow.way(way);
        self
    }

    /// So many entities at most: around a start the nearest, else the first in the order of references.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.follow = self.follow.limit(limit);
        self
    }
}

impl Graph {
    /// Hops, and the entity they start at: a path, or what a [`Reach`](super::Reach) found.
    #[must_use]
    pub fn of_hops(snapshot: &Snapshot, start: &EntityRef, hops: &[Hop]) -> Self {
        let mut graph = Self::default();
        graph.nodes.insert(start.clone(), snapshot.contains(start));
        graph.edges = hops.iter().map(|hop| hop.edge.clone()).collect();
        graph.with_ends(snapshot)
    }

    fn with_ends(mut self, snapshot: &Snapshot) -> Self {
        for edge in &self.edges {
            for end in [&edge.from, &edge.to] {
                self.nodes.entry(end.clone()).or_insert_with(|| snapshot.contains(end));
            }
        }
        self
    }
}

/// Collects the graph.
pub(in crate::snapshot) fn collect(snapshot: &Snapshot, query: &GraphQuery) -> Graph {
    match &query.nodes {
        Nodes::Around(start) => around(snapshot, start, &query.follow),
        Nodes::All => among(snapshot, snapshot.refs(), &query.follow, |_| true).with_ends(snapshot),
        Nodes::Among(entities) => {
            among(snapshot, entities.iter(), &query.follow, |other| entities.contains(other))
        }
    }
}

fn around(snapshot: &Snapshot, start: &EntityRef, follow: &Follow) -> Graph {
    let Some(number) = snapshot.number(start) else {
        return Graph { nodes: [(start.clone(), false)].into(), ..Graph::default() };
    };
    let walk = walk(snapshot, number, follow);
    let taken = walk.levels().take(follow.depth).flatten().flat_map(|number| steps(snapshot, *number));
    let kept = taken.filter(|step| walk.taken().has(*step) && walk.has(step.other()));
    let edges = kept.filter_map(|step| step.edge(snapshot)).collect();
    let exists =
        |number: &u32| Some((snapshot.reference(*number)?.clone(), snapshot.entities.contains(*number)));
    let nodes = walk.numbers().iter().filter_map(exists).collect();
    Graph { nodes, edges, truncated: walk.is_truncated() }
}

/// The entities and what they declare, where the other end is wanted too.
fn among<'e>(
    snapshot: &Snapshot,
    entities: impl Iterator<Item = &'e EntityRef>,
    follow: &Follow,
    wanted: impl Fn(&EntityRef) -> bool,
) -> Graph {
    let mut graph = Graph::default();
    for entity_ref in entities {
        if graph.nodes.len() == follow.limit {
            graph.truncated = true;
            break;
        }
        graph.nodes.insert(entity_ref.clone(), snapshot.contains(entity_ref));
    }
    let taken = follow.clone().way(Way::Both).among(&snapshot.network.kinds);
    let numbers = graph.nodes.keys().filter_map(|node| snapshot.number(node));
    let steps = numbers.flat_map(|number| declared_steps(snapshot, number)).filter(|step| taken.has(*step));
    let edges = steps.filter_map(|step| step.edge(snapshot)).filter(|edge| wanted(&edge.to));
    let kept = edges.filter(|edge| !graph.truncated || graph.nodes.contains_key(&edge.to));
    graph.edges = kept.collect();
    graph
}

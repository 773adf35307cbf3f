//! The neighbourhood of an entity.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use idp_core::EntityRef;

use super::Snapshot;
use crate::model::FieldPath;

/// Which part of the graph to show.
///
/// ```
/// use idp_catalog::GraphQuery;
/// let around = GraphQuery::around("component:default/cart".parse()?).depth(2).only("dependsOn").only("partOf");
/// # Ok::<(), idp_core::ParseRefError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphQuery {
    start: Option<EntityRef>,
    depth: usize,
    types: BTreeSet<String>,
}

/// Entities and the relations between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Graph {
    /// Every entity that is named, with whether it exists.
    pub nodes: BTreeMap<EntityRef, bool>,
    /// The relations as they were declared, each once.
    pub edges: BTreeSet<Edge>,
}

/// A declared relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[non_exhaustive]
pub struct Edge {
    /// Who declares it.
    pub from: EntityRef,
    /// Its type.
    pub r#type: String,
    /// Whom it names.
    pub to: EntityRef,
    /// The field that declares it.
    pub field: FieldPath,
}

impl GraphQuery {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self { start: None, depth: usize::MAX, types: BTreeSet::new() }
    }

    /// An entity and its direct neighbours.
    #[must_use]
    pub fn around(start: EntityRef) -> Self {
        Self { start: Some(start), depth: 1, types: BTreeSet::new() }
    }

    /// How many relations away from the start to go.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// Follows relations of this declared type, besides those named before. Without any, all types.
    #[must_use]
    pub fn only(mut self, r#type: &str) -> Self {
        self.types.insert(r#type.to_owned());
        self
    }

    fn follows(&self, edge: &Edge) -> bool {
        self.types.is_empty() || self.types.contains(&edge.r#type)
    }
}

/// Collects the graph.
pub(super) fn collect(snapshot: &Snapshot, query: &GraphQuery) -> Graph {
    let mut graph = Graph::default();
    match &query.start {
        None => {
            for record in snapshot.iter() {
                graph.nodes.insert(record.entity_ref().clone(), true);
                let edges = declared_by(snapshot, record.entity_ref());
                graph.edges.extend(edges.filter(|edge| query.follows(edge)));
            }
        }
        Some(start) => walk(snapshot, query, start, &mut graph),
    }
    for edge in &graph.edges {
        for end in [&edge.from, &edge.to] {
            graph.nodes.entry(end.clone()).or_insert_with(|| snapshot.get(end).is_some());
        }
    }
    graph
}

/// Breadth first, both ways, each entity once.
fn walk(snapshot: &Snapshot, query: &GraphQuery, start: &EntityRef, graph: &mut Graph) {
    let mut queue = VecDeque::from([(start.clone(), 0)]);
    graph.nodes.insert(start.clone(), snapshot.get(start).is_some());
    while let Some((entity_ref, distance)) = queue.pop_front() {
        if distance == query.depth {
            continue;
        }
        let edges = declared_by(snapshot, &entity_ref).chain(declared_on(snapshot, &entity_ref));
        for edge in edges.filter(|edge| query.follows(edge)) {
            let other = if edge.from == entity_ref { &edge.to } else { &edge.from };
            if !graph.nodes.contains_key(other) {
                graph.nodes.insert(other.clone(), snapshot.get(other).is_some());
                queue.push_back((other.clone(), distance + 1));
            }
            graph.edges.insert(edge);
        }
    }
}

/// The edges an entity declares.
fn declared_by<'s>(snapshot: &'s Snapshot, from: &EntityRef) -> impl Iterator<Item = Edge> + use<'s> {
    let record = snapshot.get(from);
    record.into_iter().flat_map(|record| {
        record.declared.iter().map(|declared| Edge {
            from: record.entity_ref().clone(),
            r#type: declared.relation.r#type.clone(),
            to: declared.relation.target_ref.clone(),
            field: declared.field.clone(),
        })
    })
}

/// The edges an entity declares that lead nowhere.
pub(super) fn dangling_of<'s>(
    snapshot: &'s Snapshot,
    from: &EntityRef,
) -> impl Iterator<Item = Edge> + use<'s> {
    declared_by(snapshot, from).filter(|edge| snapshot.get(&edge.to).is_none())
}

/// The edges others declare on an entity.
pub(super) fn declared_on<'s>(
    snapshot: &'s Snapshot,
    to: &EntityRef,
) -> impl Iterator<Item = Edge> + use<'s> {
    let to = to.clone();
    let others: BTreeSet<&EntityRef> =
        snapshot.incoming.get(&to).into_iter().flatten().map(|relation| &relation.target_ref).collect();
    others.into_iter().flat_map(move |from| {
        let to = to.clone();
        declared_by(snapshot, from).filter(move |edge| edge.to == to)
    })
}

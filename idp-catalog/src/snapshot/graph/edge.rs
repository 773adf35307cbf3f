//! Relations as edges, seen from either end.

use idp_core::EntityRef;
use serde::Serialize;

use crate::model::FieldPath;
use crate::snapshot::Snapshot;
use crate::snapshot::adjacency::Link;
use crate::snapshot::kinds::Kind;
use crate::snapshot::network::Network;

/// A declared relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// A relation as it is followed from one entity to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hop {
    /// The type, as the entity sees it where the hop starts: `dependencyOf` where the other end declares `dependsOn`.
    pub r#type: String,
    /// Where the hop leads.
    pub to: EntityRef,
    /// The relation as it is declared.
    pub edge: Edge,
}

/// A declared relation and the end of it that one stands at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Who declares it.
    pub(super) from: u32,
    pub(super) link: Link,
    /// Whether one stands at the declaring end.
    pub(super) forward: bool,
}

impl Step {
    pub(super) fn kind(self, network: &Network) -> &Kind {
        network.kinds.get(self.link.kind)
    }

    /// The type as this end sees it: without a name where the model gives the target none.
    pub(super) fn name(self, network: &Network) -> &str {
        let kind = self.kind(network);
        if self.forward { &kind.r#type } else { kind.reverse.as_deref().unwrap_or_default() }
    }

    /// The end that one stands at.
    pub(super) fn here(self) -> u32 {
        if self.forward { self.from } else { self.link.other }
    }

    /// The other end.
    pub(super) fn other(self) -> u32 {
        if self.forward { self.link.other } else { self.from }
    }

    /// As seen from the other end.
    pub(super) fn turned(self) -> Self {
        Self { forward: !self.forward, ..self }
    }

    pub(super) fn edge(self, snapshot: &Snapshot) -> Option<Edge> {
        let kind = self.kind(&snapshot.network);
        Some(Edge {
            from: snapshot.reference(self.from)?.clone(),
            r#type: kind.r#type.clone(),
            to: snapshot.reference(self.link.other)?.clone(),
            field: field(kind, self.declared(snapshot)),
        })
    }

    /// The relation as its declarer has it: a step that was found at the other end knows only its kind.
    fn declared(self, snapshot: &Snapshot) -> Link {
        let Network { directory, kinds, adjacency } = &*snapshot.network;
        // They are sorted by type and target.
        let key = |link: &Link| (&*kinds.get(link.kind).r#type, directory.text(link.other));
        let wanted = (self.link.kind, self.link.other);
        let found = adjacency.find_out(self.from, wanted, |it| key(it) < key(&self.link));
        found.unwrap_or(self.link)
    }

    pub(super) fn hop(self, snapshot: &Snapshot) -> Option<Hop> {
        let to = snapshot.reference(self.other())?.clone();
        Some(Hop { r#type: self.name(&snapshot.network).to_owned(), to, edge: self.edge(snapshot)? })
    }
}

/// The field, or the item of it, that a relation is declared in.
fn field(kind: &Kind, link: Link) -> FieldPath {
    match link.item.checked_sub(1) {
        Some(item) => kind.field.item(item as usize),
        None => kind.field.clone(),
    }
}

/// The relations that an entity declares, and those that others declare on it, whether it is there or not.
pub(super) fn steps(snapshot: &Snapshot, at: u32) -> impl Iterator<Item = Step> + use<'_> {
    declared_steps(snapshot, at).chain(steps_back(snapshot, at))
}

/// The relations that an entity declares.
pub(super) fn declared_steps(snapshot: &Snapshot, at: u32) -> impl Iterator<Item = Step> + use<'_> {
    snapshot.network.adjacency.out(at).map(move |link| Step { from: at, link, forward: true })
}

/// The relations that others declare on an entity.
fn steps_back(snapshot: &Snapshot, at: u32) -> impl Iterator<Item = Step> + use<'_> {
    snapshot.network.adjacency.back(at).flat_map(move |(kind, others)| {
        let link = Link { kind, other: at, item: 0 };
        others.iter().map(move |from| Step { from, link, forward: false })
    })
}

/// The edges an entity declares that lead nowhere.
pub(in crate::snapshot) fn dangling_of(snapshot: &Snapshot, from: u32) -> impl Iterator<Item = Edge> {
    let nowhere = move |step: &Step| !snapshot.entities.contains(step.other());
    declared_steps(snapshot, from).filter(nowhere).filter_map(|step| step.edge(snapshot))
}

/// The edges others declare on an entity, in the order of who declares them.
pub(in crate::snapshot) fn declared_on(snapshot: &Snapshot, to: u32) -> Vec<Edge> {
    let mut edges: Vec<Edge> = steps_back(snapshot, to).filter_map(|step| step.edge(snapshot)).collect();
    edges.sort_unstable();
    edges
}

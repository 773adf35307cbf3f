//! Relations as edges, seen from either end.

use idp_core::EntityRef;
use serde::Serialize;

use crate::model::{Declared, FieldPath};
use crate::snapshot::{Record, Snapshot};

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
pub(super) struct Step<'s> {
    from: &'s EntityRef,
    declared: &'s Declared,
    /// Whether one stands at the declaring end.
    pub(super) forward: bool,
}

impl<'s> Step<'s> {
    /// The type as this end sees it.
    pub(super) fn name(&self) -> &'s str {
        if self.forward { &self.declared.relation.r#type } else { self.back() }
    }

    /// The type as the other end sees it.
    pub(super) fn opposite(&self) -> &'s str {
        if self.forward { self.back() } else { &self.declared.relation.r#type }
    }

    /// The type as the target sees it: without a name where the model gives the target none.
    fn back(&self) -> &'s str {
        self.declared.reverse.as_deref().unwrap_or_default()
    }

    /// The other end.
    pub(super) fn other(&self) -> &'s EntityRef {
        if self.forward { &self.declared.relation.target_ref } else { self.from }
    }

    pub(super) fn edge(&self) -> Edge {
        Edge {
            from: self.from.clone(),
            r#type: self.declared.relation.r#type.clone(),
            to: self.declared.relation.target_ref.clone(),
            field: self.declared.field.clone(),
        }
    }

    pub(super) fn hop(&self) -> Hop {
        Hop { r#type: self.name().to_owned(), to: self.other().clone(), edge: self.edge() }
    }
}

/// The relations that an entity declares, and those that others declare on it, whether it is there or not.
pub(super) fn steps<'s>(snapshot: &'s Snapshot, at: &'s EntityRef) -> impl Iterator<Item = Step<'s>> {
    declared_steps(snapshot, at).chain(steps_back(snapshot, at))
}

/// The relations that an entity declares.
pub(super) fn declared_steps<'s>(
    snapshot: &'s Snapshot,
    at: &EntityRef,
) -> impl Iterator<Item = Step<'s>> + use<'s> {
    snapshot.get(at).into_iter().flat_map(|record| {
        record.declared.iter().map(|declared| Step { from: record.entity_ref(), declared, forward: true })
    })
}

fn steps_back<'s>(snapshot: &'s Snapshot, at: &'s EntityRef) -> impl Iterator<Item = Step<'s>> {
    let incoming = snapshot.nodes.incoming(at);
    let mut declarers: Vec<&EntityRef> = incoming.map(|relation| &relation.target_ref).collect();
    declarers.sort_unstable();
    declarers.dedup();
    declarers.into_iter().filter_map(|from| snapshot.get(from)).flat_map(move |record| {
        let between = declared_between(record, at).into_iter();
        between.map(|declared| Step { from: record.entity_ref(), declared, forward: false })
    })
}

/// The relations that an entity declares on another one. They are sorted by type and target: looks at each type once.
fn declared_between<'s>(record: &'s Record, to: &EntityRef) -> Vec<&'s Declared> {
    let mut found = Vec::new();
    let mut rest = &record.declared[..];
    while let Some(first) = rest.first() {
        let same = rest.partition_point(|it| it.relation.r#type <= first.relation.r#type);
        let (of_type, behind) = rest.split_at(same);
        let target = |it: &Declared| it.relation.target_ref.cmp(to);
        let start = of_type.partition_point(|it| target(it).is_lt());
        found.extend(of_type[start..].iter().take_while(|it| target(it).is_eq()));
        rest = behind;
    }
    found
}

/// The edges an entity declares that lead nowhere.
pub(in crate::snapshot) fn dangling_of<'s>(
    snapshot: &'s Snapshot,
    from: &EntityRef,
) -> impl Iterator<Item = Edge> + use<'s> {
    declared_steps(snapshot, from).filter(|step| snapshot.get(step.other()).is_none()).map(|step| step.edge())
}

/// The edges others declare on an entity.
pub(in crate::snapshot) fn declared_on<'s>(
    snapshot: &'s Snapshot,
    to: &'s EntityRef,
) -> impl Iterator<Item = Edge> {
    steps_back(snapshot, to).map(|step| step.edge())
}

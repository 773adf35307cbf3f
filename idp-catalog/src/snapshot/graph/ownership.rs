//! Who owns what, and who belongs where, through groups of groups.

use std::collections::BTreeSet;

use idp_core::EntityRef;
use serde::Serialize;

use super::edge::{Step, steps};
use super::follow::Follow;
use super::reach::{Reached, reach, walk};
use crate::index::Ids;
use crate::snapshot::Snapshot;

/// Who is behind an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ownership {
    /// The owners it names: groups and users.
    pub owners: Vec<EntityRef>,
    /// The groups above them, nearest first, up to those that have none above.
    pub above: Vec<EntityRef>,
    /// The users who are owners, or members of owners or of groups below them.
    pub responsible: Vec<EntityRef>,
}

/// Who owns an entity.
pub(in crate::snapshot) fn ownership(snapshot: &Snapshot, entity_ref: &EntityRef) -> Ownership {
    let Some(number) = snapshot.number(entity_ref) else { return Ownership::default() };
    let owners = named(snapshot, related(snapshot, [number], "ownedBy"));
    let mut above: Vec<Reached> = Vec::new();
    let mut responsible = BTreeSet::new();
    for owner in &owners {
        above.extend(reach(snapshot, owner, &Follow::only(["childOf"])).others());
        responsible.extend(members_of(snapshot, owner));
        if owner.kind() == "user" {
            responsible.insert(owner.clone());
        }
    }
    above.sort_by(|a, b| (a.distance, &a.entity_ref).cmp(&(b.distance, &b.entity_ref)));
    let mut seen: BTreeSet<EntityRef> = owners.iter().cloned().collect();
    let above = above.into_iter().map(|it| it.entity_ref).filter(|it| seen.insert(it.clone())).collect();
    Ownership { owners, above, responsible: responsible.into_iter().collect() }
}

/// Everything that a group or the groups below it own, or that a user or the groups the user is a member of own; sorted.
pub(in crate::snapshot) fn owned_by(snapshot: &Snapshot, owner: &EntityRef) -> Vec<EntityRef> {
    let Some(number) = snapshot.number(owner) else { return Vec::new() };
    let owners: Ids = if owner.kind() == "user" {
        related(snapshot, [number], "memberOf").iter().chain([number]).collect()
    } else {
        below(snapshot, number)
    };
    named(snapshot, related(snapshot, owners.iter(), "ownerOf"))
}

/// The members of a group and of the groups below it; sorted.
pub(in crate::snapshot) fn members_of(snapshot: &Snapshot, group: &EntityRef) -> Vec<EntityRef> {
    let Some(number) = snapshot.number(group) else { return Vec::new() };
    named(snapshot, related(snapshot, below(snapshot, number).iter(), "hasMember"))
}

/// The groups that an entity is a member of, directly or through a group below; nearest first.
pub(in crate::snapshot) fn groups_of(snapshot: &Snapshot, member: &EntityRef) -> Vec<EntityRef> {
    reach(snapshot, member, &Follow::only(["memberOf", "childOf"])).refs().cloned().collect()
}

/// A group and the groups below it.
fn below(snapshot: &Snapshot, group: u32) -> Ids {
    walk(snapshot, group, &Follow::only(["parentOf"])).numbers().iter().copied().collect()
}

/// Where the relations of a type lead.
fn related(snapshot: &Snapshot, from: impl IntoIterator<Item = u32>, r#type: &str) -> Ids {
    let taken = Follow::only([r#type]).among(&snapshot.network.kinds);
    let steps = from.into_iter().flat_map(|number| steps(snapshot, number));
    steps.filter(|step| taken.has(*step)).map(Step::other).collect()
}

/// Numbers' references, in order.
fn named(snapshot: &Snapshot, ids: Ids) -> Vec<EntityRef> {
    let numbers = snapshot.in_order(ids.iter().collect());
    numbers.into_iter().filter_map(|number| snapshot.reference(number)).cloned().collect()
}

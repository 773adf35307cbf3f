//! Who owns what, and who belongs where, through groups of groups.

use std::collections::BTreeSet;

use idp_core::EntityRef;
use serde::Serialize;

use super::edge::steps;
use super::follow::Follow;
use super::reach::{Reached, reach};
use crate::snapshot::Snapshot;

/// Who is behind an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    let owners = related(snapshot, entity_ref, "ownedBy");
    let mut above: Vec<Reached> = Vec::new();
    let mut responsible = BTreeSet::new();
    for owner in &owners {
        above.extend(reach(snapshot, owner, &Follow::only(["childOf"])).others().cloned());
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
    let mut owners = vec![owner.clone()];
    if owner.kind() == "user" {
        owners.extend(related(snapshot, owner, "memberOf"));
    } else {
        owners.extend(
            reach(snapshot, owner, &Follow::only(["parentOf"])).others().map(|it| it.entity_ref.clone()),
        );
    }
    let owned: BTreeSet<EntityRef> =
        owners.iter().flat_map(|owner| related(snapshot, owner, "ownerOf")).collect();
    owned.into_iter().collect()
}

/// The members of a group and of the groups below it; sorted.
pub(in crate::snapshot) fn members_of(snapshot: &Snapshot, group: &EntityRef) -> Vec<EntityRef> {
    let below = reach(snapshot, group, &Follow::only(["parentOf"]));
    let groups = below.others().map(|it| &it.entity_ref).chain([group]);
    let members: BTreeSet<EntityRef> = groups.flat_map(|it| related(snapshot, it, "hasMember")).collect();
    members.into_iter().collect()
}

/// The groups that an entity is a member of, directly or through a group below; nearest first.
pub(in crate::snapshot) fn groups_of(snapshot: &Snapshot, member: &EntityRef) -> Vec<EntityRef> {
    let reach = reach(snapshot, member, &Follow::only(["memberOf", "childOf"]));
    reach.others().map(|it| it.entity_ref.clone()).collect()
}

/// Where the relations of a type lead, in order, each once.
fn related(snapshot: &Snapshot, from: &EntityRef, r#type: &str) -> Vec<EntityRef> {
    let steps = steps(snapshot, from).filter(|step| step.name() == r#type);
    let found: BTreeSet<EntityRef> = steps.map(|step| step.other().clone()).collect();
    found.into_iter().collect()
}

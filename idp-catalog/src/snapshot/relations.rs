//! Relations by type: what a searcher sees under `relations.ownedBy`.
//!
//! Who is related to whom is in the [adjacency](super::adjacency). Here is only what a question by type needs besides:
//! which entities have such a relation, and where such relations lead, in order.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Snapshot;
use super::adjacency::Adjacency;
use super::kinds::{Kinds, TypeId};
use super::network::Network;
use crate::directory::Directory;
use crate::index::{Ids, Ordered, Place};
use crate::query::is_short;

/// The keys of relations begin with this.
pub(crate) const RELATION_PREFIX: &str = "relations.";

/// Relations by type. Copies share what they have in common.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct ByType {
    types: Vec<Arc<Column>>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Column {
    /// Entities with a relation of the type.
    present: Ids,
    /// Those of them whose relations all lead to what is too long to compare.
    null: Ids,
    /// At least those with several.
    plural: Ids,
    /// Where relations of the type lead, in the order of references; perhaps from entities that are not there only.
    targets: Ordered,
}

/// A number, and what it is related to at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) number: u32,
    /// Whether it is an entity.
    pub(super) exists: bool,
    pub(super) adjacency: &'a Adjacency,
}

/// What a number has to do with a type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Part {
    relations: usize,
    comparable: bool,
    is_target: bool,
}

impl ByType {
    /// Whether what was read can be asked about, of numbers below an end.
    pub(super) fn is_sound(&self, end: u32) -> bool {
        let is_sound = |column: &Arc<Column>| {
            let sets = [&column.present, &column.null, &column.plural];
            sets.iter().all(|ids| ids.is_sound(end)) && column.targets.is_sound(end)
        };
        self.types.iter().all(is_sound)
    }

    /// Follows a number from what it was to what it is.
    pub(super) fn update(&mut self, before: At<'_>, after: At<'_>, directory: &Directory, kinds: &Kinds) {
        let number = after.number;
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let is_short = |number| is_short(directory.text(number));
        before.parts(is_short, kinds, &mut old);
        after.parts(is_short, kinds, &mut new);
        for (index, (before, after)) in pairs(&old, &new).enumerate() {
            if before == after {
                continue;
            }
            while self.types.len() <= index {
                self.types.push(Arc::default());
            }
            Arc::make_mut(&mut self.types[index]).update(number, before, after, directory);
        }
    }

    /// Relations of numbers, of which nothing is known yet: sorted once.
    pub(super) fn of<'a>(
        all: impl Iterator<Item = At<'a>>,
        in_order: &dyn Fn(&mut Vec<u32>),
        directory: &Directory,
        kinds: &Kinds,
    ) -> Self {
        let (mut builders, mut parts): (Vec<Builder>, Vec<Part>) = (Vec::new(), Vec::new());
        // Hardly any: so nothing is looked up at the ends of each relation.
        let long = (0..directory.end()).filter(|number| !is_short(directory.text(*number)));
        let long = Ids::from_sorted(long.collect());
        for at in all {
            at.parts(|number| !long.contains(number), kinds, &mut parts);
            builders.resize_with(builders.len().max(parts.len()), Builder::default);
            builders.iter_mut().zip(&parts).for_each(|(builder, part)| builder.add(at.number, *part));
        }
        Self { types: builders.into_iter().map(|builder| Arc::new(builder.build(in_order))).collect() }
    }
}

impl<'a> At<'a> {
    pub(super) fn of(number: u32, snapshot: &Snapshot, network: &'a Network) -> Self {
        Self { number, exists: snapshot.seen(number).is_some(), adjacency: &network.adjacency }
    }

    /// What it has to do with each type, by number.
    fn parts(self, is_short: impl Fn(u32) -> bool, kinds: &Kinds, parts: &mut Vec<Part>) {
        parts.clear();
        let comparable = is_short(self.number);
        let mut at = |id: TypeId, relations: usize, leads: bool, is_target: bool| {
            let index = id.0 as usize;
            if parts.len() <= index {
                parts.resize(index + 1, Part::default());
            }
            let part = &mut parts[index];
            part.relations += if self.exists { relations } else { 0 };
            part.comparable |= leads;
            part.is_target |= is_target && comparable;
        };
        for link in self.adjacency.out(self.number) {
            let kind = kinds.get(link.kind);
            at(kind.type_id, 1, is_short(link.other), false);
            if let Some(reverse) = kind.reverse_id {
                at(reverse, 0, false, true);
            }
        }
        for (kind, from) in self.adjacency.back(self.number) {
            let kind = kinds.get(kind);
            at(kind.type_id, 0, false, true);
            if let Some(reverse) = kind.reverse_id {
                at(reverse, from.len(), from.iter().any(&is_short), false);
            }
        }
    }
}

fn pairs<'p>(a: &'p [Part], b: &'p [Part]) -> impl Iterator<Item = (Part, Part)> + use<'p> {
    (0..a.len().max(b.len())).map(|index| {
        let of = |parts: &[Part]| parts.get(index).copied().unwrap_or_default();
        (of(a), of(b))
    })
}

impl Column {
    fn update(&mut self, number: u32, before: Part, after: Part, directory: &Directory) {
        let set = |ids: &mut Ids, before: bool, after: bool| match (before, after) {
            (false, true) => ids.insert(number),
            (true, false) => ids.remove(number),
            _ => {}
        };
        set(&mut self.present, before.is_present(), after.is_present());
        set(&mut self.null, before.is_null(), after.is_null());
        set(&mut self.plural, before.relations > 1, after.relations > 1);
        if before.is_target != after.is_target {
            let text = directory.text(number);
            let place = self.targets.partition_point(|it| directory.text(it) < text);
            if after.is_target {
                self.targets.insert(place, number);
            } else {
                self.targets.remove(place, number);
            }
        }
    }
}

impl Part {
    fn is_present(self) -> bool {
        self.relations > 0
    }

    fn is_null(self) -> bool {
        self.relations > 0 && !self.comparable
    }
}

#[derive(Debug, Default)]
struct Builder {
    present: Vec<u32>,
    null: Vec<u32>,
    plural: Vec<u32>,
    targets: Vec<u32>,
}

impl Builder {
    fn add(&mut self, number: u32, part: Part) {
        let lists = [
            (&mut self.present, part.is_present()),
            (&mut self.null, part.is_null()),
            (&mut self.plural, part.relations > 1),
            (&mut self.targets, part.is_target),
        ];
        for (list, wanted) in lists {
            list.extend(wanted.then_some(number));
        }
    }

    fn build(mut self, in_order: &dyn Fn(&mut Vec<u32>)) -> Column {
        in_order(&mut self.targets);
        Column {
            present: Ids::from_sorted(self.present),
            null: Ids::from_sorted(self.null),
            plural: Ids::from_sorted(self.plural),
            targets: Ordered::from_sorted(&self.targets),
        }
    }
}

/// Relations of one type, to be asked about as other keys are.
#[derive(Clone, Copy)]
pub(crate) struct RelationColumn<'s> {
    snapshot: &'s Snapshot,
    id: TypeId,
    column: &'s Column,
}

impl Snapshot {
    /// The relations of a type, by its key: `relations.ownedby`.
    pub(crate) fn relation_column(&self, key: &str) -> Option<RelationColumn<'_>> {
        let id = self.network.kinds.type_id(key.strip_prefix(RELATION_PREFIX)?)?;
        let column = self.by_type.types.get(id.0 as usize).filter(|it| !it.present.is_empty())?;
        (is_short(key)).then_some(RelationColumn { snapshot: self, id, column })
    }
}

impl<'s> RelationColumn<'s> {
    /// Entities with a relation of the type.
    pub(crate) fn present(&self) -> &'s Ids {
        &self.column.present
    }

    /// Those whose relations all lead to what is too long to compare.
    pub(crate) fn null(&self) -> &'s Ids {
        &self.column.null
    }

    /// At least those with several.
    pub(crate) fn plural(&self) -> &'s Ids {
        &self.column.plural
    }

    /// How many different targets there are, at most.
    pub(crate) fn distinct(&self) -> usize {
        self.column.targets.len()
    }

    /// The targets from a text on, in order.
    pub(crate) fn from(&self, text: &str) -> impl Iterator<Item = u32> + use<'s> {
        self.column.targets.from(self.place(|it| it < text))
    }

    /// The targets up to a text, that one included, backwards.
    pub(crate) fn back_from(&self, text: &str) -> impl Iterator<Item = u32> + use<'s> {
        self.column.targets.back_from(self.place(|it| it <= text))
    }

    /// All targets, backwards.
    pub(crate) fn backwards(&self) -> impl Iterator<Item = u32> + use<'s> {
        self.column.targets.back_from(self.column.targets.end())
    }

    fn place(&self, before: impl Fn(&str) -> bool) -> Place {
        let directory = &self.snapshot.network.directory;
        self.column.targets.partition_point(|number| before(directory.text(number)))
    }

    /// The target of a reference's text, if it is one.
    pub(crate) fn target(&self, text: &str) -> Option<u32> {
        self.from(text).next().filter(|number| self.text(*number) == text)
    }

    /// The text of a target.
    pub(crate) fn text(&self, target: u32) -> &'s str {
        self.snapshot.network.directory.text(target)
    }

    /// The entities that have a relation of the type to a target.
    pub(crate) fn ids(&self, target: u32) -> Ids {
        let Network { kinds, adjacency, .. } = &*self.snapshot.network;
        let declared = adjacency.back(target).filter(|(kind, _)| kinds.get(*kind).type_id == self.id);
        let back = adjacency.out(target).filter(|link| kinds.get(link.kind).reverse_id == Some(self.id));
        let back = back.map(|link| link.other).filter(|other| self.snapshot.entities.contains(*other));
        let back: Ids = back.collect();
        let declared = declared.map(|(_, others)| others.ids());
        Ids::union(declared.chain((!back.is_empty()).then_some(Cow::Owned(back))))
    }

    /// Where an entity's relations of the type lead, as far as it can be compared.
    pub(crate) fn targets_of(&self, id: u32) -> Vec<u32> {
        let Network { kinds, adjacency, .. } = &*self.snapshot.network;
        let declared = adjacency.out(id).filter(|link| kinds.get(link.kind).type_id == self.id);
        let back = adjacency.back(id).filter(|(kind, _)| kinds.get(*kind).reverse_id == Some(self.id));
        let all = declared.map(|link| link.other).chain(back.flat_map(|(_, others)| others.iter()));
        let mut targets: Vec<u32> = all.filter(|target| is_short(self.text(*target))).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }
}

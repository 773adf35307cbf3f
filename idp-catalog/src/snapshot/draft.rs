//! The first snapshot of a catalog, drafted while its entities are read.
//!
//! What is read into an empty catalog becomes its first snapshot as it is. So what the index takes of a document is taken
//! when the document is judged, from the text that it is judged by: to unpack it later and to read it again costs as much
//! as judging it. A draft is used where the catalog turns out to be what was drafted, and dropped otherwise: at once where
//! a location describes an entity twice, in the end where two do, for who has described what is not looked up before all of
//! it is in order.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use idp_core::EntityRef;

use super::adjacency::{AdjacencyBuilder, Link};
use super::kinds::{KindId, Kinds};
use crate::catalog::State;
use crate::directory::Directory;
use crate::index::{Cell, IndexBuilder, Keys, Told};
use crate::json::Json;
use crate::model::Declared;

/// What is known so far of entities that were never seen before. They have numbers in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct DraftBuilder {
    entities: u32,
    index: IndexBuilder,
    kinds: Kinds,
    links: AdjacencyBuilder,
    targets: Targets,
}

/// What is known of entities that were never seen before. They have numbers in the order of their references, so that what
/// is alike is close together in every set and list.
#[derive(Debug)]
pub(crate) struct Draft {
    directory: Directory,
    /// For each entity the number that it came as.
    came_as: Vec<u32>,
    index: IndexBuilder,
    pub(super) kinds: Kinds,
    links: AdjacencyBuilder,
    targets: Targets,
}

/// What links lead to, with numbers of its own: not all of it is there yet, or ever will be.
#[derive(Debug, Default)]
struct Targets {
    all: Vec<EntityRef>,
    numbers: HashMap<EntityRef, u32, RandomState>,
}

impl Targets {
    fn ensure(&mut self, target: &EntityRef) -> u32 {
        if let Some(number) = self.numbers.get(target) {
            return *number;
        }
        let number = self.all.len() as u32;
        self.all.push(target.clone());
        self.numbers.insert(target.clone(), number);
        number
    }
}

/// What the index takes of documents that are judged together, and what they declare.
#[derive(Debug, Default)]
pub(crate) struct Sketch<'t> {
    keys: Keys,
    told: Told<'t>,
    /// How many entities there are.
    entities: u32,
    kinds: Kinds,
    links: AdjacencyBuilder,
    targets: Targets,
}

impl<'t> Sketch<'t> {
    /// Adds an entity.
    pub(crate) fn add(&mut self, declared: &[Declared], document: Json<'t>) {
        let cells = self.keys.cells_of(document);
        self.push(declared, cells);
    }

    /// As [`Sketch::add`], of a document that does not last.
    pub(crate) fn add_owned(&mut self, declared: &[Declared], document: Json<'_>) {
        let cells = self.keys.cells_of(document).into_iter().map(Cell::into_owned).collect();
        self.push(declared, cells);
    }

    fn push(&mut self, declared: &[Declared], cells: Vec<Cell<'t>>) {
        let number = self.entities;
        self.entities += 1;
        self.told.push(number, cells);
        let link = |declared: &Declared| Link {
            kind: self.kinds.ensure(declared),
            other: self.targets.ensure(&declared.relation.target_ref),
            item: declared.field.item_number(),
        };
        self.links.push(number, declared.iter().map(link));
    }
}

impl DraftBuilder {
    /// How many entities there are: the number of the next one.
    pub(crate) fn len(&self) -> u32 {
        self.entities
    }

    /// Adds what was judged together, in this order, while the caller's thread does something else first.
    pub(crate) fn add<'s, 't: 's>(
        &mut self,
        sketches: impl Iterator<Item = &'s mut Sketch<'t>>,
        first: impl FnOnce(),
    ) {
        let mut base = self.entities;
        let count = |sketch: &'s mut Sketch<'t>| {
            sketch.told.count_from(base);
            base += sketch.entities;
            &*sketch
        };
        let sketches: Vec<&Sketch<'_>> = sketches.map(count).collect();
        let told: Vec<_> = sketches.iter().map(|sketch| (&sketch.keys, &sketch.told)).collect();
        let Self { entities, index, kinds, links, targets } = self;
        index.insert_all(&told, || {
            first();
            for sketch in &sketches {
                relate(sketch, *entities, kinds, targets, links);
                *entities += sketch.entities;
            }
        });
    }

    /// The draft, given every reference that anything was said about, with the number that it came as where that is an
    /// entity. Nothing where something was said twice about one.
    pub(crate) fn build(self, mut said: Vec<(&EntityRef, Option<u32>)>) -> Option<Draft> {
        let Self { entities, index, kinds, links, targets } = self;
        let is_in_order = |said: &[(&EntityRef, _)]| said.is_sorted_by(|(a, _), (b, _)| a < b);
        if !is_in_order(&said) {
            // Stable, and fast where there are runs that are sorted: each location is one.
            said.sort();
        }
        let came = || said.iter().filter_map(|(entity_ref, number)| Some((*entity_ref, (*number)?)));
        let are_all = is_in_order(&said) && came().count() == entities as usize;
        are_all.then(|| Draft {
            directory: Directory::of(came().map(|(entity_ref, _)| Some(entity_ref.clone()))),
            came_as: came().map(|(_, number)| number).collect(),
            index,
            kinds,
            links,
            targets,
        })
    }
}

impl Draft {
    /// Gives a state in which there is nothing yet the entities, with their numbers. False where there is something.
    pub(crate) fn begin(&self, state: &mut State) -> bool {
        let is_empty = state.directory.end() == 0;
        if is_empty {
            state.directory = self.directory.clone();
        }
        is_empty
    }

    /// Whether a state that began with the draft says what was drafted and nothing else about any of these numbers: each
    /// entity once.
    pub(super) fn is_of(&self, state: &State, numbers: &[u32]) -> bool {
        let drafted = 0..self.directory.end();
        let is_drafted = |number: u32| matches!(state.claims(number), [claim] if claim.body.is_some());
        drafted.clone().all(is_drafted)
            && numbers.iter().all(|number| drafted.contains(number) || state.winner(*number).is_none())
    }

    /// The index, to be built.
    pub(super) fn take_index(&mut self) -> IndexBuilder {
        std::mem::take(&mut self.index).renumbered(&self.came_as)
    }

    /// What the entities declare, with the numbers that what they refer to has in a directory, or gets there.
    pub(super) fn declared(&self, directory: &mut Directory) -> AdjacencyBuilder {
        let numbers: Vec<u32> = self.targets.all.iter().map(|target| directory.ensure(target)).collect();
        self.links.rearranged(&self.came_as, &numbers)
    }
}

/// Takes over what the entities of a sketch declare, whose numbers are counted from a base.
fn relate(
    sketch: &Sketch<'_>,
    base: u32,
    kinds: &mut Kinds,
    targets: &mut Targets,
    links: &mut AdjacencyBuilder,
) {
    let kinds: Vec<KindId> = sketch.kinds.iter().map(|kind| kinds.ensure_kind(kind)).collect();
    let targets: Vec<u32> = sketch.targets.all.iter().map(|target| targets.ensure(target)).collect();
    links.append(&sketch.links, base, |link| Link {
        kind: kinds[link.kind.index()],
        other: targets[link.other as usize],
        item: link.item,
    });
}

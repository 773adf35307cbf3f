//! The first snapshot of a catalog, drafted while its entities are read.
//!
//! What is read into an empty catalog becomes its first snapshot as it is. So what the index takes of a document is taken
//! when the document is judged, from the text that it is judged by: to unpack it later and to read it again costs as much
//! as judging it. A draft is used where the catalog turns out to be what was drafted, and dropped otherwise.

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

/// What is known so far of entities that were never seen before.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The entities, in the order in which they came.
    directory: Directory,
    pub(super) index: IndexBuilder,
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
    entities: Vec<EntityRef>,
    kinds: Kinds,
    links: AdjacencyBuilder,
    targets: Targets,
}

impl<'t> Sketch<'t> {
    /// Adds an entity.
    pub(crate) fn add(&mut self, entity_ref: &EntityRef, declared: &[Declared], document: Json<'t>) {
        let cells = self.keys.cells_of(document);
        self.push(entity_ref, declared, cells);
    }

    /// As [`Sketch::add`], of a document that does not last.
    pub(crate) fn add_owned(&mut self, entity_ref: &EntityRef, declared: &[Declared], document: Json<'_>) {
        let cells = self.keys.cells_of(document).into_iter().map(Cell::into_owned).collect();
        self.push(entity_ref, declared, cells);
    }

    fn push(&mut self, entity_ref: &EntityRef, declared: &[Declared], cells: Vec<Cell<'t>>) {
        let number = self.entities.len() as u32;
        self.entities.push(entity_ref.clone());
        self.told.push(number, cells);
        let link = |declared: &Declared| Link {
            kind: self.kinds.ensure(declared),
            other: self.targets.ensure(&declared.relation.target_ref),
            item: declared.field.item_number(),
        };
        self.links.push(number, declared.iter().map(link));
    }
}

impl Draft {
    /// Adds what was judged together, in this order, while the caller's thread does something else first that says whether
    /// this stays a draft. It does not where an entity came before.
    pub(crate) fn add<'s, 't: 's>(
        &mut self,
        sketches: impl Iterator<Item = &'s mut Sketch<'t>>,
        first: impl FnOnce() -> bool,
    ) -> bool {
        let mut base = self.directory.end();
        let count = |sketch: &'s mut Sketch<'t>| {
            sketch.told.count_from(base);
            base += sketch.entities.len() as u32;
            &*sketch
        };
        let sketches: Vec<&Sketch<'_>> = sketches.map(count).collect();
        let told: Vec<_> = sketches.iter().map(|sketch| (&sketch.keys, &sketch.told)).collect();
        let Self { directory, index, kinds, links, targets } = self;
        let mut add = |sketch: &&Sketch<'_>| {
            let base = directory.end();
            relate(sketch, base, kinds, targets, links);
            let mut numbers = (base..).zip(&sketch.entities);
            numbers.all(|(number, entity_ref)| directory.ensure(entity_ref) == number)
        };
        let mut is_draft = true;
        index.insert_all(&told, || is_draft = first() && sketches.iter().all(&mut add));
        is_draft
    }

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

    /// What the entities declare, with the numbers that what they refer to has in a directory, or gets there.
    pub(super) fn declared(&mut self, directory: &mut Directory) -> AdjacencyBuilder {
        let numbers: Vec<u32> = self.targets.all.iter().map(|target| directory.ensure(target)).collect();
        self.links.renumber(&numbers);
        std::mem::take(&mut self.links)
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

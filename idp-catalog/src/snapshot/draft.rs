//! The first snapshot of a catalog, drafted while its entities are read.
//!
//! What is read into an empty catalog becomes its first snapshot as it is. So what the index takes of a document is taken
//! when the document is judged, from the text that it is judged by: to unpack it later and to read it again costs as much
//! as judging it. Each thread makes a sketch of what it judges, with numbers of its own; what they mean is settled when all
//! of it is there. A draft is used where the catalog turns out to be what was drafted, and dropped otherwise: at once where
//! a location describes an entity twice, in the end where two do, for who has described what is not looked up before all of
//! it is in order.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use idp_core::EntityRef;

use super::adjacency::{AdjacencyBuilder, Link};
use super::kinds::{Kind, KindId, Kinds};
use crate::catalog::State;
use crate::directory::Directory;
use crate::form::Blanks;
use crate::index::{CellForm, Index, IndexBuilder};
use crate::json::Json;
use crate::model::Declared;

/// So many entities are many.
const MANY: usize = 4096;

/// What one thread knows of entities that were never seen before. They have numbers in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Sketch {
    number: usize,
    entities: u32,
    index: IndexBuilder,
    kinds: Kinds,
    links: AdjacencyBuilder,
    targets: Targets,
}

/// What links lead to, with numbers of its own: not all of it is there yet, or ever will be.
#[derive(Debug, Default)]
struct Targets {
    all: Vec<EntityRef>,
    numbers: HashMap<EntityRef, u32, RandomState>,
}

/// Which entity of which sketch something is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sketched {
    sketch: u32,
    number: u32,
}

/// What is known of entities that were never seen before. They have numbers in the order of their references, so that what
/// is alike is close together in every set and list.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The entities, in order. They are in the directory once that was made.
    refs: Vec<EntityRef>,
    directory: Option<Directory>,
    /// What each entity is in the sketches.
    sketched: Vec<Sketched>,
    sketches: Vec<Sketch>,
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

impl Sketch {
    /// A sketch, given its place among those of one draft.
    pub(crate) fn new(number: usize) -> Self {
        Self { number, ..Self::default() }
    }

    /// Adds an entity.
    pub(crate) fn add(&mut self, declared: &[Declared], document: Json<'_>) -> Sketched {
        self.index.insert(self.entities, document);
        self.add_links(declared)
    }

    /// What documents of a form are added by, given one of them; `None` where each must be read.
    pub(crate) fn form_of(&mut self, document: &Json<'_>, form: &Blanks<'_>) -> Option<CellForm> {
        self.index.form_of(document.clone(), form)
    }

    /// Adds an entity whose document has a form, and fits it.
    pub(crate) fn add_of_form(&mut self, declared: &[Declared], form: &CellForm, texts: &[&str]) -> Sketched {
        self.index.insert_of_form(self.entities, form, texts);
        self.add_links(declared)
    }

    /// Adds what the entity that was added to the index declares.
    fn add_links(&mut self, declared: &[Declared]) -> Sketched {
        let number = self.entities;
        self.entities += 1;
        let link = |declared: &Declared| Link {
            kind: self.kinds.ensure(declared),
            other: self.targets.ensure(&declared.relation.target_ref),
            item: declared.field.item_number(),
        };
        self.links.push(number, declared.iter().map(link));
        Sketched { sketch: self.number as u32, number }
    }
}

impl Draft {
    /// The draft of what is in some sketches, given every reference that anything was said about, with what it is there
    /// where that is an entity. Nothing where something was said twice about one.
    pub(crate) fn of(sketches: Vec<Sketch>, mut said: Vec<(&EntityRef, Option<Sketched>)>) -> Option<Self> {
        let ascends = |said: &[(&EntityRef, _)]| said.is_sorted_by(|(a, _), (b, _)| a < b);
        let is_each_once = ascends(&said) || {
            // Stable, and fast where there are runs that are sorted: each location is one.
            said.sort_by_key(|(entity_ref, _)| *entity_ref);
            ascends(&said)
        };
        if !is_each_once {
            return None;
        }
        let came = said.iter().filter_map(|(entity_ref, it)| Some(((*entity_ref).clone(), (*it)?)));
        let (refs, sketched): (Vec<_>, Vec<_>) = came.unzip();
        let are_all = sketches.iter().map(|sketch| sketch.entities as usize).sum::<usize>() == sketched.len();
        are_all.then_some(Self { refs, directory: None, sketched, sketches })
    }

    /// Makes the directory, which takes a while where there are many entities, and which nobody needs before
    /// [`Draft::begin`].
    pub(crate) fn prepare(&mut self) {
        let refs = std::mem::take(&mut self.refs);
        let count = refs.len() as u32;
        self.directory.get_or_insert_with(|| Directory::of(refs.into_iter().map(Some), count));
    }

    /// Whether it has so many entities that somebody else may prepare it.
    pub(crate) fn is_large(&self) -> bool {
        self.sketched.len() > MANY
    }

    /// Gives a state in which there is nothing yet the entities, with their numbers. False where there is something.
    pub(crate) fn begin(&mut self, state: &mut State) -> bool {
        self.prepare();
        let directory = self.directory.take().filter(|_| state.directory.end() == 0);
        directory.map(|directory| state.directory = directory).is_some()
    }

    /// Whether a state that began with the draft says what was drafted and nothing else about any of these numbers: each
    /// entity once.
    pub(super) fn is_of(&self, state: &State, numbers: &[u32]) -> bool {
        let drafted = 0..self.sketched.len() as u32;
        let is_drafted = |number: u32| matches!(state.claims(number), [claim] if claim.body.is_some());
        drafted.clone().all(is_drafted)
            && numbers.iter().all(|number| drafted.contains(number) || state.winner(*number).is_none())
    }

    /// Builds the index, once, while the caller does something else first.
    pub(super) fn build_index(&mut self, first: impl FnOnce(&Self)) -> Index {
        let builders: Vec<_> = self.sketches.iter_mut().map(|it| std::mem::take(&mut it.index)).collect();
        let mut numbers: Vec<Vec<u32>> =
            self.sketches.iter().map(|it| vec![0; it.entities as usize]).collect();
        for (entity, Sketched { sketch, number }) in (0..).zip(&self.sketched) {
            numbers[*sketch as usize][*number as usize] = entity;
        }
        let numbers = numbers.iter().map(|numbers| Some(&**numbers));
        IndexBuilder::build(builders.into_iter().zip(numbers), || first(self))
    }

    /// What the entities declare, of kinds that are added to others, with the numbers that what they refer to has in a
    /// directory, or gets there.
    pub(super) fn declared(&self, directory: &mut Directory, kinds: &mut Kinds) -> AdjacencyBuilder {
        let own_kinds = self.ensure_kinds(kinds);
        let targets = self.ensure_targets(directory);
        let links = self.sketches.iter().map(|sketch| sketch.links.len()).sum();
        let mut declared = AdjacencyBuilder::with_room(self.sketched.len(), links);
        for (entity, Sketched { sketch, number }) in (0..).zip(&self.sketched) {
            let sketch = *sketch as usize;
            let (kinds, targets) = (&own_kinds[sketch], &targets[sketch]);
            let links = self.sketches[sketch].links.row(*number as usize).iter();
            declared.push(
                entity,
                links.map(|link| Link {
                    kind: kinds[link.kind.index()],
                    other: targets[link.other as usize],
                    item: link.item,
                }),
            );
        }
        declared
    }

    /// The numbers that the targets of each sketch have in a directory. Those that are not there get theirs in the order of
    /// their references, whoever came across them.
    fn ensure_targets(&self, directory: &mut Directory) -> Vec<Vec<u32>> {
        let known = |sketch: &Sketch| sketch.targets.all.iter().map(|it| directory.number(it)).collect();
        let known: Vec<Vec<Option<u32>>> = self.sketches.iter().map(known).collect();
        let with_known = || self.sketches.iter().map(|sketch| &sketch.targets.all).zip(&known);
        let unknown =
            with_known().flat_map(|(all, known)| all.iter().zip(known).filter(|(_, it)| it.is_none()));
        let mut unknown: Vec<&EntityRef> = unknown.map(|(target, _)| target).collect();
        unknown.sort();
        unknown.into_iter().for_each(|target| _ = directory.ensure(target));
        let mut number =
            |(target, known): (&EntityRef, &Option<u32>)| known.unwrap_or_else(|| directory.ensure(target));
        with_known().map(|(all, known)| all.iter().zip(known).map(&mut number).collect()).collect()
    }

    /// What the kinds of each sketch are among others, to which they are added in the same order whoever came across them.
    fn ensure_kinds(&self, kinds: &mut Kinds) -> Vec<Vec<KindId>> {
        let mut all: Vec<&Kind> = self.sketches.iter().flat_map(|sketch| sketch.kinds.iter()).collect();
        all.sort_by_key(|kind| kind.rank());
        all.into_iter().for_each(|kind| _ = kinds.ensure_kind(kind));
        let mut own = |sketch: &Sketch| sketch.kinds.iter().map(|kind| kinds.ensure_kind(kind)).collect();
        self.sketches.iter().map(&mut own).collect()
    }
}

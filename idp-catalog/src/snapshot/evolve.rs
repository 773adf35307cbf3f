//! From one snapshot to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{EntityRef, Revision};

use super::adjacency::{AdjacencyBuilder, Link};
use super::draft::Draft;
use super::explain::is_disputed;
use super::network::Network;
use super::reading::{Parts, Reading, Share, seen};
use super::relations::{At, ByType};
use super::seen::Seen;
use super::view::{Claimant, Conflict, Finding};
use super::{CatalogChange, Snapshot};
use crate::catalog::{Claim, State, Touched};
use crate::index::{IndexBuilder, Keys, Ordered};
use crate::model::{Declared, Model};
use crate::parallel;

/// Entities that are read at once: enough to keep every core busy, few enough to hold in memory what is read of them.
const BATCH: usize = 4096;
/// Entities that one core takes at once.
const SHARE: usize = 128;

impl Snapshot {
    /// The snapshot of a state, built from nothing.
    pub(crate) fn of(state: &mut State, model: &Model) -> Self {
        let touched = Touched::all(state.numbers().collect());
        Self::default().evolve(state, model, &touched).0
    }

    /// The snapshot of a state that differs from this one's in what is touched, and what others see differently; from
    /// the first one, all of it is new, and not told one by one.
    ///
    /// Gives the state's numbers back that nothing is known about any more.
    pub(crate) fn evolve(
        &self,
        state: &mut State,
        model: &Model,
        touched: &Touched,
    ) -> (Self, Vec<CatalogChange>) {
        let mut evolution = Evolution::new(self, state);
        evolution.note(touched);
        evolution.read_all(model, &touched.numbers());
        evolution.finish()
    }

    /// As [`Snapshot::evolve`], for a change that is still to be made. What it comes to may have been drafted: then the
    /// index is built while the change is made.
    pub(crate) fn follow(
        &self,
        state: &mut State,
        model: &Model,
        draft: Option<Draft>,
        change: impl FnOnce(&mut State) -> Touched,
    ) -> (Self, Vec<CatalogChange>) {
        let begun = |mut draft: Draft| (self.is_blank() && draft.begin(state)).then_some(draft);
        let Some(mut draft) = draft.and_then(begun) else {
            let touched = change(state);
            return self.evolve(state, model, &touched);
        };
        let mut evolution = Evolution::new(self, state);
        let (mut numbers, mut is_of) = (Vec::new(), false);
        let index = draft.build_index(|draft| {
            let touched = change(evolution.state);
            evolution.note(&touched);
            numbers = touched.numbers();
            is_of = draft.is_of(evolution.state, &numbers);
            if is_of {
                evolution.take_draft(draft, &numbers);
            }
        });
        if is_of {
            evolution.next.index = Arc::new(index);
        } else {
            evolution.read_all(model, &numbers);
        }
        evolution.finish()
    }

    /// Notes what could not be read.
    pub(super) fn note_unread(&mut self, state: &State) {
        let findings = state.unread.iter().map(|((source, location), diagnostics)| Finding {
            claimant: Claimant { source: Arc::clone(source), location: Arc::clone(location) },
            entity_ref: None,
            diagnostics: diagnostics.to_vec(),
        });
        self.unread = Arc::new(findings.collect());
    }

    /// Notes what is wrong with the claims on an entity, whether there are too many, and what is left of it.
    pub(super) fn review(&mut self, number: u32, state: &State) {
        let Some(entity_ref) = state.directory.get(number) else { return };
        let claims = state.ranked(number);
        let wrong = claims.iter().filter(|claim| !claim.diagnostics.is_empty());
        let wrong: Vec<Finding> = wrong.map(|claim| Finding::of(entity_ref, claim)).collect();
        set(&mut self.findings, entity_ref, (!wrong.is_empty()).then_some(wrong));
        let disputed = is_disputed(&claims).then(|| claims.iter().map(|it| Claim::clone(it)).collect());
        set(&mut self.disputed, entity_ref, disputed);
        set(&mut self.conflicts, entity_ref, Conflict::among(&claims));
        set(&mut self.departed, entity_ref, state.departed(number).cloned());
    }
}

/// A snapshot on its way to the next.
struct Evolution<'a> {
    before: &'a Snapshot,
    next: Snapshot,
    network: Network,
    /// What entities declare, where all of it is new.
    declared: AdjacencyBuilder,
    state: &'a mut State,
    /// Whether there was nothing before: then all is indexed and put in order at once.
    is_new: bool,
    /// For each thread what the index takes of what it reads, if so.
    builders: Vec<Option<IndexBuilder>>,
    /// Numbers of which something is not what it was.
    moved: BTreeSet<u32>,
    /// Entities that others see differently.
    dirty: BTreeSet<u32>,
    /// Relations that came or went at the targets of those who declare them.
    at_targets: Vec<End>,
}

/// A relation as its target sees it.
struct End {
    target: u32,
    name: String,
    /// Who declares it.
    from: u32,
}

impl<'a> Evolution<'a> {
    fn new(before: &'a Snapshot, state: &'a mut State) -> Self {
        let network = Network::clone(&before.network);
        let is_new = before.is_blank();
        Self {
            before,
            next: before.clone(),
            network,
            declared: AdjacencyBuilder::default(),
            state,
            is_new,
            builders: Vec::new(),
            moved: BTreeSet::new(),
            dirty: BTreeSet::new(),
            at_targets: Vec::new(),
        }
    }

    /// Notes what a change came to besides entities.
    fn note(&mut self, touched: &Touched) {
        let (next, state) = (&mut self.next, &*self.state);
        next.revision = state.revision;
        if touched.unread {
            next.note_unread(state);
        }
        if *next.precedence != state.precedence {
            next.precedence = Arc::new(state.precedence.clone());
        }
    }

    /// Takes what is said about these numbers now.
    fn read_all(&mut self, model: &Model, numbers: &[u32]) {
        self.read(model, numbers);
        if self.is_new {
            let builders = std::mem::take(&mut self.builders).into_iter().flatten();
            let index = IndexBuilder::build(builders.map(|it| (it, None)), || self.put_in_order());
            self.next.index = Arc::new(index);
        } else {
            self.follow();
        }
    }

    /// Reads what is said about these numbers now.
    fn read(&mut self, model: &Model, numbers: &[u32]) {
        for numbers in numbers.chunks(BATCH) {
            let (state, next) = (&*self.state, &self.next);
            let read = parallel::map(numbers.to_vec(), |number| Reading::of(number, state, next));
            let shares: Vec<&[Reading]> = read.chunks(SHARE).collect();
            let mut builders = std::mem::take(&mut self.builders);
            let threads = parallel::threads(shares.len()).max(builders.len());
            builders.resize_with(threads, || self.is_new.then(IndexBuilder::default));
            let share = |builder: &mut Option<IndexBuilder>, read| Share::of(read, model, builder.as_mut());
            parallel::in_turn(
                shares,
                &mut builders,
                share,
                |share: Share<'_>| {
                    share.parts.iter().for_each(|parts| self.take(parts, &share.keys));
                    share
                },
                || (),
            );
            self.builders = builders;
        }
    }

    /// Takes what was drafted of these numbers, but for the index.
    fn take_draft(&mut self, draft: &Draft, numbers: &[u32]) {
        self.declared = draft.declared(&mut self.state.directory, &mut self.network.kinds);
        for number in numbers {
            self.next.review(*number, self.state);
            let seen = seen(*number, self.state);
            if seen.is_some() {
                self.note_dirty(*number);
            }
            self.see(*number, &seen);
        }
        self.put_in_order();
    }

    fn take(&mut self, parts: &Parts<'_>, keys: &Keys) {
        let number = parts.number;
        self.next.review(number, self.state);
        let mut differs = self.next.seen(number) != parts.seen.as_ref();
        if let Some(body) = &parts.body {
            differs |= self.relate(number, &body.declared);
            if !self.is_new {
                Arc::make_mut(&mut self.next.index).replace(number, keys, &body.before, &body.after);
            }
        }
        if differs {
            self.note_dirty(number);
        }
        self.see(number, parts.seen);
    }

    fn note_dirty(&mut self, number: u32) {
        // Whoever has seen nothing yet is shown everything.
        if self.before.revision != Revision::START {
            self.dirty.insert(number);
        }
    }

    fn see(&mut self, number: u32, seen: &Option<Seen>) {
        self.note_moved(number);
        match seen {
            Some(_) => self.next.seen.set(number, seen.clone()),
            None => self.next.seen.clear(number),
        }
    }

    fn note_moved(&mut self, number: u32) {
        if !self.is_new {
            self.moved.insert(number);
        }
    }

    /// Moves what an entity declares from what it said to what it says, at both ends. Says whether that differs.
    fn relate(&mut self, number: u32, declared: &[Declared]) -> bool {
        let after: Vec<Link> = declared.iter().map(|declared| self.link(declared)).collect();
        if self.is_new {
            let differs = !after.is_empty();
            self.declared.push(number, after);
            return differs;
        }
        let before: Vec<Link> = self.network.adjacency.out(number).collect();
        if before == after {
            return false;
        }
        let ends = |links: &[Link]| -> BTreeSet<_> { links.iter().map(|it| (it.kind, it.other)).collect() };
        let (old, new) = (ends(&before), ends(&after));
        for (kind, target) in old.difference(&new) {
            self.network.adjacency.remove_back(*target, *kind, number);
            self.note_moved(*target);
        }
        for (kind, target) in new.difference(&old) {
            self.network.adjacency.add_back(*target, *kind, number);
            self.note_moved(*target);
        }
        self.network.adjacency.set_out(number, &after);
        let (old, new) = (self.seen_from_targets(&before), self.seen_from_targets(&after));
        self.at_targets.extend(old.symmetric_difference(&new).map(|(target, name)| End {
            target: *target,
            name: name.clone(),
            from: number,
        }));
        true
    }

    fn link(&mut self, declared: &Declared) -> Link {
        let other = self.state.directory.ensure(&declared.relation.target_ref);
        Link { kind: self.network.kinds.ensure(declared), other, item: declared.field.item_number() }
    }

    /// The relations back as the targets of links see them.
    fn seen_from_targets(&self, links: &[Link]) -> BTreeSet<(u32, String)> {
        let back = |link: &Link| Some((link.other, self.network.kinds.get(link.kind).reverse.clone()?));
        links.iter().filter_map(back).collect()
    }

    fn finish(mut self) -> (Snapshot, Vec<CatalogChange>) {
        self.note_targets();
        let dirty = self.in_order(&self.dirty);
        self.free();
        self.network.directory = self.state.directory.clone();
        let Self { before, mut next, network, .. } = self;
        next.network = Arc::new(network);
        let change = |number| CatalogChange::between(before.record(number), next.record(number));
        let changes = dirty.into_iter().filter_map(change).collect();
        (next, changes)
    }

    /// Sets up what is kept in order, where all of it is new.
    fn put_in_order(&mut self) {
        let directory = &self.state.directory;
        let next = &mut self.next;
        self.network.adjacency = self.declared.build(directory.end());
        let adjacency = &self.network.adjacency;
        let seen = &next.seen;
        let at = |number| At { number, exists: seen.get(number).is_some(), adjacency };
        let known = || (0..directory.end()).map(at).filter(|at| at.exists || adjacency.has_back(at.number));
        let all = sorted(known().map(|at| at.number).collect(), directory);
        let mut ranks = vec![0; directory.end() as usize];
        all.iter().zip(0_u32..).for_each(|(number, rank)| ranks[*number as usize] = rank);
        let in_order = |numbers: &mut Vec<u32>| numbers.sort_unstable_by_key(|it| ranks[*it as usize]);
        next.by_type = ByType::of(known(), &in_order, directory, &self.network.kinds);
        next.entities = known().filter(|at| at.exists).map(|at| at.number).collect();
        let entities: Vec<u32> = all.into_iter().filter(|it| next.entities.contains(*it)).collect();
        next.order = Ordered::from_sorted(&entities);
    }

    /// Has what is kept in order follow the numbers that changed.
    fn follow(&mut self) {
        let directory = &self.state.directory;
        for number in &self.moved {
            let before = At::of(*number, self.before, &self.before.network);
            let after = At::of(*number, &self.next, &self.network);
            let (existed, exists) = (before.exists, after.exists);
            self.next.by_type.update(before, after, directory, &self.network.kinds);
            let text = directory.text(*number);
            let place = || self.next.order.partition_point(|it| directory.text(it) < text);
            match (existed, exists) {
                (false, true) => {
                    let place = place();
                    self.next.entities.insert(*number);
                    self.next.order.insert(place, *number);
                }
                (true, false) => {
                    let place = place();
                    self.next.entities.remove(*number);
                    self.next.order.remove(place, *number);
                }
                _ => {}
            }
        }
    }

    /// Notes the targets that have another relation than before: not those that declare the same one themselves.
    fn note_targets(&mut self) {
        for End { target, name, from } in std::mem::take(&mut self.at_targets) {
            let is_it = |link: Link| link.other == from && self.network.kinds.get(link.kind).r#type == name;
            let declares = |network: &Network| network.adjacency.out(target).any(is_it);
            if !declares(&self.before.network) || !declares(&self.network) {
                self.note_dirty(target);
            }
        }
    }

    fn in_order(&self, numbers: &BTreeSet<u32>) -> Vec<u32> {
        sorted(numbers.iter().copied().collect(), &self.state.directory)
    }

    /// Gives numbers back that nothing is known about any more.
    fn free(&mut self) {
        let all = if self.is_new { 0..self.state.directory.end() } else { 0..0 };
        for number in self.moved.iter().copied().chain(all) {
            let is_known = self.next.seen(number).is_some() || self.network.adjacency.has_back(number);
            if !is_known && !self.state.is_remembered(number) {
                self.state.directory.remove(number);
            }
        }
    }
}

/// Numbers in the order of their references.
fn sorted(mut numbers: Vec<u32>, directory: &crate::directory::Directory) -> Vec<u32> {
    // Stable, and fast where they are nearly in order, as the numbers of a catalog are that was read at once.
    numbers.sort_by(|a, b| directory.text(*a).cmp(directory.text(*b)));
    numbers
}

/// Makes a shared map say this of an entity, without a copy where it says so already that there is nothing.
fn set<V: Clone>(map: &mut Arc<BTreeMap<EntityRef, V>>, entity_ref: &EntityRef, value: Option<V>) {
    match value {
        Some(value) => {
            Arc::make_mut(map).insert(entity_ref.clone(), value);
        }
        None if map.contains_key(entity_ref) => {
            Arc::make_mut(map).remove(entity_ref);
        }
        None => {}
    }
}

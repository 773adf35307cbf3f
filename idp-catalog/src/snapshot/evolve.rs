//! From one snapshot to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{EntityRef, Revision};

use super::explain::is_disputed;
use super::node::{Link, Named, Node};
use super::reading::{Parts, Reading, Share};
use super::relations::ByType;
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
        let mut next = self.clone();
        next.revision = state.revision;
        if touched.unread {
            next.note_unread(state);
        }
        if *next.precedence != state.precedence {
            next.precedence = Arc::new(state.precedence.clone());
        }
        let mut evolution = Evolution::new(self, next, state);
        for numbers in touched.numbers().chunks(BATCH) {
            let (state, next) = (&*evolution.state, &evolution.next);
            let read = parallel::map(numbers.to_vec(), |number| Reading::of(number, state, next));
            let shares =
                parallel::map_one_by_one(read.chunks(SHARE).collect(), |read| Share::of(read, model));
            evolution.take_all(&shares);
            // They are many small parts, which every core can give back.
            parallel::map_one_by_one(shares, drop);
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
    named: Named,
    state: &'a mut State,
    /// Whether there was nothing before: then all is indexed and put in order at once.
    is_new: bool,
    builder: Option<IndexBuilder>,
    /// Nodes that are not what they were.
    moved: BTreeSet<u32>,
    /// Nodes that others see differently.
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
    fn new(before: &'a Snapshot, next: Snapshot, state: &'a mut State) -> Self {
        let named = Named { directory: state.directory.clone(), kinds: before.named.kinds.clone() };
        let is_new = before.is_blank();
        let builder = is_new.then(IndexBuilder::default);
        Self {
            before,
            next,
            named,
            state,
            is_new,
            builder,
            moved: BTreeSet::new(),
            dirty: BTreeSet::new(),
            at_targets: Vec::new(),
        }
    }

    fn take_all(&mut self, shares: &[Share<'_>]) {
        let builder = self.builder.take();
        let mut take = || {
            for share in shares {
                share.parts.iter().for_each(|parts| self.take(parts, &share.keys));
            }
        };
        let Some(mut builder) = builder else { return take() };
        builder.insert_all(&shares.iter().map(Share::told).collect::<Vec<_>>(), take);
        self.builder = Some(builder);
    }

    fn take(&mut self, parts: &Parts<'_>, keys: &Keys) {
        let number = parts.number;
        self.next.review(number, self.state);
        let known = self.next.node(number).map(Arc::clone).unwrap_or_default();
        let mut node = Node { seen: parts.seen.clone(), ..Node::clone(&known) };
        if let Some(body) = &parts.body {
            node.out = self.relate(number, &known.out, &body.declared);
            if !self.is_new {
                Arc::make_mut(&mut self.next.index).replace(number, keys, &body.before, &body.after);
            }
        }
        if !node.is_seen_as(&known) || node.out != known.out {
            self.note_dirty(number);
        }
        // It may point at itself.
        node.incoming = self.next.node(number).map(|node| node.incoming.clone()).unwrap_or_default();
        self.put(number, node);
    }

    fn note_dirty(&mut self, number: u32) {
        // Whoever has seen nothing yet is shown everything.
        if self.before.revision != Revision::START {
            self.dirty.insert(number);
        }
    }

    fn put(&mut self, number: u32, node: Node) {
        if !self.is_new {
            self.moved.insert(number);
        }
        if node.is_empty() {
            self.next.nodes.clear(number);
        } else {
            self.next.nodes.set(number, Some(Arc::new(node)));
        }
    }

    /// Moves what an entity declares from what it said to what it says, at both ends.
    fn relate(&mut self, number: u32, before: &[Link], declared: &[Declared]) -> Box<[Link]> {
        let after: Box<[Link]> = declared.iter().map(|declared| self.link(declared)).collect();
        let ends = |links: &[Link]| -> BTreeSet<_> { links.iter().map(|it| (it.kind, it.other)).collect() };
        let (old, new) = (ends(before), ends(&after));
        for (kind, target) in old.difference(&new) {
            self.change_incoming(*target, |node| node.remove_incoming(*kind, number));
        }
        for (kind, target) in new.difference(&old) {
            self.change_incoming(*target, |node| node.add_incoming(*kind, number));
        }
        let (old, new) = (self.seen_from_targets(before), self.seen_from_targets(&after));
        self.at_targets.extend(old.symmetric_difference(&new).map(|(target, name)| End {
            target: *target,
            name: name.clone(),
            from: number,
        }));
        after
    }

    fn link(&mut self, declared: &Declared) -> Link {
        let item = declared.field.index().map_or(0, |index| u32::try_from(index + 1).unwrap_or(u32::MAX));
        let other = self.state.directory.ensure(&declared.relation.target_ref);
        Link { kind: self.named.kinds.ensure(declared), other, item }
    }

    /// The relations back as the targets of links see them.
    fn seen_from_targets(&self, links: &[Link]) -> BTreeSet<(u32, String)> {
        if self.is_new {
            return BTreeSet::new();
        }
        let back = |link: &Link| Some((link.other, self.named.kinds.get(link.kind).reverse.clone()?));
        links.iter().filter_map(back).collect()
    }

    fn change_incoming(&mut self, target: u32, change: impl FnOnce(&mut Node)) {
        let node = self.next.nodes.get_mut(target).get_or_insert_default();
        change(Arc::make_mut(node));
        if node.is_empty() {
            self.next.nodes.clear(target);
        }
        if !self.is_new {
            self.moved.insert(target);
        }
    }

    fn finish(mut self) -> (Snapshot, Vec<CatalogChange>) {
        match self.builder.take() {
            Some(builder) => self.build(builder),
            None => self.follow(),
        }
        self.note_targets();
        let dirty = self.in_order(&self.dirty);
        self.free();
        self.named.directory = self.state.directory.clone();
        let Self { before, mut next, named, .. } = self;
        next.named = Arc::new(named);
        let change = |number| CatalogChange::between(before.record(number), next.record(number));
        let changes = dirty.into_iter().filter_map(change).collect();
        (next, changes)
    }

    /// Sets up what is kept in order, where all of it is new.
    fn build(&mut self, builder: IndexBuilder) {
        let directory = &self.state.directory;
        let next = &mut self.next;
        next.index = Arc::new(builder.build());
        let nodes =
            || (0..directory.end()).filter_map(|number| Some((number, &**next.nodes.get(number).as_ref()?)));
        let all = sorted(nodes().map(|(number, _)| number).collect(), directory);
        let mut ranks = vec![0; directory.end() as usize];
        all.iter().zip(0_u32..).for_each(|(number, rank)| ranks[*number as usize] = rank);
        let in_order = |numbers: &mut Vec<u32>| numbers.sort_unstable_by_key(|it| ranks[*it as usize]);
        next.by_type = ByType::of(nodes(), &in_order, directory, &self.named.kinds);
        next.entities = nodes().filter(|(_, node)| node.seen.is_some()).map(|(number, _)| number).collect();
        let entities: Vec<u32> = all.into_iter().filter(|it| next.entities.contains(*it)).collect();
        next.order = Ordered::from_sorted(&entities);
    }

    /// Has what is kept in order follow the nodes that changed.
    fn follow(&mut self) {
        let directory = &self.state.directory;
        for number in &self.moved {
            let (before, after) = (self.before.node(*number), self.next.node(*number).cloned());
            let exists = |node: Option<&Arc<Node>>| node.is_some_and(|node| node.seen.is_some());
            self.next.by_type.update(
                *number,
                before.map(|node| &**node),
                after.as_deref(),
                directory,
                &self.named.kinds,
            );
            let text = directory.text(*number);
            let place = || self.next.order.partition_point(|it| directory.text(it) < text);
            match (exists(before), exists(after.as_ref())) {
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
            let declares = |node: Option<&Arc<Node>>| {
                let is_it =
                    |link: &Link| link.other == from && self.named.kinds.get(link.kind).r#type == name;
                node.is_some_and(|node| node.out.iter().any(is_it))
            };
            if !declares(self.before.node(target)) || !declares(self.next.node(target)) {
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
            if self.next.node(number).is_none() && !self.state.is_remembered(number) {
                self.state.directory.remove(number);
            }
        }
    }
}

/// Numbers in the order of their references.
fn sorted(mut numbers: Vec<u32>, directory: &crate::directory::Directory) -> Vec<u32> {
    numbers.sort_unstable_by(|a, b| directory.text(*a).cmp(directory.text(*b)));
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

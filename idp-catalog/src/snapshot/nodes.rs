//! The references a snapshot knows, and what it knows of each.

use std::collections::BTreeSet;
use std::sync::Arc;

use idp_core::{EntityRef, Relation};

use super::Record;
use crate::index::{Ids, Names, Numbers, Ordered, Paged, Place};

/// References with numbers: entities, and what is not there although others point at it. Copies share what they have in
/// common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    names: Names,
    nodes: Paged<Option<Arc<Node>>>,
    numbers: Numbers,
    /// The numbers of entities.
    entities: Ids,
    /// The numbers of entities, in the order of their references.
    order: Ordered,
}

#[derive(Debug, Clone)]
struct Node {
    entity_ref: EntityRef,
    record: Option<Arc<Record>>,
    /// The edges back to those who point at it.
    incoming: BTreeSet<Relation>,
}

impl Nodes {
    /// The numbers of entities.
    pub(crate) fn entities(&self) -> &Ids {
        &self.entities
    }

    pub(crate) fn number(&self, entity_ref: &EntityRef) -> Option<u32> {
        self.names.get(entity_ref.as_str(), |number| text_of(&self.nodes, number))
    }

    pub(crate) fn record(&self, number: u32) -> Option<&Arc<Record>> {
        self.nodes.get(number).as_ref()?.record.as_ref()
    }

    pub(crate) fn get(&self, entity_ref: &EntityRef) -> Option<&Arc<Record>> {
        self.record(self.number(entity_ref)?)
    }

    /// Every entity, in the order of their references.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.order.from(Place::START).filter_map(|number| self.record(number))
    }

    /// The numbers of the entities whose references begin with a kind, `component:`, in their order; from one of them on.
    pub(crate) fn of_kind(
        &self,
        kind: &str,
        first: Option<&EntityRef>,
    ) -> impl Iterator<Item = u32> + use<'_> {
        let kind = kind.to_owned();
        let place = self.place(first.map_or(&kind, EntityRef::as_str));
        let numbers = self.order.from(place);
        numbers.take_while(move |number| text_of(&self.nodes, *number).starts_with(&kind))
    }

    /// As [`Nodes::of_kind`], backwards.
    pub(crate) fn of_kind_backwards(
        &self,
        kind: &str,
        last: Option<&EntityRef>,
    ) -> impl Iterator<Item = u32> + use<'_> {
        let kind = kind.to_owned();
        let place = match last {
            Some(last) => self.order.partition_point(|it| text_of(&self.nodes, it) <= last.as_str()),
            // Nothing of a kind comes behind the character after its colon.
            None => self.place(&kind.replace(':', ";")),
        };
        let numbers = self.order.back_from(place);
        numbers.take_while(move |number| text_of(&self.nodes, *number).starts_with(&kind))
    }

    /// The edges back to those who point at a reference, whether it is there or not.
    pub(crate) fn incoming(&self, entity_ref: &EntityRef) -> impl Iterator<Item = &Relation> {
        let node = self.number(entity_ref).and_then(|number| self.nodes.get(number).as_ref());
        node.into_iter().flat_map(|node| &node.incoming)
    }

    /// Makes an entity's record this one. Gives the record it had.
    pub(crate) fn put(&mut self, record: Arc<Record>) -> Option<Arc<Record>> {
        let entity_ref = record.entity_ref().clone();
        let number = self.ensure(&entity_ref);
        let old = self.node_mut(number).and_then(|node| node.record.replace(record));
        if old.is_none() {
            self.entities.insert(number);
            let place = self.place(entity_ref.as_str());
            self.order.insert(place, number);
        }
        old
    }

    /// Takes an entity's record out. Gives its number, which may be somebody else's from now on, and the record.
    pub(crate) fn take(&mut self, entity_ref: &EntityRef) -> Option<(u32, Arc<Record>)> {
        let number = self.number(entity_ref)?;
        self.record(number)?;
        let place = self.place(entity_ref.as_str());
        let old = self.node_mut(number)?.record.take()?;
        self.entities.remove(number);
        self.order.remove(place, number);
        self.leave(number);
        Some((number, old))
    }

    pub(crate) fn add_incoming(&mut self, to: &EntityRef, edge: Relation) {
        let number = self.ensure(to);
        if let Some(node) = self.node_mut(number) {
            node.incoming.insert(edge);
        }
    }

    pub(crate) fn remove_incoming(&mut self, to: &EntityRef, edge: &Relation) {
        let Some(number) = self.number(to) else { return };
        if let Some(node) = self.node_mut(number) {
            node.incoming.remove(edge);
        }
        self.leave(number);
    }

    fn place(&self, text: &str) -> Place {
        self.order.partition_point(|number| text_of(&self.nodes, number) < text)
    }

    fn node_mut(&mut self, number: u32) -> Option<&mut Node> {
        self.nodes.get_mut(number).as_mut().map(Arc::make_mut)
    }

    fn ensure(&mut self, entity_ref: &EntityRef) -> u32 {
        if let Some(number) = self.number(entity_ref) {
            return number;
        }
        let number = self.numbers.take();
        let node = Node { entity_ref: entity_ref.clone(), record: None, incoming: BTreeSet::new() };
        let nodes = &self.nodes;
        self.names.insert(entity_ref.as_str(), number, |number| text_of(nodes, number));
        self.nodes.set(number, Some(Arc::new(node)));
        number
    }

    /// Frees the number of a reference that nothing is known about any more.
    fn leave(&mut self, number: u32) {
        let Some(node) = self.nodes.get(number) else { return };
        if node.record.is_some() || !node.incoming.is_empty() {
            return;
        }
        let node = Arc::clone(node);
        let nodes = &self.nodes;
        self.names.remove(node.entity_ref.as_str(), |number| text_of(nodes, number));
        self.nodes.clear(number);
        self.numbers.give(number);
    }
}

fn text_of(nodes: &Paged<Option<Arc<Node>>>, number: u32) -> &str {
    nodes.get(number).as_ref().map_or("", |node| node.entity_ref.as_str())
}

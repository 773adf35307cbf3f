//! Anchored values, and the budget that keeps their copies from growing without bound.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::marks::Marks;

/// A composed value with its positions.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) marks: Marks,
}

/// What one copy of an anchored value costs.
#[derive(Debug, Clone, Copy)]
struct Cost {
    nodes: usize,
    bytes: usize,
}

/// Why an alias has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AliasError {
    /// It stands inside the value it names.
    Recursive,
    /// Copying it would exceed the budget.
    Budget,
}

/// The anchors of one document.
#[derive(Debug)]
pub(super) struct Anchors {
    nodes: HashMap<usize, (Rc<Node>, Cost)>,
    left: Cost,
}

impl Anchors {
    pub(super) fn new(max_nodes: usize, max_bytes: usize) -> Self {
        Self { nodes: HashMap::new(), left: Cost { nodes: max_nodes, bytes: max_bytes } }
    }

    /// Remembers a value under its anchor.
    pub(super) fn define(&mut self, id: usize, node: &Node) -> Result<(), AliasError> {
        let cost = cost(&node.value);
        self.charge(cost)?;
        self.nodes.insert(id, (Rc::new(node.clone()), cost));
        Ok(())
    }

    /// A copy of the value an alias names.
    pub(super) fn expand(&mut self, id: usize) -> Result<Node, AliasError> {
        let (node, cost) = self.nodes.get(&id).ok_or(AliasError::Recursive)?;
        let (node, cost) = (Rc::clone(node), *cost);
        self.charge(cost)?;
        Ok((*node).clone())
    }

    fn charge(&mut self, cost: Cost) -> Result<(), AliasError> {
        let nodes = self.left.nodes.checked_sub(cost.nodes);
        let bytes = self.left.bytes.checked_sub(cost.bytes);
        self.left = nodes.zip(bytes).map(|(nodes, bytes)| Cost { nodes, bytes }).ok_or(AliasError::Budget)?;
        Ok(())
    }
}

fn cost(value: &Value) -> Cost {
    let (children, own): (Vec<Cost>, usize) = match value {
        Value::String(text) => (Vec::new(), text.len()),
        Value::Array(items) => (items.iter().map(cost).collect(), 0),
        Value::Object(map) => (map.values().map(cost).collect(), map.keys().map(String::len).sum()),
        _ => (Vec::new(), 0),
    };
    let start = Cost { nodes: 1, bytes: own };
    children
        .into_iter()
        .fold(start, |sum, next| Cost { nodes: sum.nodes + next.nodes, bytes: sum.bytes + next.bytes })
}

//! A sparse array of which copies share what they have in common.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Bits of an index that a node tells apart.
const BITS: u32 = 6;
const MASK: u32 = (1 << BITS) - 1;

/// A map from numbers to values, which costs what is in it: nothing where there is nothing.
///
/// Three levels of shared nodes that hold only what is there. Cloning costs one pointer; a change copies three nodes, of
/// which the first has a pointer for every 4096 numbers and the others at most 64 elements.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sparse<T>(Node<Node<Node<T>>>);

/// Elements by the part of the index that tells them apart, ascending.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Node<T>(Arc<[(u32, T)]>);

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self(Node::default())
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Sparse<T> {
    /// The element at an index.
    pub(crate) fn get(&self, index: u32) -> Option<&T> {
        let [root, branch, leaf] = path(index);
        self.0.get(root)?.get(branch)?.get(leaf)
    }

    /// Every element, by index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let branches = self.0.iter();
        let leaves = branches.flat_map(|(root, it)| it.iter().map(move |(at, it)| (root << BITS | at, it)));
        leaves.flat_map(|(branch, it)| it.iter().map(move |(at, it)| (branch << BITS | at, it)))
    }
}

impl<T: Clone> Sparse<T> {
    /// An element to be changed.
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        // Looked at first: asking for something to change would copy what is shared.
        self.get(index)?;
        let [root, branch, leaf] = path(index);
        self.0.get_mut(root)?.get_mut(branch)?.get_mut(leaf)
    }

    /// Puts an element at an index.
    pub(crate) fn set(&mut self, index: u32, value: T) {
        let [root, branch, leaf] = path(index);
        self.0.get_or_default(root).get_or_default(branch).set(leaf, value);
    }

    /// Takes the element at an index out.
    pub(crate) fn remove(&mut self, index: u32) {
        if self.get(index).is_none() {
            return;
        }
        let [root, branch, leaf] = path(index);
        let Some(leaves) = self.0.get_mut(root) else { return };
        let Some(elements) = leaves.get_mut(branch) else { return };
        elements.remove(leaf);
        if elements.0.is_empty() {
            leaves.remove(branch);
        }
        if leaves.0.is_empty() {
            self.0.remove(root);
        }
    }
}

impl<T: Clone> FromIterator<(u32, T)> for Sparse<T> {
    /// Of elements in ascending order of their indexes.
    fn from_iter<I: IntoIterator<Item = (u32, T)>>(elements: I) -> Self {
        Self(Node(nodes(nodes(elements.into_iter().collect())).into()))
    }
}

/// The nodes that hold elements, one level up.
fn nodes<T: Clone>(elements: Vec<(u32, T)>) -> Vec<(u32, Node<T>)> {
    let of_one_node = elements.chunk_by(|(a, _), (b, _)| a >> BITS == b >> BITS);
    let node = |elements: &[(u32, T)]| {
        let inside = elements.iter().map(|(at, it)| (at & MASK, it.clone()));
        (elements[0].0 >> BITS, Node(inside.collect()))
    };
    of_one_node.map(node).collect()
}

fn path(index: u32) -> [u32; 3] {
    [index >> (2 * BITS), (index >> BITS) & MASK, index & MASK]
}

impl<T> Node<T> {
    fn find(&self, index: u32) -> Result<usize, usize> {
        // Where nothing is missing, an element is at its index.
        match self.0.get(index as usize) {
            Some((at, _)) if *at == index => Ok(index as usize),
            _ => self.0.binary_search_by_key(&index, |(at, _)| *at),
        }
    }

    fn get(&self, index: u32) -> Option<&T> {
        self.find(index).ok().map(|at| &self.0[at].1)
    }

    fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.0.iter().map(|(at, it)| (*at, it))
    }
}

impl<T: Clone> Node<T> {
    fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        let at = self.find(index).ok()?;
        Some(&mut Arc::make_mut(&mut self.0)[at].1)
    }

    fn set(&mut self, index: u32, value: T) {
        match self.find(index) {
            Ok(at) => Arc::make_mut(&mut self.0)[at].1 = value,
            Err(at) => self.insert(at, index, value),
        }
    }

    fn get_or_default(&mut self, index: u32) -> &mut T
    where
        T: Default,
    {
        let at = self.find(index).unwrap_or_else(|at| {
            self.insert(at, index, T::default());
            at
        });
        &mut Arc::make_mut(&mut self.0)[at].1
    }

    fn insert(&mut self, at: usize, index: u32, value: T) {
        let (before, behind) = self.0.split_at(at);
        self.0 = before.iter().cloned().chain([(index, value)]).chain(behind.iter().cloned()).collect();
    }

    fn remove(&mut self, index: u32) {
        self.0 = self.0.iter().filter(|(at, _)| *at != index).cloned().collect();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(sparse: &Sparse<u8>) -> Vec<(u32, u8)> {
        sparse.iter().map(|(index, it)| (index, *it)).collect()
    }

    proptest! {
        #[test]
        fn as_a_map(
            start in prop::collection::btree_map(0..20_000_u32, any::<u8>(), 0..300),
            steps in prop::collection::vec((prop_oneof![0..200_u32, 0..20_000_u32], prop::option::of(any::<u8>())), 0..200),
        ) {
            let mut sparse: Sparse<u8> = start.iter().map(|(index, it)| (*index, *it)).collect();
            let (kept, mut want) = (sparse.clone(), start.clone());
            for (index, value) in steps {
                match value {
                    Some(value) => {
                        sparse.set(index, value);
                        want.insert(index, value);
                    }
                    None => {
                        sparse.remove(index);
                        want.remove(&index);
                    }
                }
                prop_assert_eq!(sparse.get_mut(index).copied(), value);
            }
            for index in (0..20_000).step_by(7) {
                prop_assert_eq!(sparse.get(index), want.get(&index));
            }
            prop_assert_eq!(all(&sparse), want.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(all(&kept), start.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn what_was_taken_out_leaves_nothing(indexes in prop::collection::btree_set(any::<u32>(), 0..100)) {
            let mut sparse: Sparse<u8> = indexes.iter().map(|index| (*index, 0)).collect();
            indexes.iter().for_each(|index| sparse.remove(*index));
            prop_assert!(sparse.0.0.is_empty());
        }
    }
}

//! An array of which copies share what they have in common.

use std::sync::Arc;

/// Elements of a page, and pages of a group.
const FANOUT: usize = 64;

type Page<T> = [T; FANOUT];
type Group<T> = [Option<Arc<Page<T>>>; FANOUT];

/// An array that is `T::default()` wherever nothing was put.
///
/// Three levels of shared pages: cloning costs one pointer, changing an element of a clone copies the page, the group
/// and the list of groups on its way. Where a page was never written there is none, so that a sparse array costs what
/// is in it.
#[derive(Debug, Clone)]
pub(crate) struct Paged<T> {
    groups: Arc<Vec<Option<Arc<Group<T>>>>>,
    default: T,
}

impl<T: Clone + Default> Default for Paged<T> {
    fn default() -> Self {
        Self { groups: Arc::default(), default: T::default() }
    }
}

impl<T: Clone + Default> Paged<T> {
    pub(crate) fn get(&self, index: u32) -> &T {
        let (group, page, element) = path(index);
        let group = self.groups.get(group).and_then(Option::as_ref);
        group.and_then(|group| group[page].as_ref()).map_or(&self.default, |page| &page[element])
    }

    /// An element to be changed. Makes its page, if there is none.
    pub(crate) fn get_mut(&mut self, index: u32) -> &mut T {
        let (group, page, element) = path(index);
        let groups = Arc::make_mut(&mut self.groups);
        if groups.len() <= group {
            groups.resize(group + 1, None);
        }
        let group = groups[group].get_or_insert_with(|| Arc::new([const { None }; FANOUT]));
        let page =
            Arc::make_mut(group)[page].get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
        &mut Arc::make_mut(page)[element]
    }

    pub(crate) fn set(&mut self, index: u32, value: T) {
        *self.get_mut(index) = value;
    }

    /// Puts the default back, and does not make a page for it.
    pub(crate) fn clear(&mut self, index: u32) {
        let (group, page, _) = path(index);
        let group = self.groups.get(group).and_then(Option::as_ref);
        if group.is_some_and(|group| group[page].is_some()) {
            self.set(index, T::default());
        }
    }
}

fn path(index: u32) -> (usize, usize, usize) {
    let index = index as usize;
    (index / (FANOUT * FANOUT), index / FANOUT % FANOUT, index % FANOUT)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_clone_stays_what_it_was(steps in prop::collection::vec((0..20_000_u32, 0..3_u32), 1..60), cut in 0..60_usize) {
            let (mut paged, mut plain) = (Paged::default(), BTreeMap::new());
            let mut kept = None;
            for (at, (index, value)) in steps.iter().enumerate() {
                if at == cut {
                    kept = Some((paged.clone(), plain.clone()));
                }
                match value {
                    0 => paged.clear(*index),
                    value => paged.set(*index, *value),
                }
                plain.insert(*index, *value);
            }
            for (paged, plain) in kept.iter().chain([&(paged, plain)]) {
                for (index, _) in &steps {
                    prop_assert_eq!(*paged.get(*index), plain.get(index).copied().unwrap_or_default());
                }
            }
        }
    }
}

//! What one location says about entities.

use std::collections::BTreeMap;

use idp_core::EntityRef;

use super::judged::Said;

/// An entity, and what is said about it.
type Described = (EntityRef, Said);
/// Some of them, ascending.
type Run = Vec<Described>;

/// So many runs are looked at for every entity.
const MOST_RUNS: usize = 8;

/// What a location says about entities, one description of each.
///
/// Files are written by programs, or by people who keep them in order: one kind after the other, each by name. So they are
/// kept in runs that ascend, to which most descriptions are added with a look at the ends of each; a tree would be gone
/// down for every one.
#[derive(Debug, Default)]
pub(super) struct Descriptions {
    runs: Vec<Run>,
    /// What does not come behind the last one of the last run, where there are runs enough.
    others: BTreeMap<EntityRef, Said>,
}

impl Descriptions {
    /// Adds a description. Gives it back where there is one of the same entity.
    pub(super) fn insert(&mut self, entity_ref: EntityRef, said: Said) -> Result<(), Said> {
        if self.has(&entity_ref) {
            return Err(said);
        }
        let is_behind = |run: &Run| run.last().is_some_and(|(last, _)| *last < entity_ref);
        let may_begin = self.runs.len() < MOST_RUNS;
        match self.runs.last_mut().filter(|run| is_behind(run)) {
            Some(run) => run.push((entity_ref, said)),
            None if may_begin => self.runs.push(vec![(entity_ref, said)]),
            None => _ = self.others.insert(entity_ref, said),
        }
        Ok(())
    }

    /// Whether there is a description of an entity.
    pub(super) fn has(&self, entity_ref: &EntityRef) -> bool {
        let is_in = |run: &Run| find(run, entity_ref).is_some();
        self.runs.iter().any(is_in) || self.others.contains_key(entity_ref)
    }

    /// The description of an entity.
    pub(super) fn get_mut(&mut self, entity_ref: &EntityRef) -> Option<&mut Said> {
        for run in &mut self.runs {
            if let Some(at) = find(run, entity_ref) {
                return Some(&mut run[at].1);
            }
        }
        self.others.get_mut(entity_ref)
    }

    /// Puts all of them into one order.
    pub(super) fn put_in_order(&mut self) {
        if self.others.is_empty() && self.runs.len() < 2 {
            return;
        }
        let others = std::mem::take(&mut self.others).into_iter().collect();
        let mut runs: Vec<Run> = std::mem::take(&mut self.runs).into_iter().chain([others]).collect();
        let first = |run: &Run| run.first().map(|(first, _)| first.clone());
        runs.sort_by_cached_key(first);
        let mut all = Run::with_capacity(runs.iter().map(Vec::len).sum());
        runs.into_iter().for_each(|run| all.extend(run));
        if !all.is_sorted_by(|(a, _), (b, _)| a < b) {
            // Stable, and fast where there are runs that are sorted.
            all.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        self.runs = vec![all];
    }

    /// All of them; in the order of the entities where they were put in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&EntityRef, &Said)> {
        self.runs.iter().flatten().map(|(entity_ref, said)| (entity_ref, said)).chain(&self.others)
    }

    /// The entities that are described.
    pub(super) fn refs(&self) -> impl Iterator<Item = &EntityRef> {
        self.iter().map(|(entity_ref, _)| entity_ref)
    }
}

/// Where an entity is in a run.
fn find(run: &[Described], entity_ref: &EntityRef) -> Option<usize> {
    let ((first, _), (last, _)) = run.first().zip(run.last())?;
    if entity_ref > last || entity_ref < first {
        return None;
    }
    run.binary_search_by(|(it, _)| it.cmp(entity_ref)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(number: usize) -> Said {
        Said { body: None, incomplete: number % 2 == 1, diagnostics: Vec::new(), sketched: None }
    }

    proptest! {
        #[test]
        fn as_a_map(names in prop::collection::vec(0..200_u32, 0..300), sort_from in 0..300_usize) {
            let mut names = names;
            let sort_from = sort_from.min(names.len());
            names[sort_from..].sort_unstable();
            let (mut descriptions, mut want) = (Descriptions::default(), BTreeMap::new());
            let entity_ref = |name: u32| EntityRef::new("component", "default", &name.to_string()).unwrap();
            for (number, name) in names.into_iter().enumerate() {
                let entity_ref = entity_ref(name);
                prop_assert_eq!(descriptions.has(&entity_ref), want.contains_key(&entity_ref));
                if let Err(said) = descriptions.insert(entity_ref.clone(), said(number)) {
                    *descriptions.get_mut(&entity_ref).unwrap() = said;
                }
                want.insert(entity_ref, number % 2 == 1);
            }
            for _ in 0..2 {
                for name in 0..200 {
                    let known = descriptions.get_mut(&entity_ref(name)).map(|said| said.incomplete);
                    prop_assert_eq!(known, want.get(&entity_ref(name)).copied());
                }
                descriptions.put_in_order();
            }
            prop_assert!(descriptions.iter().map(|(it, said)| (it, &said.incomplete)).eq(&want));
        }
    }
}

//! What one location says about entities.

use idp_core::EntityRef;

use super::judged::Said;
use crate::index::{Known, by_text};

/// An entity, and what is said about it.
type Described = (EntityRef, Said);

/// What a location says about entities, one description of each.
///
/// They stay where they are, in the order in which they came. Who is among them is told by a table, and their order is
/// found once, when all are there: a tree would be gone down for each of them, from one reference to the next.
#[derive(Debug, Default)]
pub(super) struct Descriptions {
    all: Vec<Described>,
    /// Where each entity is.
    places: Known,
    /// The places of those that were put in order, in that order; nothing where they came in it.
    order: Vec<u32>,
}

impl Descriptions {
    /// Adds a description. Gives it back where there is one of the same entity.
    pub(super) fn insert(&mut self, entity_ref: EntityRef, said: Said) -> Result<(), Said> {
        let Self { all, places, .. } = self;
        let known = places.look_up(entity_ref.as_str(), all.len() as u32, |place| text_of(all, place));
        if known.is_some() {
            return Err(said);
        }
        all.push((entity_ref, said));
        Ok(())
    }

    /// Whether there is a description of an entity.
    pub(super) fn has(&self, entity_ref: &EntityRef) -> bool {
        self.place(entity_ref).is_some()
    }

    /// The description of an entity.
    pub(super) fn get_mut(&mut self, entity_ref: &EntityRef) -> Option<&mut Said> {
        let place = self.place(entity_ref)?;
        self.all.get_mut(place as usize).map(|(_, said)| said)
    }

    /// Puts all of them into one order.
    pub(super) fn put_in_order(&mut self) {
        if !self.all.is_sorted_by(|(a, _), (b, _)| a < b) {
            self.order = by_text(self.all.len() as u32, |place| text_of(&self.all, place));
        }
    }

    /// All of them; in the order of the entities where they were put in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&EntityRef, &Said)> {
        let others = &self.all[self.order.len()..];
        let described = self.order.iter().map(|place| &self.all[*place as usize]).chain(others);
        described.map(|(entity_ref, said)| (entity_ref, said))
    }

    /// The entities that are described.
    pub(super) fn refs(&self) -> impl Iterator<Item = &EntityRef> {
        self.iter().map(|(entity_ref, _)| entity_ref)
    }

    fn place(&self, entity_ref: &EntityRef) -> Option<u32> {
        self.places.get(entity_ref.as_str(), |place| text_of(&self.all, place))
    }
}

fn text_of(all: &[Described], place: u32) -> &str {
    all[place as usize].0.as_str()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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

//! References and their numbers.

use idp_core::EntityRef;

use crate::index::{Ids, Names, Numbers, Paged};

/// References with numbers: of entities, and of what is not there although others point at it. Copies share what they
/// have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory {
    names: Names,
    refs: Paged<Option<EntityRef>>,
    numbers: Numbers,
}

impl Directory {
    /// The directory of these references, each with its place as its number; `None` where that is free.
    pub(crate) fn of(refs: impl Iterator<Item = Option<EntityRef>>) -> Self {
        let (mut free, mut end, mut paged) = (Vec::new(), 0, Paged::default());
        for entity_ref in refs {
            match entity_ref {
                Some(_) => paged.set(end, entity_ref),
                None => free.push(end),
            }
            end += 1;
        }
        let mut names = Names::with_room(end);
        for number in 0..end {
            if let Some(entity_ref) = paged.get(number) {
                names.insert(entity_ref.as_str(), number);
            }
        }
        Self { names, refs: paged, numbers: Numbers::below(end, Ids::from_sorted(free)) }
    }

    /// The number of a reference.
    pub(crate) fn number(&self, entity_ref: &EntityRef) -> Option<u32> {
        self.names.get(entity_ref.as_str(), |number| text_of(&self.refs, number))
    }

    /// The reference of a number.
    pub(crate) fn get(&self, number: u32) -> Option<&EntityRef> {
        self.refs.get(number).as_ref()
    }

    /// The text of a number's reference; empty where it has none.
    pub(crate) fn text(&self, number: u32) -> &str {
        text_of(&self.refs, number)
    }

    /// What every number is below.
    pub(crate) fn end(&self) -> u32 {
        self.numbers.end()
    }

    /// The number of a reference, a new one where it has none.
    pub(crate) fn ensure(&mut self, entity_ref: &EntityRef) -> u32 {
        if let Some(number) = self.number(entity_ref) {
            return number;
        }
        let number = self.numbers.take();
        self.names.insert(entity_ref.as_str(), number);
        self.refs.set(number, Some(entity_ref.clone()));
        number
    }

    /// Frees a number.
    pub(crate) fn remove(&mut self, number: u32) {
        let Some(entity_ref) = self.get(number).cloned() else { return };
        let refs = &self.refs;
        self.names.remove(entity_ref.as_str(), |number| text_of(refs, number));
        self.refs.clear(number);
        self.numbers.give(number);
    }
}

fn text_of(refs: &Paged<Option<EntityRef>>, number: u32) -> &str {
    refs.get(number).as_ref().map_or("", EntityRef::as_str)
}

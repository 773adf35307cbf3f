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
    /// The directory of these references, each with its place as its number; `None` where that is free. They are about so
    /// many.
    pub(crate) fn of(refs: impl Iterator<Item = Option<EntityRef>>, count: u32) -> Self {
        let (mut free, mut end, mut paged) = (Vec::new(), 0, Paged::default());
        let mut names = Names::with_room(count);
        for entity_ref in refs {
            match entity_ref {
                Some(entity_ref) => {
                    names.insert(entity_ref.as_str(), end);
                    paged.set(end, Some(entity_ref));
                }
                None => free.push(end),
            }
            end += 1;
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

    /// As [`Directory::ensure`], with a guess. It costs next to nothing, and saves the search where it is right and both
    /// references are copies of one.
    pub(crate) fn ensure_guessing(&mut self, entity_ref: &EntityRef, guess: u32) -> u32 {
        // Copies share their text: that it is the same is known without a look at it.
        let is_it = std::ptr::eq(self.text(guess), entity_ref.as_str());
        if is_it { guess } else { self.ensure(entity_ref) }
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

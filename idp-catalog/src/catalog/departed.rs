//! Entities that nobody describes any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Entity, EntityRef, Revision};
use serde_json::{Map, Value};

use super::change::Cause;
use super::claim::Claim;
use super::state::Changed;

/// How many entities that are gone are remembered. The log remembers the others too; this is what costs memory.
const REMEMBERED: usize = 10_000;
/// Says of an entity that nobody describes it, as in Backstage.
pub(crate) const ORPHAN: &str = "backstage.io/orphan";

/// What is left of an entity after the last claim on it ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Departed {
    /// The claim that counted last. It has a body where the entity stays visible.
    pub(crate) claim: Arc<Claim>,
    pub(crate) cause: Cause,
    /// When the last claim ended.
    pub(crate) left: Changed,
    /// When the entity got the body it had last; `None` where it never had one.
    pub(crate) last_good: Option<Changed>,
}

/// Everybody who is gone. Of those that are not visible only the last [`REMEMBERED`] are kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Departures {
    known: BTreeMap<EntityRef, Departed>,
    /// Those that are not visible, in the order in which they left.
    order: BTreeMap<Revision, EntityRef>,
}

impl Departures {
    pub(crate) fn get(&self, entity_ref: &EntityRef) -> Option<&Departed> {
        self.known.get(entity_ref)
    }

    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&EntityRef, &Departed)> {
        self.known.iter()
    }

    /// Notes a departure; the one that is forgotten instead, where there are too many.
    pub(super) fn insert(&mut self, entity_ref: EntityRef, departed: Departed) -> Option<EntityRef> {
        if departed.claim.body.is_none() {
            self.order.insert(departed.left.revision, entity_ref.clone());
        }
        if let Some(before) = self.known.insert(entity_ref, departed) {
            self.order.remove(&before.left.revision);
        }
        if self.order.len() <= REMEMBERED {
            return None;
        }
        let (_, oldest) = self.order.pop_first()?;
        self.known.remove(&oldest);
        Some(oldest)
    }

    pub(super) fn remove(&mut self, entity_ref: &EntityRef) -> Option<Departed> {
        let departed = self.known.remove(entity_ref)?;
        self.order.remove(&departed.left.revision);
        Some(departed)
    }
}

/// The body with the annotation that says that it is an orphan.
pub(super) fn orphaned(entity: &Entity) -> Option<Entity> {
    let mut body = entity.as_value().clone();
    let metadata = body.get_mut("metadata")?.as_object_mut()?;
    let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()));
    annotations.as_object_mut()?.insert(ORPHAN.to_owned(), Value::from("true"));
    Entity::from_shared(Arc::new(body)).ok()
}

#[cfg(test)]
mod tests {
    use idp_core::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::body::Packer;

    fn departed(revision: usize, entity: Option<Entity>) -> Departed {
        let left = Changed { revision: Revision(revision as u64), time: Timestamp::default() };
        let claim = Claim {
            source: "s".into(),
            location: "f".into(),
            entity_ref: reference(0),
            body: entity.map(|entity| Packer::default().pack(&entity)),
            quarantined: false,
            incomplete: false,
            diagnostics: Arc::default(),
            by: None,
        };
        Departed { claim: Arc::new(claim), cause: Cause::Gone, left, last_good: None }
    }

    fn reference(index: usize) -> EntityRef {
        EntityRef::new("resource", "default", &format!("r{index}")).unwrap()
    }

    #[test]
    fn the_first_to_leave_is_forgotten_first_and_orphans_never() {
        let mut departures = Departures::default();
        let body = json!({"apiVersion": "v1", "kind": "Resource", "metadata": {"name": "r0"}});
        let orphan = orphaned(&Entity::from_value(body).unwrap()).unwrap();
        assert_eq!(orphan.annotation(ORPHAN), Some("true"));
        assert_eq!(departures.insert(reference(0), departed(1, Some(orphan))), None);
        // Leaving a second time counts from then on.
        for (revision, index) in (2..).zip((1..=REMEMBERED).chain([1])) {
            assert_eq!(departures.insert(reference(index), departed(revision, None)), None);
        }
        assert_eq!(departures.insert(reference(0x00ff_ffff), departed(1 << 24, None)), Some(reference(2)));
        assert!(departures.get(&reference(0)).is_some() && departures.get(&reference(1)).is_some());
        assert_eq!(departures.remove(&reference(3)).map(|it| it.left.revision), Some(Revision(4)));
        assert_eq!(departures.iter().count(), departures.order.len() + 1);
    }
}

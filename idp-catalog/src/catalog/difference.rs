//! What differs between two catalogs, by entity and field.

use std::collections::BTreeSet;

use idp_core::{Entity, EntityRef, FieldChange};
use serde::Serialize;
use serde_json::Value;

use super::state::State;

/// How one catalog differs from another, by entity and field.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Entities that appear.
    pub added: Vec<EntityRef>,
    /// Entities that say something else.
    pub changed: Vec<EntityChange>,
    /// Entities that are gone.
    pub removed: Vec<EntityRef>,
}

/// An entity that says something else.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntityChange {
    /// Which one.
    #[serde(rename = "ref")]
    pub entity_ref: EntityRef,
    /// The fields that differ. Lists are compared as a whole.
    pub fields: Vec<FieldChange>,
}

impl Difference {
    /// Whether both say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// What leads from one state to another, looking at these entities.
    pub(crate) fn between<'r>(
        before: &State,
        after: &State,
        entities: impl IntoIterator<Item = &'r EntityRef>,
    ) -> Self {
        let mut difference = Self::default();
        for entity_ref in entities {
            difference.entity(entity_ref, before.body(entity_ref), after.body(entity_ref));
        }
        difference
    }

    fn entity(&mut self, entity_ref: &EntityRef, before: Option<&Entity>, after: Option<&Entity>) {
        match (before, after) {
            (None, Some(_)) => self.added.push(entity_ref.clone()),
            (Some(_), None) => self.removed.push(entity_ref.clone()),
            (Some(before), Some(after)) if before != after => {
                let fields = field_changes(before.as_value(), after.as_value());
                self.changed.push(EntityChange { entity_ref: entity_ref.clone(), fields });
            }
            _ => {}
        }
    }
}

/// The paths at which two values differ. Lists are compared as a whole.
#[must_use]
pub fn field_changes(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut found = Vec::new();
    compare(before, after, "", &mut found);
    found
}

/// Notes the paths at which two values differ.
fn compare(before: &Value, after: &Value, path: &str, found: &mut Vec<FieldChange>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            found.push(FieldChange { path: path.to_owned(), before: before.clone(), after: after.clone() });
        }
        return;
    };
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let at = |map: &'_ serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
        compare(&at(old), &at(new), &inner, found);
    }
}

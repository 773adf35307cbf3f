//! What differs between two catalogs, by entity and field.

use std::collections::BTreeSet;
use std::sync::Arc;

use idp_core::{EntityRef, FieldChange};
use serde::Serialize;
use serde_json::Value;

use super::claim::Claim;
use super::state::{State, Touched};

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

    /// What leads from one state to another, where what is touched may differ. One follows from the other, so that
    /// numbers mean the same in both.
    pub(crate) fn between(before: &State, after: &State, touched: &Touched) -> Self {
        let of = |state: &State, number| state.winner(number).cloned();
        let pairs = touched.numbers().into_iter().map(|number| (of(before, number), of(after, number)));
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort_by(|a, b| reference(a).cmp(&reference(b)));
        let mut difference = Self::default();
        pairs.iter().for_each(|(before, after)| difference.entity(before.as_deref(), after.as_deref()));
        difference
    }

    fn entity(&mut self, before: Option<&Claim>, after: Option<&Claim>) {
        match (before, after) {
            (None, Some(after)) => self.added.push(after.entity_ref.clone()),
            (Some(before), None) => self.removed.push(before.entity_ref.clone()),
            (Some(before), Some(after)) if before.body != after.body => {
                if let (Some(old), Some(new)) = (before.entity(), after.entity()) {
                    let fields = field_changes(old.as_value(), new.as_value());
                    self.changed.push(EntityChange { entity_ref: after.entity_ref.clone(), fields });
                }
            }
            _ => {}
        }
    }
}

/// Which entity two claims are on.
fn reference((before, after): &(Option<Arc<Claim>>, Option<Arc<Claim>>)) -> Option<&EntityRef> {
    before.as_ref().or(after.as_ref()).map(|claim| &claim.entity_ref)
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

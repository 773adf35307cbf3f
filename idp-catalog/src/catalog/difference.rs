//! What changes would do to the catalog that others see.

use std::collections::{BTreeMap, BTreeSet};

use idp_core::{Entity, EntityRef, FieldChange, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::change::Change;
use super::plan::Answer;
use super::state::{Changed, State, Touched};
use crate::snapshot::{Claimant, Conflict, Finding};

/// How the catalog would differ after an ingestion.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Entities that would appear.
    pub added: Vec<EntityRef>,
    /// Entities that would say something else.
    pub changed: Vec<EntityChange>,
    /// Entities that would be gone.
    pub removed: Vec<EntityRef>,
    /// Documents of the source that are not valid, or do not even say which entity they mean.
    pub quarantined: Vec<Finding>,
    /// Entities of the source that several locations would claim.
    pub conflicts: BTreeMap<EntityRef, Conflict>,
}

/// An entity that would say something else.
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
    /// Whether the catalog would stay as it is for those who read it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// What these changes of a state, planned for an answer, would do.
    pub(super) fn of(state: &State, changes: &[Change], answer: &Answer<'_>) -> Self {
        let (after, touched) = after(state, changes);
        let mut difference = Self { quarantined: quarantined(answer), ..Self::default() };
        for entity_ref in &touched {
            difference.entity(entity_ref, state.body(entity_ref), after.body(entity_ref));
        }
        for entity_ref in answer.read.values().flat_map(|judged| judged.entities.keys()) {
            let known = if touched.contains(entity_ref) { &after } else { state };
            let conflict = Conflict::among(&known.ranked(entity_ref));
            difference.conflicts.extend(conflict.map(|conflict| (entity_ref.clone(), conflict)));
        }
        difference
    }

    fn entity(&mut self, entity_ref: &EntityRef, before: Option<&Entity>, after: Option<&Entity>) {
        match (before, after) {
            (None, Some(_)) => self.added.push(entity_ref.clone()),
            (Some(_), None) => self.removed.push(entity_ref.clone()),
            (Some(before), Some(after)) if before != after => {
                let mut fields = Vec::new();
                compare(before.as_value(), after.as_value(), "", &mut fields);
                self.changed.push(EntityChange { entity_ref: entity_ref.clone(), fields });
            }
            _ => {}
        }
    }
}

/// What is said about the entities that the changes touch, as it is afterwards.
fn after(state: &State, changes: &[Change]) -> (State, BTreeSet<EntityRef>) {
    let touched = state.touched_by(changes);
    let mut after = state.part(&touched);
    let at = Changed { revision: state.revision, time: Timestamp::default() };
    for change in changes {
        after.apply(change.clone(), at, &mut Touched::default());
    }
    (after, touched)
}

fn quarantined(answer: &Answer<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (location, judged) in answer.read {
        let claimant = Claimant { source: answer.source.clone(), location: location.clone() };
        let finding =
            |entity_ref, diagnostics| Finding { claimant: claimant.clone(), entity_ref, diagnostics };
        let broken = judged.entities.iter().filter(|(_, said)| said.entity.is_none());
        findings.extend(broken.map(|(it, said)| finding(Some(it.clone()), said.diagnostics.clone())));
        if !judged.unread.is_empty() {
            findings.push(finding(None, judged.unread.clone()));
        }
    }
    findings
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

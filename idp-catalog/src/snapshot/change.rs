//! How an entity changed in the eyes of those who read the catalog.

use std::sync::Arc;

use idp_core::{EntityRef, FieldChange};
use serde::Serialize;

use super::Record;
use crate::catalog::field_changes;

/// What became of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ChangeKind {
    /// It appeared.
    Added,
    /// It is not what it was.
    Changed,
    /// It is gone.
    Removed,
}

/// An entity that is not what it was at an earlier revision: its body, its relations, where it comes from, or whether
/// its document is good.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogChange {
    entity_ref: EntityRef,
    before: Option<Arc<Record>>,
    after: Option<Arc<Record>>,
}

impl CatalogChange {
    /// The record of an entity that there was perhaps another of before.
    pub(crate) fn to(after: Arc<Record>, before: Option<Arc<Record>>) -> Self {
        Self { entity_ref: after.entity_ref().clone(), before, after: Some(after) }
    }

    /// The record of an entity that is gone.
    pub(super) fn gone(before: Arc<Record>) -> Self {
        Self { entity_ref: before.entity_ref().clone(), before: Some(before), after: None }
    }

    /// Which entity.
    #[must_use]
    pub fn entity_ref(&self) -> &EntityRef {
        &self.entity_ref
    }

    /// What became of it.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (None, _) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (Some(_), Some(_)) => ChangeKind::Changed,
        }
    }

    /// What it was; `None` where it was not there.
    #[must_use]
    pub fn before(&self) -> Option<&Arc<Record>> {
        self.before.as_ref()
    }

    /// What it is; `None` where it is gone.
    #[must_use]
    pub fn after(&self) -> Option<&Arc<Record>> {
        self.after.as_ref()
    }

    /// The fields of the body that differ. Lists are compared as a whole. Empty where it appeared or went, and where
    /// only its relations or its document's state changed.
    #[must_use]
    pub fn fields(&self) -> Vec<FieldChange> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                field_changes(before.entity().as_value(), after.entity().as_value())
            }
            _ => Vec::new(),
        }
    }

    /// Whether it has other relations than before, those that others declare included.
    #[must_use]
    pub fn relations_differ(&self) -> bool {
        let relations = |it: &Option<Arc<Record>>| it.as_ref().map(|it| it.relations.clone());
        relations(&self.before) != relations(&self.after)
    }
}

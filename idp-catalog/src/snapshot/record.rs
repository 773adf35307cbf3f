//! An entity in a snapshot.

use std::sync::Arc;

use idp_core::{Entity, EntityRef, Relation, Revision, Timestamp};
use serde_json::{Value, json};

use super::Claimant;
use crate::StoredDiagnostic;
use crate::model::Declared;
use crate::query::Row;

/// An entity as a snapshot has it: the body, its relations both ways, where it comes from, how it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub(super) entity: Entity,
    pub(super) declared: Vec<Declared>,
    pub(super) relations: Vec<Relation>,
    pub(super) rows: Vec<Row>,
    pub(super) source: Arc<str>,
    pub(super) location: Arc<str>,
    pub(super) changed: Revision,
    pub(super) changed_at: Timestamp,
    pub(super) quarantined: bool,
    pub(super) diagnostics: Vec<StoredDiagnostic>,
}

impl Record {
    /// Its identity.
    #[must_use]
    pub fn entity_ref(&self) -> &EntityRef {
        self.entity.entity_ref()
    }

    /// The body: the last good one where what the source says now is not valid.
    #[must_use]
    pub fn entity(&self) -> &Entity {
        &self.entity
    }

    /// The body with its relations as `relations`: what a reader of a catalog is shown.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.entity.as_value().clone();
        if let Value::Object(body) = &mut value {
            body.insert("relations".to_owned(), json!(self.relations));
        }
        value
    }

    /// Its relations, those that others declare included, sorted by type and target.
    #[must_use]
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// The relations that the entity itself declares, sorted by type and target.
    pub fn declared(&self) -> impl Iterator<Item = &Relation> {
        self.declared.iter().map(|declared| &declared.relation)
    }

    /// The source it comes from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Where in the source it stands.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    pub(super) fn claimant(&self) -> Claimant {
        Claimant { source: Arc::clone(&self.source), location: Arc::clone(&self.location) }
    }

    /// The revision that gave it the body it has.
    #[must_use]
    pub fn changed(&self) -> Revision {
        self.changed
    }

    /// When that was.
    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        self.changed_at
    }

    /// Whether its document is broken now, so that an older body stands in.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        self.quarantined
    }

    /// What is to be said about its document.
    #[must_use]
    pub fn diagnostics(&self) -> &[StoredDiagnostic] {
        &self.diagnostics
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

//! How an entity changed in the eyes of those who read the catalog.

use std::sync::{Arc, OnceLock};

use idp_core::{EntityRef, FieldChange};
use serde::Serialize;

use super::Record;
use crate::catalog::field_changes;
use crate::query::{Matcher, Row};

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
#[derive(Debug, Clone)]
pub struct CatalogChange {
    entity_ref: EntityRef,
    before: Option<Record>,
    after: Option<Record>,
    /// What a searcher sees of both, once somebody has asked: many may follow the same changes.
    rows: Arc<[OnceLock<Vec<Row<'static>>>; 2]>,
}

impl PartialEq for CatalogChange {
    fn eq(&self, other: &Self) -> bool {
        self.entity_ref == other.entity_ref && self.before == other.before && self.after == other.after
    }
}

impl CatalogChange {
    /// From one record of an entity to another; `None` where it is nowhere.
    pub(super) fn between(before: Option<Record>, after: Option<Record>) -> Option<Self> {
        let entity_ref = before.as_ref().or(after.as_ref())?.entity_ref().clone();
        Some(Self { entity_ref, before, after, rows: Arc::default() })
    }

    /// An entity that was not there before.
    pub(crate) fn come(after: Record) -> Self {
        Self {
            entity_ref: after.entity_ref().clone(),
            before: None,
            after: Some(after),
            rows: Arc::default(),
        }
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
    pub fn before(&self) -> Option<&Record> {
        self.before.as_ref()
    }

    /// What it is; `None` where it is gone.
    #[must_use]
    pub fn after(&self) -> Option<&Record> {
        self.after.as_ref()
    }

    /// What it was and what it is, where a predicate holds for it.
    ///
    /// `keep` says whether what a searcher sees is kept for those who ask next: that costs some kilobytes.
    pub(crate) fn matching(&self, matcher: &Matcher, keep: bool) -> (Option<&Record>, Option<&Record>) {
        let holds = |record: &&Record, rows: &OnceLock<Vec<Row<'static>>>| match rows.get() {
            None if !keep || matcher.is_about_relations() => matcher.matches(record),
            _ => matcher.matches_rows(record, rows.get_or_init(|| record.rows())),
        };
        let [before, after] = &*self.rows;
        (self.before().filter(|it| holds(it, before)), self.after().filter(|it| holds(it, after)))
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
        let relations = |it: &Option<Record>| it.as_ref().map(Record::relations);
        relations(&self.before) != relations(&self.after)
    }
}

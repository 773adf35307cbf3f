//! A predicate on one entity. What it says here is the truth; the index only finds the same sooner.

use std::cell::OnceCell;

use idp_core::{Entity, Relation};
use serde_json::Value;

use super::elements::{Element, RELATIONS, elements};
use super::matcher::Condition;
use super::rows::Row;
use crate::snapshot::Record;

/// What a condition can be asked about: an entity, or one element of a list in it.
pub(super) trait Subject {
    /// Sorted by key.
    fn rows(&self) -> &[Row<'_>];

    /// The elements of the list at a key.
    fn elements(&self, key: &str) -> Vec<Element<'_>>;
}

/// The body of an entity in a snapshot, to be asked about anything but relations.
pub(super) struct Body<'r> {
    pub(super) record: &'r Record,
    pub(super) rows: &'r [Row<'r>],
    /// Read where elements of lists are asked about.
    pub(super) entity: OnceCell<Entity>,
}

impl Subject for Body<'_> {
    fn rows(&self) -> &[Row<'_>] {
        self.rows
    }

    fn elements(&self, key: &str) -> Vec<Element<'_>> {
        elements(self.entity.get_or_init(|| self.record.entity()).as_value(), &[], key)
    }
}

/// Whether a condition holds for an element of a list of an entity.
pub(super) fn has_element(record: &Record, key: &str, condition: &Condition) -> bool {
    let about = |relations: &[Relation], entity: &Value| {
        elements(entity, relations, key).iter().any(|element| evaluate(condition, element))
    };
    match key {
        RELATIONS => about(&record.relations(), &Value::Null),
        _ => about(&[], record.entity().as_value()),
    }
}

/// Whether a condition holds.
pub(super) fn evaluate(condition: &Condition, subject: &dyn Subject) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| evaluate(part, subject)),
        Condition::Any(parts) => parts.iter().any(|part| evaluate(part, subject)),
        Condition::Not(part) => !evaluate(part, subject),
        Condition::Exists(key) => !of_key(subject.rows(), key).is_empty(),
        Condition::Value(key, test) => {
            of_key(subject.rows(), key).iter().filter_map(|row| row.value.as_deref()).any(|it| test.holds(it))
        }
        Condition::Exactly(key, test) => of_key(subject.rows(), key)
            .iter()
            .filter_map(|row| row.original.as_deref())
            .any(|it| test.holds(it)),
        Condition::Has(key, element) => subject.elements(key).iter().any(|it| evaluate(element, it)),
    }
}

/// The rows of one key.
pub(crate) fn of_key<'r, 'v>(rows: &'r [Row<'v>], key: &str) -> &'r [Row<'v>] {
    let start = rows.partition_point(|row| &*row.key < key);
    let end = start + rows[start..].partition_point(|row| &*row.key == key);
    &rows[start..end]
}

//! The values of a field and how often each occurs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::Matcher;
use super::evaluate::of_key;
use crate::snapshot::Snapshot;

/// The values of one field among the entities of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// The field as it was asked for.
    pub field: String,
    /// Its values, in order.
    pub values: Vec<FacetValue>,
}

/// A value and the number of entities that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// As it was written: spellings that differ in case are counted apart.
    pub value: String,
    /// Entities that have it.
    pub count: usize,
}

/// Counts the values of a field among the entities a predicate holds for.
pub(crate) fn facet(snapshot: &Snapshot, matcher: &Matcher, field: &str) -> Facet {
    let key = field.to_lowercase();
    let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for record in snapshot.select(matcher) {
        for value in of_key(record.rows(), &key).iter().filter_map(|row| row.original.as_ref()) {
            *counts.entry(Arc::clone(value)).or_default() += 1;
        }
    }
    let values = counts.into_iter().map(|(value, count)| FacetValue { value: value.to_string(), count });
    Facet { field: field.to_owned(), values: values.collect() }
}

//! The values of a field and how often each occurs.

use idp_core::Result;
use serde::Serialize;

use super::Query;
use super::fields::Fields;
use crate::index::Ids;
use crate::snapshot::Snapshot;

/// Which values of a field to count.
///
/// ```
/// use idp_catalog::FacetRequest;
/// let tags = FacetRequest::new("metadata.tags").prefix("ja").by_count().limit(10);
/// # let _ = tags;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetRequest {
    field: String,
    prefix: String,
    by_count: bool,
    limit: usize,
}

/// The values of one field among the entities of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Facet {
    /// The field as it was asked for.
    pub field: String,
    /// Its values in order; those that were asked for.
    pub values: Vec<FacetValue>,
    /// How many there are without the limit.
    pub total: usize,
}

/// A value and the number of entities that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// As it was written: spellings that differ in case are counted apart.
    pub value: String,
    /// Entities that have it.
    pub count: usize,
}

impl FacetRequest {
    /// Every value of a field, in the order of their code points.
    pub fn new(field: impl Into<String>) -> Self {
        Self { field: field.into(), prefix: String::new(), by_count: false, limit: usize::MAX }
    }

    /// Only values that start with this, ignoring case.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix.to_lowercase();
        self
    }

    /// The most frequent values first.
    #[must_use]
    pub fn by_count(mut self) -> Self {
        self.by_count = true;
        self
    }

    /// So many values at most.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

/// Counts the values of fields among the entities of a query.
pub(crate) fn facets(snapshot: &Snapshot, query: &Query, requests: &[FacetRequest]) -> Result<Vec<Facet>> {
    let ids = query.find(snapshot)?.ids();
    let within = (ids.len() < snapshot.len()).then_some(&ids);
    Ok(requests.iter().map(|request| facet(Fields::of(snapshot), within, request)).collect())
}

fn facet(keys: Fields<'_>, within: Option<&Ids>, request: &FacetRequest) -> Facet {
    let mut counts = keys.counts(&request.field.to_lowercase(), within);
    counts
        .retain(|(value, _)| request.prefix.is_empty() || value.to_lowercase().starts_with(&request.prefix));
    counts.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let total = counts.len();
    let values = counts.into_iter().map(|(value, count)| FacetValue { value: value.into_owned(), count });
    let mut values: Vec<FacetValue> = values.collect();
    if request.by_count {
        // Stable: among equals the order of values stays.
        values.sort_by_key(|it| std::cmp::Reverse(it.count));
    }
    values.truncate(request.limit);
    Facet { field: request.field.clone(), values, total }
}

//! Asking a snapshot: predicates and their text forms, order, pages, facets, projections.
//!
//! What an answer must be stands in `evaluate`, `scalar` and `order`; `index` and `select` only find it sooner.

mod ask;
mod cursor;
mod elements;
mod evaluate;
mod facet;
mod fields;
mod matcher;
mod order;
mod page;
mod probe;
mod project;
mod rows;
mod scalar;
mod search;
mod select;
mod syntax;
mod test;
mod walk;

pub(crate) use ask::answer;
pub use ask::{Answer, Query};
#[cfg(test)]
pub(crate) use evaluate::of_key;
pub(crate) use facet::facets;
pub use facet::{Facet, FacetRequest, FacetValue};
pub use matcher::Matcher;
pub use order::{Collation, Direction, Nulls, OrderBy};
pub(crate) use probe::Probe;
pub use project::Projection;
pub(crate) use rows::{
    Row, Sink, is_short, is_short_in_lower_case, is_skipped, joined, rows, walk as walk_values,
};
pub(crate) use scalar::{Scalar, may_be_scalar};
pub use search::Search;
pub(crate) use select::{count, holds, select};
pub use syntax::{
    Dialect, parse_filter, parse_filters, parse_order, parse_order_field, parse_predicate, parse_query,
    predicate_from_json, predicate_from_json_in, print_predicate,
};

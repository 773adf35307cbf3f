//! Asking a snapshot: predicates and their text forms, order, pages, facets, projections.
//!
//! What an answer must be stands in `evaluate`, `scalar` and `order`; `index` and `select` only find it sooner.

mod cursor;
mod elements;
mod evaluate;
mod facet;
mod ids;
mod index;
mod matcher;
mod order;
mod project;
mod rows;
mod run;
mod scalar;
mod select;
mod syntax;
mod test;

pub(crate) use facet::facet;
pub use facet::{Facet, FacetValue};
pub(crate) use ids::Ids;
pub(crate) use index::Index;
pub use matcher::Matcher;
pub use order::Direction;
pub use project::project;
pub(crate) use evaluate::of_key;
pub(crate) use rows::{Origin, Row, rows};
pub(crate) use scalar::Scalar;
pub(crate) use run::answer;
pub use run::{Answer, Query};
pub(crate) use select::Selector;
pub use syntax::{
    Dialect, parse_filter, parse_filters, parse_predicate, parse_query, predicate_from_json,
    predicate_from_json_in, print_predicate,
};

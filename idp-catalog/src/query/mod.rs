//! Asking a snapshot: predicates and their text forms, order, pages, facets, projections.

mod bound;
mod cursor;
mod evaluate;
mod expression;
mod facet;
mod filter;
mod index;
mod json;
mod order;
mod project;
mod rows;
mod run;
mod text;
mod token;

pub(crate) use evaluate::evaluate;
pub use expression::parse_predicate;
pub(crate) use facet::facet;
pub use facet::{Facet, FacetValue};
pub use filter::parse_filter;
pub(crate) use index::Index;
pub use json::predicate_from_json;
pub use order::Direction;
pub use project::project;
pub(crate) use rows::{Row, rows};
pub(crate) use run::answer;
pub use run::{Answer, Query};
pub use text::parse_query;

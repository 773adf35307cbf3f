//! Predicates in their written forms: readable text, Backstage's filter strings, Backstage's JSON; and its orders.

mod dialect;
mod either;
mod expression;
mod filter;
mod json;
mod order;
mod print;
mod problem;
mod token;

pub use dialect::Dialect;
pub use either::parse_query;
pub use expression::parse_predicate;
pub use filter::{parse_filter, parse_filters};
pub use json::{predicate_from_json, predicate_from_json_in};
pub use order::{parse_order, parse_order_field};
pub use print::print_predicate;

//! Which of the two text forms a filter is in.

use idp_core::{Predicate, Result};

use super::expression::KEYWORDS;
use super::{parse_filter, parse_predicate};

/// Reads a filter in either form: Backstage's `kind=component,spec.type=service`, or the readable one, which is
/// told by its parentheses, quotes, `!=`, `<`, `>`, and the words `and`, `or`, `not`, `in`, `contains`, `exists`,
/// `starts`.
///
/// # Errors
/// As [`parse_filter`] and [`parse_predicate`].
pub fn parse_query(text: &str) -> Result<Predicate> {
    let wordy = text.split_whitespace().any(|word| KEYWORDS.iter().any(|it| word.eq_ignore_ascii_case(it)));
    if wordy || text.contains(['(', ')', '"', '\'', '<', '>']) || text.contains("!=") {
        parse_predicate(text)
    } else {
        parse_filter(text)
    }
}

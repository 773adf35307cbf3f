//! Which of the two text forms a filter is in.

use idp_core::{Predicate, Result};

use super::expression::is_keyword;
use super::{parse_filter, parse_predicate};

/// Reads a filter in either form: Backstage's `kind=component,spec.type=service`, or the readable one, which is
/// told by its parentheses, quotes, `==`, `!=`, `<`, `>`, ` ~`, its keywords, and by spaces in what would be a key.
///
/// # Errors
/// As [`parse_filter`] and [`parse_predicate`].
pub fn parse_query(text: &str) -> Result<Predicate> {
    if is_readable_form(text) { parse_predicate(text) } else { parse_filter(text) }
}

fn is_readable_form(text: &str) -> bool {
    const SIGNS: [&str; 10] = ["(", ")", "\"", "'", "<", ">", "==", "!=", " ~", " !~"];
    let spaced = |statement: &str| {
        let key = statement.split('=').next().unwrap_or_default();
        key.trim().contains(char::is_whitespace)
    };
    SIGNS.iter().any(|sign| text.contains(sign))
        || text.split_whitespace().any(is_keyword)
        || text.split(',').any(spaced)
}

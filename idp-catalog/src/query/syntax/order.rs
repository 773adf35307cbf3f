//! Backstage's parameters of order: `asc:metadata.name` and `metadata.name,asc`.

use idp_core::{Error, Result};

use crate::query::order::{Direction, OrderBy};

/// Reads an order in the form `asc:field` or `desc:field`, as in Backstage's `order` parameter.
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] for anything else.
pub fn parse_order(text: &str) -> Result<OrderBy> {
    match text.split_once(':') {
        Some((direction, field)) if !field.is_empty() => {
            Ok(OrderBy::new(field, self::direction(direction, text)?))
        }
        _ => Err(bad(text, "asc:field")),
    }
}

/// Reads an order in the form `field`, `field,asc` or `field,desc`, as in Backstage's `orderField` parameter. What
/// follows a second comma does not count.
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] for anything else.
pub fn parse_order_field(text: &str) -> Result<OrderBy> {
    let mut parts = text.split(',');
    let field = parts.next().filter(|field| !field.is_empty()).ok_or_else(|| bad(text, "field,asc"))?;
    match parts.next() {
        Some(direction) => Ok(OrderBy::new(field, self::direction(direction, text)?)),
        None => Ok(OrderBy::ascending(field)),
    }
}

fn direction(word: &str, text: &str) -> Result<Direction> {
    match word {
        "asc" => Ok(Direction::Ascending),
        "desc" => Ok(Direction::Descending),
        _ => Err(bad(text, "with `asc` or `desc`")),
    }
}

fn bad(text: &str, form: &str) -> Error {
    Error::invalid(format!("`{text}` is no order: write it as {form}"))
}

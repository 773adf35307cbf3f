//! Filters of numbers.

use minijinja::Value;

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::ops;
use crate::expr::settings::Settings;
use crate::expr::value::{View, items_of, number, parse_float, parse_int, text, to_number, view};

pub(super) fn abs(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    Ok(number(to_number(input)?.abs()))
}

/// The number that a text starts with, or the default.
pub(super) fn float(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let value = parse_float(&text(input)?);
    Ok(if value.is_nan() { args.named_or(0, "default") } else { number(value) })
}

/// The whole number that a text starts with, or the default; the second argument is the base.
pub(super) fn int(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let base = args.named_or(1, "base");
    let base = if base.is_undefined() { 10.0 } else { to_number(&base)? };
    let value = match base {
        base if (2.0..=36.0).contains(&base) => parse_int(&text(input)?, base as u32),
        _ => f64::NAN,
    };
    Ok(if value.is_nan() { args.named_or(0, "default") } else { number(value) })
}

pub(super) fn round(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let factor = 10f64.powf(args.number(0)?.unwrap_or(0.0).trunc());
    let scaled = to_number(input)? * factor;
    let method = args.get(1);
    let rounded = match view(&method).as_str() {
        Some("ceil") => scaled.ceil(),
        Some("floor") => scaled.floor(),
        // JavaScript rounds halves up.
        _ => (scaled + 0.5).floor(),
    };
    Ok(number(rounded / factor))
}

/// The sum of the items, or of an attribute of each, from a start value on.
pub(super) fn sum(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let View::Array(items) = view(input) else { return Err(Fail::input("sum requires an array")) };
    let attribute = args.get(0);
    let start = args.get(1);
    let mut total = number(0.0);
    for item in items_of(items) {
        let item = if attribute.is_undefined() { item } else { ops::member(&item, &attribute)? };
        total = ops::chain(&["+"], &[total, item])?;
    }
    let start = if start.is_undefined() { number(0.0) } else { start };
    ops::chain(&["+"], &[start, total])
}

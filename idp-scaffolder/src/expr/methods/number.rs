//! Methods of numbers.

use minijinja::Value;

use super::unsupported;
use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::value::number_text;

pub(super) fn call(value: f64, name: &str, args: &Arguments<'_>) -> Outcome<Value> {
    if !value.is_finite() {
        return Ok(number_text(value).into());
    }
    let digits = args.number(0)?;
    Ok(match (name, digits) {
        ("toFixed", digits) => to_fixed(value, within(digits.unwrap_or(0.0), 0, 100)?).into(),
        ("toExponential", None) => exponential(&format!("{value:e}")).into(),
        ("toExponential", Some(digits)) => {
            exponential(&format!("{value:.*e}", within(digits, 0, 100)?)).into()
        }
        ("toPrecision", Some(digits)) => to_precision(value, within(digits, 1, 100)?).into(),
        ("toString", Some(radix)) => to_radix(value, within(radix, 2, 36)?).into(),
        ("toString" | "toPrecision", None) => number_text(value).into(),
        _ => return Err(unsupported(name)),
    })
}

fn within(value: f64, low: usize, high: usize) -> Outcome<usize> {
    let whole = if value.is_nan() { 0.0 } else { value.trunc() };
    if whole < low as f64 || whole > high as f64 {
        return Err(Fail::input(format!("digits must be between {low} and {high}")));
    }
    Ok(whole as usize)
}

fn to_fixed(value: f64, digits: usize) -> String {
    ryu_js::Buffer::new().format_to_fixed(value, digits as u8).to_owned()
}

/// Writes the exponent with its sign, as JavaScript does.
fn exponential(text: &str) -> String {
    match text.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
        _ => text.to_owned(),
    }
}

fn to_precision(value: f64, digits: usize) -> String {
    let scientific = format!("{value:.*e}", digits - 1);
    let exponent: i32 = scientific.rsplit('e').next().and_then(|e| e.parse().ok()).unwrap_or(0);
    if exponent < -6 || exponent >= digits as i32 {
        return exponential(&scientific);
    }
    format!("{value:.*}", (digits as i32 - 1 - exponent).max(0) as usize)
}

fn to_radix(value: f64, radix: usize) -> String {
    if radix == 10 {
        return number_text(value);
    }
    let (mut whole, mut fraction) = (value.abs().trunc(), value.abs().fract());
    let digit = |d: f64| char::from_digit(d as u32, radix as u32).unwrap_or('0');
    let mut digits = Vec::new();
    while whole >= 1.0 && digits.len() < 1100 {
        digits.push(digit(whole % radix as f64));
        whole = (whole / radix as f64).trunc();
    }
    let mut out: String = if value < 0.0 { "-".to_owned() } else { String::new() };
    out.extend(if digits.is_empty() { vec!['0'] } else { digits.into_iter().rev().collect() });
    if fraction > 0.0 {
        out.push('.');
        for _ in 0..52 {
            fraction *= radix as f64;
            out.push(digit(fraction.trunc()));
            fraction = fraction.fract();
            if fraction == 0.0 {
                break;
            }
        }
    }
    out
}

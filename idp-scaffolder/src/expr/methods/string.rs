//! Methods of strings.

use minijinja::Value;

use super::unsupported;
use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::limits::STRING_BYTES;
use crate::expr::regex::replace_first;
use crate::expr::value::{
    View, array, count, from_units, length, number, slice_units, text, to_index, units, view,
};

/// The characters of a text, each a text.
pub(crate) fn characters(text: &str) -> Vec<Value> {
    text.chars().map(|c| Value::from(c.to_string())).collect()
}

pub(super) fn call(subject: &str, name: &str, args: &Arguments<'_>) -> Outcome<Value> {
    Ok(match name {
        "charAt" => Value::from(char_at(subject, args)?.map(|unit| from_units(&[unit])).unwrap_or_default()),
        "charCodeAt" => number(char_at(subject, args)?.map_or(f64::NAN, f64::from)),
        "concat" => concat(subject, args)?,
        "endsWith" => subject_until(subject, args)?.ends_with(&needle(args)?).into(),
        "startsWith" => subject_from(subject, args)?.starts_with(&needle(args)?).into(),
        "includes" => subject_from(subject, args)?.contains(&needle(args)?).into(),
        "indexOf" => index_of(subject, args)?,
        "lastIndexOf" => last_index_of(subject, args)?,
        "replace" => replace(subject, args)?,
        "slice" => slice(subject, args)?,
        "substring" => substring(subject, args)?,
        "split" => split(subject, args)?,
        "toLowerCase" => subject.to_lowercase().into(),
        "toUpperCase" => subject.to_uppercase().into(),
        "trim" => subject.trim().into(),
        "trimEnd" => subject.trim_end().into(),
        "trimStart" => subject.trim_start().into(),
        _ => return Err(unsupported(name)),
    })
}

pub(super) fn call_legacy(subject: &str, name: &str, args: &Arguments<'_>) -> Outcome<Value> {
    Ok(match name {
        "at" => {
            let index = args.number(0)?.unwrap_or(0.0);
            let units = units(subject);
            let at = if index < 0.0 { index + units.len() as f64 } else { index };
            let unit = if at < 0.0 { None } else { units.get(at as usize) };
            unit.map_or(Value::UNDEFINED, |unit| from_units(&[*unit]).into())
        }
        "match" => match view(&args.get(0)) {
            View::Regex(pattern) => optional_texts(pattern.matches(subject)?),
            _ => return Err(unsupported(name)),
        },
        "search" => match view(&args.get(0)) {
            View::Regex(pattern) => pattern.search(subject)?.map_or_else(|| number(-1.0), count),
            _ => index_of(subject, args)?,
        },
        "padEnd" | "padStart" => pad(subject, name == "padStart", args)?,
        "repeat" => {
            let times = args.number(0)?.unwrap_or(0.0).max(0.0) as usize;
            if subject.len().saturating_mul(times) > STRING_BYTES {
                return Err(Fail::limit("a text is too long"));
            }
            subject.repeat(times).into()
        }
        "replaceAll" => match view(&args.get(0)) {
            View::Regex(_) => replace(subject, args)?,
            _ => checked(subject.replace(&needle(args)?, &text(&args.get(1))?))?,
        },
        "substr" => {
            let size = length(subject);
            let start = to_index(args.number(0)?.unwrap_or(0.0), size);
            let count = args.number(1)?.unwrap_or(f64::INFINITY).max(0.0) as usize;
            slice_units(subject, start, start.saturating_add(count)).into()
        }
        "toString" => subject.into(),
        _ => return Err(unsupported(name)),
    })
}

fn checked(text: String) -> Outcome<Value> {
    if text.len() > STRING_BYTES { Err(Fail::limit("a text is too long")) } else { Ok(text.into()) }
}

fn optional_texts(texts: Option<Vec<Option<String>>>) -> Value {
    let Some(texts) = texts else { return Value::from(()) };
    array(texts.into_iter().map(|text| text.map_or(Value::UNDEFINED, Value::from)).collect())
}

fn needle(args: &Arguments<'_>) -> Outcome<String> {
    text(&args.get(0))
}

fn char_at(subject: &str, args: &Arguments<'_>) -> Outcome<Option<u16>> {
    let index = args.number(0)?.unwrap_or(0.0).trunc();
    let index = if index.is_nan() { 0.0 } else { index };
    Ok(if index < 0.0 { None } else { subject.encode_utf16().nth(index as usize) })
}

fn concat(subject: &str, args: &Arguments<'_>) -> Outcome<Value> {
    let mut out = subject.to_owned();
    for value in args.values() {
        out.push_str(&text(value)?);
    }
    checked(out)
}

fn subject_from(subject: &str, args: &Arguments<'_>) -> Outcome<String> {
    let start = args.number(1)?.unwrap_or(0.0).max(0.0) as usize;
    Ok(slice_units(subject, start, usize::MAX))
}

fn subject_until(subject: &str, args: &Arguments<'_>) -> Outcome<String> {
    let end = args.number(1)?.map_or(usize::MAX, |end| end.max(0.0) as usize);
    Ok(slice_units(subject, 0, end))
}

fn index_of(subject: &str, args: &Arguments<'_>) -> Outcome<Value> {
    let start = args.number(1)?.unwrap_or(0.0).max(0.0) as usize;
    let rest = slice_units(subject, start, usize::MAX);
    Ok(match rest.find(&needle(args)?) {
        Some(at) => count(length(&rest[..at]) + start.min(length(subject))),
        None => number(-1.0),
    })
}

fn last_index_of(subject: &str, args: &Arguments<'_>) -> Outcome<Value> {
    let needle = needle(args)?;
    let end = match args.number(1)? {
        Some(start) if !start.is_nan() => (start.max(0.0) as usize).saturating_add(length(&needle)),
        _ => usize::MAX,
    };
    let head = slice_units(subject, 0, end);
    Ok(head.rfind(&needle).map_or_else(|| number(-1.0), |at| count(length(&head[..at]))))
}

fn replace(subject: &str, args: &Arguments<'_>) -> Outcome<Value> {
    if args.values().len() < 2 {
        return Err(Fail::input("Template intrinsic replace requires 2 positional arguments"));
    }
    let replacement = text(&args.get(1))?;
    match view(&args.get(0)) {
        View::Regex(pattern) => checked(pattern.replace(subject, &replacement)?),
        _ => checked(replace_first(subject, &needle(args)?, &replacement)),
    }
}

fn slice(subject: &str, args: &Arguments<'_>) -> Outcome<Value> {
    let size = length(subject);
    let start = to_index(args.number(0)?.unwrap_or(0.0), size);
    let end = args.number(1)?.map_or(size, |end| to_index(end, size));
    Ok(slice_units(subject, start, end).into())
}

fn substring(subject: &str, args: &Arguments<'_>) -> Outcome<Value> {
    let size = length(subject);
    let bound = |value: f64| if value < 0.0 { 0 } else { to_index(value, size) };
    let start = bound(args.number(0)?.unwrap_or(0.0));
    let end = args.number(1)?.map_or(size, bound);
    Ok(slice_units(subject, start.min(end), start.max(end)).into())
}

fn split(subject: &str, args: &Arguments<'_>) -> Outcome<Value> {
    let separator = args.get(0);
    let parts: Vec<Value> = match view(&separator) {
        View::Undefined => vec![subject.into()],
        View::Regex(pattern) => {
            let parts = pattern.split(subject)?;
            parts.into_iter().map(|part| part.map_or(Value::UNDEFINED, Value::from)).collect()
        }
        _ => match text(&separator)?.as_str() {
            "" => characters(subject),
            separator => subject.split(separator).map(Value::from).collect(),
        },
    };
    let limit = args.number(1)?.map_or(usize::MAX, |limit| limit as usize);
    Ok(array(parts.into_iter().take(limit).collect()))
}

fn pad(subject: &str, at_start: bool, args: &Arguments<'_>) -> Outcome<Value> {
    let target = args.number(0)?.unwrap_or(0.0).max(0.0) as usize;
    let filler = if args.get(1).is_undefined() { " ".to_owned() } else { text(&args.get(1))? };
    let missing = target.saturating_sub(length(subject));
    if missing > STRING_BYTES {
        return Err(Fail::limit("a text is too long"));
    }
    let filler: Vec<u16> = units(&filler).into_iter().cycle().take(missing).collect();
    let filler = from_units(&filler);
    Ok(if at_start { filler + subject } else { subject.to_owned() + &filler }.into())
}

//! Filters of texts.

use minijinja::Value;

use super::{lenient_text, like, required_text};
use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::limits::STRING_BYTES;
use crate::expr::settings::Settings;
use crate::expr::value::{View, count, length, number_text, slice_units, text, view};

/// How much white space a filter adds at most.
const SPACING: f64 = 10_000.0;

pub(super) fn upper(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    Ok(like(input, lenient_text(input)?.to_uppercase()))
}

pub(super) fn lower(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    Ok(like(input, lenient_text(input)?.to_lowercase()))
}

pub(super) fn capitalize(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    Ok(like(input, capital(&lenient_text(input)?)))
}

fn capital(word: &str) -> String {
    let lower = word.to_lowercase();
    let mut chars = lower.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => lower,
    }
}

/// A capital after each space, nothing else.
pub(super) fn title(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let words: Vec<_> = lenient_text(input)?.split(' ').map(capital).collect();
    Ok(like(input, words.join(" ")))
}

pub(super) fn trim(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let text = required_text(input)?;
    Ok(like(input, text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned()))
}

pub(super) fn string(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    match view(input) {
        seen if seen.is_nullish() => Err(Fail::input("string requires a value")),
        View::Safe(_) => Ok(input.clone()),
        _ => Ok(text(input)?.into()),
    }
}

pub(super) fn center(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let subject = lenient_text(input)?;
    let width = spacing(args.number(0)?.unwrap_or(80.0))?;
    let size = length(&subject);
    if size >= width {
        return Ok(input.clone());
    }
    let missing = width - size;
    let before = " ".repeat(missing / 2);
    let after = " ".repeat(missing - missing / 2);
    Ok(like(input, format!("{before}{subject}{after}")))
}

fn spacing(value: f64) -> Outcome<usize> {
    if value > SPACING {
        return Err(Fail::input("Filter spacing exceeds the supported bound"));
    }
    Ok(value.max(0.0) as usize)
}

/// Indents all lines but the first, empty ones too.
pub(super) fn indent(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let subject = lenient_text(input)?;
    if subject.is_empty() && !matches!(view(input), View::Safe(_)) {
        return Ok("".into());
    }
    let width = spacing(args.number(0)?.filter(|width| *width != 0.0).unwrap_or(4.0))?;
    let (pad, first) = (" ".repeat(width), args.flag(1)?);
    let lines = subject.matches('\n').count() + 1;
    if subject.len() + lines.saturating_mul(width) > STRING_BYTES {
        return Err(Fail::limit("a text is too long"));
    }
    let indented = subject.replace('\n', &format!("\n{pad}"));
    Ok(like(input, if first { pad + &indented } else { indented }))
}

/// All occurrences, or as many as the third argument says.
pub(super) fn replace(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let pattern = args.get(0);
    let replacement = text(&args.get(1))?;
    if let View::Regex(pattern) = view(&pattern) {
        let subject = view(input).as_str().ok_or_else(|| Fail::input("Regular-expression replacement requires a string"))?;
        return Ok(pattern.replace(subject, &replacement)?.into());
    }
    let subject = match view(input) {
        View::Number(value) => number_text(value),
        seen => match seen.as_str() {
            Some(text) => text.to_owned(),
            None => return Ok(input.clone()),
        },
    };
    let needle = match view(&pattern) {
        View::Number(value) => number_text(value),
        seen => match seen.as_str() {
            Some(needle) => needle.to_owned(),
            None => return Ok(input.clone()),
        },
    };
    let limit = match args.get(2) {
        limit if limit.is_undefined() => usize::MAX,
        limit => match crate::expr::value::to_number(&limit)? {
            limit if limit < 0.0 => usize::MAX,
            limit => limit as usize,
        },
    };
    let added = subject.matches(&needle).count().min(limit).saturating_mul(replacement.len());
    if subject.len().saturating_add(added) > STRING_BYTES {
        return Err(Fail::limit("a text is too long"));
    }
    // An empty needle stands between all characters, and nunjucks does not count then.
    let limit = if needle.is_empty() { usize::MAX } else { limit };
    Ok(like(input, subject.replacen(&needle, &replacement, limit)))
}

pub(super) fn truncate(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let subject = lenient_text(input)?;
    let limit = args.number(0)?.filter(|limit| *limit != 0.0).unwrap_or(255.0).max(0.0) as usize;
    if length(&subject) <= limit {
        return Ok(like(input, subject));
    }
    let mut cut = slice_units(&subject, 0, limit);
    if !args.flag(1)? {
        if let Some(space) = cut.rfind(' ').filter(|space| *space > 0) {
            cut.truncate(space);
        }
    }
    let end = args.get(2);
    cut.push_str(&if view(&end).is_nullish() { "...".to_owned() } else { text(&end)? });
    Ok(like(input, cut))
}

/// The number of runs of word characters; none at all is null.
pub(super) fn wordcount(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let subject = lenient_text(input)?;
    let words = subject.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    Ok(match words.count() {
        0 => ().into(),
        words => count(words),
    })
}

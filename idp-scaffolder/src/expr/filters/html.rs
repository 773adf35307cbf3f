//! Filters for HTML and URLs.

use minijinja::Value;

use super::{lenient_text, like};
use crate::expr::arguments::Arguments;
use crate::expr::fail::Outcome;
use crate::expr::settings::Settings;
use crate::expr::value::{View, items_of, safe, text, view};

/// A text that was escaped before stays as it is.
pub(super) fn escape(input: &Value, args: &Arguments<'_>, settings: &Settings) -> Outcome<Value> {
    match view(input) {
        View::Safe(_) => Ok(input.clone()),
        _ => force_escape(input, args, settings),
    }
}

pub(super) fn force_escape(input: &Value, _: &Arguments<'_>, settings: &Settings) -> Outcome<Value> {
    let subject = if view(input).is_nullish() { String::new() } else { text(input)? };
    let mut out = String::with_capacity(subject.len());
    for c in subject.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\\' if !settings.legacy => out.push_str("&#92;"),
            '`' if settings.legacy => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    Ok(safe(out))
}

pub(super) fn safe_filter(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    match view(input) {
        View::Safe(_) => Ok(input.clone()),
        seen if seen.is_nullish() => Ok(safe("")),
        _ => Ok(safe(text(input)?)),
    }
}

pub(super) fn nl2br(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    if view(input).is_nullish() {
        return Ok("".into());
    }
    let subject = text(input)?.replace("\r\n", "\n");
    Ok(like(input, subject.replace('\n', "<br />\n")))
}

/// Removes tags and comments; with an argument line breaks stay.
pub(super) fn striptags(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let bare = without_tags(&lenient_text(input)?);
    let bare = bare.trim();
    if !args.flag(0)? {
        let words: Vec<_> = bare.split_whitespace().collect();
        return Ok(like(input, words.join(" ")));
    }
    let lines = bare.lines().map(|line| line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        let repeated = line.is_empty() && out.last().is_some_and(String::is_empty);
        if !repeated {
            out.push(line);
        }
    }
    Ok(like(input, out.join("\n")))
}

fn without_tags(subject: &str) -> String {
    let (mut out, mut rest) = (String::new(), subject);
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        out.push_str(text);
        let inside = tag[1..].strip_prefix('/').unwrap_or(&tag[1..]);
        let end = match () {
            () if tag.starts_with("<!--") => tag.find("-->").map(|end| end + 3),
            () if inside.starts_with(|c: char| c.is_ascii_alphabetic()) => tag.find('>').map(|end| end + 1),
            () => None,
        };
        let end = end.unwrap_or_else(|| {
            out.push('<');
            1
        });
        rest = &tag[end..];
    }
    out + rest
}

/// Percent-encodes a text; an object or a list of pairs becomes a query.
pub(super) fn urlencode(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let pairs: Vec<(Value, Value)> = match view(input) {
        View::Record(entries) => {
            entries.iter().map(|(key, value)| (Value::from(&**key), value.clone())).collect()
        }
        View::Array(items) => items_of(items).iter().map(pair).collect(),
        seen => return Ok(seen.as_str().map(encode).unwrap_or_default().into()),
    };
    let mut parts = Vec::new();
    for (key, value) in pairs {
        parts.push(format!("{}={}", encode(&text(&key)?), encode(&text(&value)?)));
    }
    Ok(parts.join("&").into())
}

fn pair(item: &Value) -> (Value, Value) {
    let parts = match view(item) {
        View::Array(parts) => items_of(parts),
        _ => Vec::new(),
    };
    let part = |index: usize| parts.get(index).cloned().unwrap_or(Value::UNDEFINED);
    (part(0), part(1))
}

/// `encodeURIComponent`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(byte as char),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => out.push(byte as char),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

//! `urlize`: links for what looks like one.

use minijinja::Value;

use super::{like, required_text};
use crate::expr::arguments::Arguments;
use crate::expr::fail::Outcome;
use crate::expr::settings::Settings;
use crate::expr::value::{length, slice_units};

const OPENING: [&str; 4] = ["(", "<", "&lt;", "\""];
const CLOSING: [&str; 7] = [")", ">", "&gt;", ".", ",", "\n", "\""];
const DOMAINS: [&str; 3] = [".org", ".net", ".com"];

pub(super) fn urlize(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let subject = required_text(input)?;
    let limit = args.number(0)?.filter(|limit| !limit.is_nan()).unwrap_or(f64::INFINITY).max(0.0) as usize;
    let nofollow = if args.flag(1)? { " rel=\"nofollow\"" } else { "" };
    let words = split_keeping_space(&subject);
    Ok(like(input, words.into_iter().map(|word| link(word, limit, nofollow)).collect()))
}

/// Words and the white space between them.
fn split_keeping_space(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let space = first.is_whitespace();
        let end = rest.find(|c: char| c.is_whitespace() != space).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts
}

fn link(word: &str, limit: usize, nofollow: &str) -> String {
    let address = bare(word);
    let shown = if length(address) > limit { slice_units(address, 0, limit) } else { address.to_owned() };
    let lower = address.to_ascii_lowercase();
    match () {
        () if lower.starts_with("http://") || lower.starts_with("https://") => {
            format!("<a href=\"{address}\"{nofollow}>{shown}</a>")
        }
        () if lower.starts_with("www.") => format!("<a href=\"http://{address}\"{nofollow}>{shown}</a>"),
        () if is_mail(address) => format!("<a href=\"mailto:{address}\">{address}</a>"),
        () if has_domain(&lower) => format!("<a href=\"http://{address}\"{nofollow}>{shown}</a>"),
        () => word.to_owned(),
    }
}

/// A word without the punctuation around it.
fn bare(word: &str) -> &str {
    let mut bare = word;
    while let Some(rest) = OPENING.iter().find_map(|open| bare.strip_prefix(open)) {
        bare = rest;
    }
    while let Some(rest) = CLOSING.iter().find_map(|close| bare.strip_suffix(close)) {
        bare = rest;
    }
    bare
}

fn is_mail(word: &str) -> bool {
    let Some((name, domain)) = word.split_once('@') else { return false };
    !name.is_empty() && domain.split_once('.').is_some_and(|(host, rest)| !host.is_empty() && !rest.is_empty())
}

fn has_domain(word: &str) -> bool {
    DOMAINS.iter().any(|domain| {
        word.find(domain).is_some_and(|at| {
            let after = &word[at + domain.len()..];
            at > 0 && (after.is_empty() || after.starts_with(':') || after.starts_with('/'))
        })
    })
}

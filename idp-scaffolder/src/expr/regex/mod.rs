//! Regular expressions of templates, with ECMAScript syntax and meaning.

mod cost;

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::fail::{Fail, Outcome};
use super::value::units;
use cost::Cost;

/// A compiled pattern with its flags.
pub(crate) struct Pattern {
    regex: regress::Regex,
    source: String,
    flags: String,
    /// Where the next `test` of a global pattern begins.
    last_index: AtomicUsize,
    /// How matching time grows.
    cost: Cost,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{}", self.source, self.flags)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Pattern {
    pub(crate) fn new(source: &str, flags: &str, limit: usize) -> Outcome<Self> {
        if source.len() > limit {
            return Err(Fail::limit("a regular expression is too long"));
        }
        let supported: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm')).collect();
        let regex = regress::Regex::with_flags(source, supported.as_str())
            .map_err(|error| Fail::input(format!("Invalid regular-expression literal: {error}")))?;
        Ok(Self { regex, source: source.to_owned(), flags: flags.to_owned(), last_index: AtomicUsize::new(0), cost: Cost::of(source) })
    }

    fn is_global(&self) -> bool {
        self.flags.contains('g')
    }

    fn is_sticky(&self) -> bool {
        self.flags.contains('y')
    }

    fn find(&self, text: &str, from: usize) -> Outcome<Option<regress::Match>> {
        if !self.cost.allows(text.len()) {
            return Err(Fail::limit("matching this regular expression against this text could take too long"));
        }
        let found = self.regex.find_from(text, from).next();
        Ok(found.filter(|found| !self.is_sticky() || found.start() == from))
    }

    /// Whether the pattern occurs; a global one goes on where it stopped.
    pub(crate) fn test(&self, text: &str) -> Outcome<bool> {
        let keeps = self.is_global() || self.is_sticky();
        let from = if keeps { self.last_index.load(Ordering::Relaxed) } else { 0 };
        let found = if text.is_char_boundary(from) { self.find(text, from)? } else { None };
        if keeps {
            self.last_index.store(found.as_ref().map_or(0, regress::Match::end), Ordering::Relaxed);
        }
        Ok(found.is_some())
    }

    /// Replaces the first match, or all of a global pattern.
    pub(crate) fn replace(&self, text: &str, replacement: &str) -> Outcome<String> {
        let (mut out, mut from, mut copied) = (String::new(), 0, 0);
        while let Some(found) = self.find(text, from)? {
            out.push_str(&text[copied..found.start()]);
            expand(replacement, text, found.range(), Some(&found), &mut out);
            copied = found.end();
            if !self.is_global() {
                break;
            }
            let Some(next) = step(text, &found) else { break };
            from = next;
            if out.len() > super::limits::STRING_BYTES {
                return Err(Fail::limit("a text is too long"));
            }
        }
        out.push_str(&text[copied..]);
        Ok(out)
    }

    /// The texts between matches, groups included, as `split` gives them.
    pub(crate) fn split(&self, text: &str) -> Outcome<Vec<Option<String>>> {
        let (mut parts, mut from, mut copied) = (Vec::new(), 0, 0);
        if text.is_empty() {
            return Ok(if self.find(text, 0)?.is_some() { parts } else { vec![Some(String::new())] });
        }
        while let Some(found) = self.find(text, from)? {
            let empty_at_edge = found.end() == copied || found.start() >= text.len();
            if !(found.start() == found.end() && empty_at_edge) {
                parts.push(Some(text[copied..found.start()].to_owned()));
                copied = found.end();
                let groups = found.captures.iter();
                parts.extend(groups.map(|group| group.clone().map(|range| text[range].to_owned())));
            }
            let Some(next) = step(text, &found) else { break };
            from = next;
        }
        parts.push(Some(text[copied..].to_owned()));
        Ok(parts)
    }

    /// Where the first match begins, in UTF-16 units.
    pub(crate) fn search(&self, text: &str) -> Outcome<Option<usize>> {
        Ok(self.find(text, 0)?.map(|found| units(&text[..found.start()]).len()))
    }

    /// The match and its groups, or all matches of a global pattern.
    pub(crate) fn matches(&self, text: &str) -> Outcome<Option<Vec<Option<String>>>> {
        let Some(first) = self.find(text, 0)? else { return Ok(None) };
        if !self.is_global() {
            let groups = first.captures.iter().map(|g| g.clone().map(|range| text[range].to_owned()));
            let whole = Some(text[first.range()].to_owned());
            return Ok(Some(std::iter::once(whole).chain(groups).collect()));
        }
        let (mut all, mut next) = (Vec::new(), Some(first));
        while let Some(found) = next {
            all.push(Some(text[found.range()].to_owned()));
            next = match step(text, &found) {
                Some(from) => self.find(text, from)?,
                None => None,
            };
        }
        Ok(Some(all))
    }
}

/// Where to look after a match: beyond it, and one further where it was empty.
fn step(text: &str, found: &regress::Match) -> Option<usize> {
    if found.end() > found.start() {
        return Some(found.end());
    }
    text[found.end()..].chars().next().map(|c| found.end() + c.len_utf8())
}

/// Writes a replacement, with `$1`, `$<name>`, `$&`, `` $` ``, `$'` and `$$` filled in.
fn expand(
    replacement: &str,
    text: &str,
    range: Range<usize>,
    found: Option<&regress::Match>,
    out: &mut String,
) {
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (filled, used) = reference(rest, text, &range, found).unwrap_or(("$", 1));
        out.push_str(filled);
        rest = &rest[used..];
    }
    out.push_str(rest);
}

/// What a `$…` at the start of a text stands for, and how many bytes it takes.
fn reference<'t>(
    rest: &'t str,
    text: &'t str,
    range: &Range<usize>,
    found: Option<&regress::Match>,
) -> Option<(&'t str, usize)> {
    let group = |index: usize| found.and_then(|f| f.group(index)).map_or("", |range| &text[range]);
    match rest.as_bytes().get(1)? {
        b'$' => Some(("$", 2)),
        b'&' => Some((&text[range.clone()], 2)),
        b'`' => Some((&text[..range.start], 2)),
        b'\'' => Some((&text[range.end..], 2)),
        b'<' => {
            let end = rest.find('>')?;
            found?.named_groups().next()?;
            let range = found?.named_group(&rest[2..end]);
            Some((range.map_or("", |range| &text[range]), end + 1))
        }
        digit if digit.is_ascii_digit() => {
            let count = found.map_or(0, |found| found.captures.len());
            let two = rest.get(1..3).and_then(|digits| digits.parse::<usize>().ok());
            let one = usize::from(digit - b'0');
            match two {
                Some(index) if (1..=count).contains(&index) && rest.as_bytes()[2].is_ascii_digit() => {
                    Some((group(index), 3))
                }
                _ if (1..=count).contains(&one) => Some((group(one), 2)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Replaces the first occurrence of a text, with the same `$` patterns.
pub(crate) fn replace_first(text: &str, needle: &str, replacement: &str) -> String {
    let Some(at) = text.find(needle) else { return text.to_owned() };
    let mut out = text[..at].to_owned();
    expand(replacement, text, at..at + needle.len(), None, &mut out);
    out.push_str(&text[at + needle.len()..]);
    out
}

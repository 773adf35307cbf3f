//! Keeps templates from minijinja's parser that nest deeper than a small stack takes: its own bound on depth is
//! higher than that in unoptimised builds, and chains of operators have none.

/// How deep brackets and tags may nest.
const NESTING: usize = 48;

/// How many words and signs an output or tag may have, and how many branches an `if`.
const LENGTH: usize = 500;

/// How long a line may be: minijinja counts columns in 16 bits, and its unoptimised builds stop where they overflow.
const LINE: usize = 65_000;

const BLOCKS: [&str; 8] = ["autoescape", "block", "call", "filter", "for", "if", "macro", "with"];

/// Whether a template is within the bounds.
pub(super) fn is_modest(source: &str, open: &str) -> bool {
    if source.lines().any(|line| line.len() > LINE) {
        return false;
    }
    let (mut rest, mut blocks, mut branches) = (source, 0usize, 0usize);
    while let Some(at) = [open, "{%"].iter().filter_map(|mark| rest.find(mark)).min() {
        let tag = rest[at..].starts_with("{%");
        let inside = &rest[at + if tag { 2 } else { open.len() }..];
        let Some((code, after)) = code(inside, if tag { "%}" } else { "}}" }) else { return false };
        rest = after;
        if !tag {
            continue;
        }
        let code = code.trim_start_matches(['-', '+']).trim_start();
        let name = code.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        match name {
            "elif" => branches += 1,
            "set" if !code.contains('=') => blocks += 1,
            name if BLOCKS.contains(&name) => blocks += 1,
            name if name.starts_with("end") => blocks = blocks.saturating_sub(1),
            _ => (),
        }
        if blocks > NESTING || branches > LENGTH {
            return false;
        }
    }
    true
}

/// The code up to its end mark, and the rest. None where it is too deep or too long.
fn code<'s>(source: &'s str, close: &str) -> Option<(&'s str, &'s str)> {
    let (mut depth, mut length, mut quote, mut escaped, mut word) = (0usize, 0usize, None, false, false);
    for (at, c) in source.char_indices() {
        if let Some(end) = quote {
            quote = if c == end && !escaped { None } else { quote };
            escaped = c == '\\' && !escaped;
            continue;
        }
        if depth == 0 && source[at..].starts_with(close) {
            return Some((&source[..at], &source[at + close.len()..]));
        }
        let in_word = c.is_alphanumeric() || c == '_';
        length += usize::from(!c.is_whitespace() && !(in_word && word));
        word = in_word;
        match c {
            '\'' | '"' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => (),
        }
        if depth > NESTING || length > LENGTH {
            return None;
        }
    }
    Some((source, ""))
}

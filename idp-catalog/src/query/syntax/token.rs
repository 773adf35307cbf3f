//! The words of a predicate in text form.

use idp_core::Span;

/// What a piece of the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// In quotes: never a keyword.
    Quoted(String),
    /// Between slashes, behind `matches`.
    Pattern(String),
    Equals,
    Exactly,
    NotEquals,
    Includes,
    NotIncludes,
    Less,
    AtMost,
    AtLeast,
    Greater,
    Open,
    Close,
    Comma,
}

/// A piece that is none, and where it is.
pub(super) struct BadToken {
    pub(super) message: &'static str,
    pub(super) help: &'static str,
    pub(super) span: Span,
}

/// The word that a pattern follows.
const MATCHES: &str = "matches";

/// Signs, those that begin like another one first.
const SIGNS: [(&str, Token); 12] = [
    ("==", Token::Exactly),
    ("!=", Token::NotEquals),
    ("!~", Token::NotIncludes),
    ("<=", Token::AtMost),
    (">=", Token::AtLeast),
    ("=", Token::Equals),
    ("~", Token::Includes),
    ("<", Token::Less),
    (">", Token::Greater),
    ("(", Token::Open),
    (")", Token::Close),
    (",", Token::Comma),
];

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, BadToken> {
    let mut found: Vec<(Token, Span)> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let pattern = matches!(found.last(), Some((Token::Word(it), _)) if it.eq_ignore_ascii_case(MATCHES));
        let (token, length) = token(&text[at..], at, pattern)?;
        found.push((token, Span::new(at, at + length)));
        at += length;
    }
    Ok(found)
}

/// Whether a text is one word as it stands, and no sign.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && sign(text).is_none() && !text.starts_with(QUOTES) && word(text).1 == text.len()
}

/// A text in quotes, so that reading it gives the text again.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

const QUOTES: [char; 2] = ['"', '\''];

fn token(text: &str, at: usize, pattern: bool) -> Result<(Token, usize), BadToken> {
    if let Some((sign, token)) = sign(text) {
        return Ok((token.clone(), sign.len()));
    }
    if text.starts_with(QUOTES) {
        return quoted(text, at).map(|(text, length)| (Token::Quoted(text), length));
    }
    if pattern && text.starts_with('/') {
        return between_slashes(text, at);
    }
    Ok(word(text))
}

fn sign(text: &str) -> Option<&'static (&'static str, Token)> {
    SIGNS.iter().find(|(sign, _)| text.starts_with(sign))
}

fn word(text: &str) -> (Token, usize) {
    let ends =
        |(at, c): (usize, char)| c.is_whitespace() || "=<>(),\"'".contains(c) || text[at..].starts_with("!=");
    let end = text.char_indices().find(|it| ends(*it)).map_or(text.len(), |(at, _)| at);
    (Token::Word(text[..end].to_owned()), end)
}

/// Reads a text in quotes at the start of `text`, which stands at `at`; answers with it and its length in bytes.
///
/// `\n`, `\r`, `\t` and `\u{…}` are characters; before a quote or a backslash, a backslash takes it as it is.
pub(super) fn quoted(text: &str, at: usize) -> Result<(String, usize), BadToken> {
    let mut content = String::new();
    let mut next = 1;
    while let Some(c) = text[next..].chars().next() {
        if text.starts_with(c) && QUOTES.contains(&c) {
            return Ok((content, next + 1));
        }
        let (character, length) =
            if c == '\\' { escape(&text[next..], at + next)? } else { (c, c.len_utf8()) };
        content.push(character);
        next += length;
    }
    Err(BadToken {
        message: "the quote is not closed",
        help: "end it with the quote it began with",
        span: Span::new(at, at + text.len()),
    })
}

/// The character that an escape at the start of `text` stands for, and the length of the escape.
fn escape(text: &str, at: usize) -> Result<(char, usize), BadToken> {
    let bad = || BadToken {
        message: "this is no escape",
        help: "write `\\\\` for a backslash; `\\n`, `\\r`, `\\t` and `\\u{…}` are characters",
        span: Span::at(at),
    };
    match text.chars().nth(1).ok_or_else(bad)? {
        'n' => Ok(('\n', 2)),
        'r' => Ok(('\r', 2)),
        't' => Ok(('\t', 2)),
        it @ ('\\' | '"' | '\'') => Ok((it, 2)),
        'u' => {
            let digits = text[2..].strip_prefix('{').and_then(|it| it.split_once('}')).map(|(it, _)| it);
            let code = digits.and_then(|it| u32::from_str_radix(it, 16).ok()).and_then(char::from_u32);
            Ok((code.ok_or_else(bad)?, digits.map_or(0, str::len) + 4))
        }
        _ => Err(bad()),
    }
}

/// A pattern: `\/` is a slash in it, everything else stays as it is.
fn between_slashes(text: &str, at: usize) -> Result<(Token, usize), BadToken> {
    let mut pattern = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((index, c)) = chars.next() {
        match c {
            '/' => return Ok((Token::Pattern(pattern), index + 1)),
            '\\' => match chars.next() {
                Some((_, '/')) => pattern.push('/'),
                Some((_, next)) => pattern.extend([c, next]),
                None => pattern.push(c),
            },
            c => pattern.push(c),
        }
    }
    Err(BadToken {
        message: "the pattern is not closed",
        help: "end it with `/`; write `\\/` for a slash in it",
        span: Span::new(at, at + text.len()),
    })
}

//! The words of a predicate in text form.

use idp_core::Span;

/// What a piece of the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// In quotes: never a keyword.
    Quoted(String),
    Equals,
    NotEquals,
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
    pub(super) span: Span,
}

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, BadToken> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(&text[at..], at)?;
        found.push((token, Span::new(at, at + length)));
        at += length;
    }
    Ok(found)
}

fn token(text: &str, at: usize) -> Result<(Token, usize), BadToken> {
    let double = [("!=", Token::NotEquals), ("<=", Token::AtMost), (">=", Token::AtLeast)];
    if let Some((_, token)) = double.into_iter().find(|(sign, _)| text.starts_with(sign)) {
        return Ok((token, 2));
    }
    let single = match text.as_bytes()[0] {
        b'=' => Some(Token::Equals),
        b'<' => Some(Token::Less),
        b'>' => Some(Token::Greater),
        b'(' => Some(Token::Open),
        b')' => Some(Token::Close),
        b',' => Some(Token::Comma),
        _ => None,
    };
    match single {
        Some(token) => Ok((token, 1)),
        None if text.starts_with(['"', '\'']) => quoted(text, at),
        None => Ok(word(text)),
    }
}

fn word(text: &str) -> (Token, usize) {
    let ends =
        |(at, c): (usize, char)| c.is_whitespace() || "=<>(),\"'".contains(c) || text[at..].starts_with("!=");
    let end = text.char_indices().find(|it| ends(*it)).map_or(text.len(), |(at, _)| at);
    (Token::Word(text[..end].to_owned()), end)
}

/// A quoted text; a backslash takes the next character as it is.
fn quoted(text: &str, at: usize) -> Result<(Token, usize), BadToken> {
    let mut chars = text.char_indices();
    let quote = chars.next().map(|(_, quote)| quote);
    let mut content = String::new();
    while let Some((index, c)) = chars.next() {
        if Some(c) == quote {
            return Ok((Token::Quoted(content), index + c.len_utf8()));
        }
        let kept = if c == '\\' { chars.next().map(|(_, next)| next) } else { Some(c) };
        content.extend(kept);
    }
    Err(BadToken { message: "the quote is not closed", span: Span::new(at, at + text.len()) })
}

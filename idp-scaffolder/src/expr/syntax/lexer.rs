//! Cuts a template into tokens: text, comments and the insides of `${{ … }}` and `{% … %}`.
//!
//! The rules are those of nunjucks: an end delimiter wins over any operator (so `{a:{b:1}}` inside an output ends it
//! early), a `-` beside a delimiter eats the white space of the text beyond it.

use super::token::{Token, TokenKind};
use idp_core::Span;

/// How to read a template.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LexOptions {
    /// Outputs open with `{{` instead of `${{`.
    pub(crate) cookiecutter: bool,
    /// Remove one line break after a tag.
    pub(crate) trim_blocks: bool,
    /// Remove the indentation of a tag that starts its line.
    pub(crate) lstrip_blocks: bool,
    /// nunjucks as Backstage shipped it before 4.0.3: whatever is no operator, string or number is a name.
    pub(crate) legacy: bool,
    /// Operators bind as minijinja has them bind.
    pub(crate) strict: bool,
    /// A `-` beside an output's delimiters is an operator.
    pub(crate) minus: bool,
}

/// Operators, longest first.
const OPERATORS: [&str; 31] = [
    "===", "!==", "==", "!=", "<=", ">=", "//", "**", "-%}", "-}}", "%}", "}}", "(", ")", "[", "]", "{", "}",
    ":", ",", ".", "|", "+", "-", "*", "/", "%", "~", "<", ">", "=",
];

pub(crate) fn lex(source: &str, options: LexOptions) -> Vec<Token<'_>> {
    let tokens = Vec::with_capacity(source.len() / 16);
    let mut lexer = Lexer { source, pos: 0, options, tokens, trim_next: false };
    lexer.template();
    lexer.tokens
}

struct Lexer<'s> {
    source: &'s str,
    pos: usize,
    options: LexOptions,
    tokens: Vec<Token<'s>>,
    /// The last delimiter closed with `-`: the next text loses its leading white space.
    trim_next: bool,
}

/// What opens at a place in the text.
#[derive(Clone, Copy, PartialEq)]
enum Opening {
    Output,
    Tag,
    Comment,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.pos..]
    }

    fn push(&mut self, kind: TokenKind<'s>, start: usize) {
        self.tokens.push(Token { kind, span: Span { start, end: self.pos } });
    }

    fn bad(&mut self, message: impl Into<String>, start: usize) {
        self.pos = self.source.len();
        self.tokens.push(Token { kind: TokenKind::Bad(message.into()), span: Span { start, end: start } });
    }

    fn template(&mut self) {
        while self.pos < self.source.len() {
            self.segment();
        }
        self.push(TokenKind::Eof, self.pos);
    }

    /// One text and what opens after it.
    fn segment(&mut self) {
        let start = self.pos;
        let Some((at, opening)) = self.find_opening() else {
            self.pos = self.source.len();
            self.text(start, self.pos, false, false);
            return;
        };
        let width = if opening == Opening::Output && !self.options.cookiecutter { 3 } else { 2 };
        let trims = !(self.options.minus && opening == Opening::Output);
        let dash = trims && self.source[at + width..].starts_with('-');
        self.pos = at;
        self.text(start, at, dash, opening != Opening::Output);
        self.pos = at + width + usize::from(dash);
        match opening {
            Opening::Comment => self.comment(at),
            Opening::Output => self.code(TokenKind::OutputStart, at, false),
            Opening::Tag => self.tag(at),
        }
    }

    fn find_opening(&self) -> Option<(usize, Opening)> {
        let bytes = self.source.as_bytes();
        let braces = self.source[self.pos..].match_indices('{').map(|(offset, _)| self.pos + offset);
        for at in braces {
            let dollar = at > self.pos && bytes[at - 1] == b'$';
            match bytes.get(at + 1) {
                Some(b'{') if self.options.cookiecutter => return Some((at, Opening::Output)),
                Some(b'{') if dollar => return Some((at - 1, Opening::Output)),
                Some(b'%') => return Some((at, Opening::Tag)),
                Some(b'#') => return Some((at, Opening::Comment)),
                _ => {}
            }
        }
        None
    }

    /// Adds the text between two places; `trim_end` where a `-` follows, `block` where a tag or comment does.
    fn text(&mut self, start: usize, end: usize, trim_end: bool, block: bool) {
        let mut text = &self.source[start..end];
        if std::mem::take(&mut self.trim_next) {
            text = text.trim_start();
        }
        if trim_end {
            text = text.trim_end();
        } else if block && self.options.lstrip_blocks {
            text = strip_indentation(text, start == 0 || text.len() < end - start);
        }
        if !text.is_empty() {
            self.push(TokenKind::Text(text), start);
        }
    }

    fn comment(&mut self, start: usize) {
        let Some(end) = self.rest().find("#}") else {
            return self.bad("Expected end of comment, got end of file", start);
        };
        self.trim_next = self.rest()[..end].ends_with('-');
        self.pos += end + 2;
        self.push(TokenKind::Comment, start);
    }

    fn tag(&mut self, start: usize) {
        let first = self.tokens.len();
        self.code(TokenKind::TagStart, start, true);
        let raw = match &self.tokens[first..] {
            [_, Token { kind: TokenKind::Name(name @ ("raw" | "verbatim")), .. }, last]
                if last.kind == TokenKind::TagEnd =>
            {
                Some(*name)
            }
            _ => None,
        };
        if let Some(name) = raw {
            self.tokens.truncate(first);
            return self.raw(name, start);
        }
        if self.options.trim_blocks && !self.trim_next {
            self.skip_line_break();
        }
    }

    fn skip_line_break(&mut self) {
        let rest = self.rest();
        self.pos += match rest.as_bytes() {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => 0,
        };
    }

    /// The verbatim text up to the matching end tag; inner pairs are part of it.
    fn raw(&mut self, name: &str, start: usize) {
        if self.options.trim_blocks && !self.trim_next {
            self.skip_line_break();
        }
        let (body, mut depth, mut from) = (self.pos, 1usize, self.pos);
        while let Some(offset) = self.source[from..].find("{%") {
            let at = from + offset;
            let Some((tag, end)) = plain_tag(self.source, at) else {
                from = at + 2;
                continue;
            };
            from = end;
            depth = match tag {
                _ if tag == name => depth + 1,
                _ if tag.strip_prefix("end") == Some(name) => depth - 1,
                _ => continue,
            };
            if depth == 0 {
                self.pos = at;
                self.text(body, at, false, true);
                self.pos = end;
                if self.options.trim_blocks {
                    self.skip_line_break();
                }
                return;
            }
        }
        self.bad(format!("Missing \"end{name}\" tag"), start);
    }

    /// The inside of an output or tag, its delimiters included.
    fn code(&mut self, open: TokenKind<'s>, start: usize, tag: bool) {
        self.push(open, start);
        loop {
            let mut rest = self.rest();
            // Most of what is read is a visible letter or sign.
            if !rest.as_bytes().first().is_some_and(u8::is_ascii_graphic) {
                rest = rest.trim_start();
                self.pos = self.source.len() - rest.len();
            }
            let start = self.pos;
            let Some(first) = rest.chars().next() else { return };
            match first {
                '"' | '\'' => self.string(first),
                'r' if rest.starts_with("r/") => self.regex(),
                _ if self.options.legacy && is_loose_name(rest) => self.loose_name(),
                _ if first.is_ascii_digit() => self.number(),
                _ if first.is_ascii_alphabetic() || first == '_' => {
                    let mut bytes = rest.bytes();
                    let end = bytes.position(|it| !it.is_ascii_alphanumeric() && it != b'_');
                    let end = end.unwrap_or(rest.len());
                    self.pos += end;
                    self.push(TokenKind::Name(&rest[..end]), start);
                }
                _ => {
                    if self.operator(start, tag) {
                        return;
                    }
                }
            }
        }
    }

    /// Reads an operator; true where it closes the code.
    fn operator(&mut self, start: usize, tag: bool) -> bool {
        let rest = self.rest();
        // Comparing one byte first spares thirty comparisons of texts.
        let first = rest.as_bytes().first();
        let Some(found) =
            OPERATORS.iter().find(|op| op.as_bytes().first() == first && rest.starts_with(**op))
        else {
            let character = rest.chars().next().unwrap_or('?');
            self.bad(format!("Unexpected character \"{character}\""), start);
            return false;
        };
        let (op, end) = match *found {
            "-%}" | "%}" if tag => (*found, Some(TokenKind::TagEnd)),
            "}}" if !tag => (*found, Some(TokenKind::OutputEnd)),
            "-}}" if !tag && !self.options.minus => (*found, Some(TokenKind::OutputEnd)),
            "-%}" | "-}}" => ("-", None),
            "%}" => ("%", None),
            "}}" => ("}", None),
            other => (other, None),
        };
        self.pos += op.len();
        match end {
            Some(kind) => {
                self.trim_next = op.starts_with('-');
                self.push(kind, start);
                true
            }
            None => {
                self.push(TokenKind::Op(op), start);
                false
            }
        }
    }

    fn string(&mut self, quote: char) {
        let (start, rest) = (self.pos, self.rest());
        let (mut escapes, mut escaped, mut end) = (false, false, None);
        for (offset, c) in rest.char_indices().skip(1) {
            match c {
                _ if std::mem::take(&mut escaped) => (),
                '\\' => (escapes, escaped) = (true, true),
                c if c == quote => {
                    end = Some(offset);
                    break;
                }
                _ => (),
            }
        }
        let Some(end) = end else { return self.bad("Unterminated string literal", start) };
        self.pos += end + 1;
        let text = &rest[1..end];
        self.push(TokenKind::Str(if escapes { unescape(text).into() } else { text.into() }), start);
    }

    fn regex(&mut self) {
        let (start, rest) = (self.pos, self.rest());
        let (mut escaped, mut end) = (false, None);
        for (offset, c) in rest.char_indices().skip(2) {
            if c == '/' && !escaped {
                end = Some(offset);
                break;
            }
            escaped = c == '\\' && !escaped;
        }
        let Some(end) = end else { return self.bad("Unterminated regular-expression literal", start) };
        let after = &rest[end + 1..];
        let flags = &after[..after.find(|c| !matches!(c, 'g' | 'i' | 'm' | 'y')).unwrap_or(after.len())];
        self.pos += end + 1 + flags.len();
        if self.rest().starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return self.bad("Unsupported regular-expression flag", start);
        }
        self.push(TokenKind::Regex { pattern: &rest[2..end], flags }, start);
    }

    fn loose_name(&mut self) {
        let (start, rest) = (self.pos, self.rest());
        let end = loose_length(rest);
        self.pos += end;
        self.push(TokenKind::Name(&rest[..end]), start);
    }

    fn number(&mut self) {
        let (start, rest) = (self.pos, self.rest());
        let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
        let mut end = digits(rest);
        if rest[end..].starts_with('.') {
            end += 1 + digits(&rest[end + 1..]);
        }
        let value = rest[..end].parse::<f64>();
        let glued = rest[end..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        match value {
            Ok(value) if !glued => {
                self.pos += end;
                self.push(TokenKind::Number(value), start);
            }
            _ => self.bad("Invalid numeric literal", start),
        }
    }
}

/// The text of a string literal: a character after a backslash stands for itself, but for three line breaks and tabs.
fn unescape(literal: &str) -> String {
    let (mut text, mut escaped) = (String::with_capacity(literal.len()), false);
    for c in literal.chars() {
        match c {
            'n' if escaped => text.push('\n'),
            't' if escaped => text.push('\t'),
            'r' if escaped => text.push('\r'),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            c => text.push(c),
        }
        escaped = false;
    }
    text
}

/// Where nunjucks ends a name or number.
fn loose_length(rest: &str) -> usize {
    rest.find(|c: char| c.is_whitespace() || "()[]{}%*-+~/#,:|.<>=!\"'".contains(c)).unwrap_or(rest.len())
}

/// Whether nunjucks reads a name where we read none, or a number.
fn is_loose_name(rest: &str) -> bool {
    let word = &rest[..loose_length(rest)];
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let number = word.chars().all(|c| c.is_ascii_digit());
    !word.is_empty()
        && !number
        && (word.starts_with(|c: char| c.is_ascii_digit()) || !word.chars().all(plain))
}

/// The text without the spaces and tabs after its last line break (or all of them, where it starts a line).
fn strip_indentation(text: &str, mid_line: bool) -> &str {
    let bare = text.trim_end_matches([' ', '\t']);
    if bare.ends_with('\n') || (bare.is_empty() && mid_line) { bare } else { text }
}

/// The tag at a place that is nothing but a name, and where it ends.
pub(super) fn plain_tag(source: &str, at: usize) -> Option<(&str, usize)> {
    let inside = &source[at + 2..];
    let end = inside.find("%}")?;
    let name = inside[..end].trim();
    name.bytes().all(|b| b.is_ascii_alphabetic()).then_some((name, at + 2 + end + 2))
}

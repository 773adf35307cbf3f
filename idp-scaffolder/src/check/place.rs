//! From JSON pointers to places in a file.

use idp_core::{Place, Span};

use super::draft::Spot;
use crate::places::Places;

/// The place of a spot. `text` is what stands at a pointer.
pub(crate) fn place(spot: &Spot, places: &dyn Places, text: impl Fn(&str) -> Option<String>) -> Place {
    let at = |span| Place { source: places.source().clone(), span };
    match spot {
        Spot::Key(pointer) => at(places.key(pointer)),
        Spot::Text(pointer, None) => at(places.value(pointer)),
        Spot::Text(pointer, Some(span)) => {
            let whole = places.value(pointer);
            let raw = places.source().text().get(whole.start..whole.end).unwrap_or_default();
            match text(pointer).filter(|_| !raw.starts_with('*')) {
                Some(text) => at(inside(raw, &text, *span, whole.start)),
                None => at(whole),
            }
        }
        Spot::File(source, span) => Place { source: source.clone(), span: *span },
    }
}

/// Where bytes of a scalar's text stand in the YAML that it was read from.
fn inside(raw: &str, text: &str, span: Span, start: usize) -> Span {
    let first = start + offset(raw, text, span.start);
    let last = text.get(span.start..span.end).unwrap_or_default().trim_end();
    let width =
        |at: usize| raw.get(at - start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let Some((last_start, _)) = last.char_indices().next_back() else {
        return Span::new(first, first + width(first));
    };
    let end = start + offset(raw, text, span.start + last_start);
    Span::new(first, (end + width(end)).max(first))
}

/// The offset in the YAML of an offset in the text. White space is folded and indented in many ways, so what is counted
/// are the other characters.
fn offset(raw: &str, text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    let wanted = before.chars().filter(|c| !c.is_whitespace()).count();
    let mut reader = Raw::new(raw);
    let mut seen = 0;
    while let Some(solid) = reader.peek() {
        if solid {
            if seen == wanted {
                break;
            }
            seen += 1;
        }
        reader.advance();
    }
    reader.at.min(raw.len())
}

/// The characters of a scalar in YAML, one by one.
struct Raw<'r> {
    raw: &'r str,
    at: usize,
    quote: Option<char>,
}

impl<'r> Raw<'r> {
    fn new(raw: &'r str) -> Self {
        let first = raw.chars().next();
        let quote = first.filter(|c| matches!(c, '"' | '\''));
        let at = match first {
            // The header of a block scalar is its first line.
            Some('|' | '>') => raw.find('\n').map_or(0, |at| at + 1),
            _ => usize::from(quote.is_some()),
        };
        Self { raw, at, quote }
    }

    fn rest(&self) -> &'r str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    /// Whether the next character is none of white space.
    fn peek(&self) -> Option<bool> {
        let mut rest = self.rest().chars();
        match (rest.next()?, self.quote) {
            ('\\', Some('"')) => {
                Some(!matches!(rest.next()?, 'n' | 't' | 'r' | ' ' | '\n' | '\t' | 'v' | 'f'))
            }
            (c, _) => Some(!c.is_whitespace()),
        }
    }

    fn advance(&mut self) {
        let mut rest = self.rest().chars();
        let Some(first) = rest.next() else { return };
        let second = rest.next();
        self.at += match (first, second, self.quote) {
            ('\\', Some('x'), Some('"')) => 4,
            ('\\', Some('u'), Some('"')) => 6,
            ('\\', Some('U'), Some('"')) => 10,
            ('\\', Some(second), Some('"')) => 1 + second.len_utf8(),
            ('\'', Some('\''), Some('\'')) => 2,
            _ => first.len_utf8(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_text_is_found_in_every_style_of_scalar() {
        for (raw, text) in [
            ("a ${{ x }}", "a ${{ x }}"),
            ("'it''s ${{ x }}'", "it's ${{ x }}"),
            ("\"\\\"q\\\"\\n${{ x }}\"", "\"q\"\n${{ x }}"),
            ("|\n    one\n    ${{ x }}\n", "one\n${{ x }}\n"),
            (">-\n  one\n  ${{ x }}", "one ${{ x }}"),
            ("\"\\u00e9 ${{ x }}\"", "é ${{ x }}"),
        ] {
            let at = text.find('x').unwrap();
            let span = inside(raw, text, Span::new(at, at + 1), 100);
            assert_eq!(&raw[span.start - 100..span.end - 100], "x", "{raw}");
        }
    }
    #[test]
    fn an_empty_place_is_the_character_there_and_nothing_at_the_end() {
        for (raw, at, found) in
            [("a “x”", 2, "“"), ("a “x”", 5, "x"), ("“x”", 7, ""), ("'“'", 0, "“"), ("“ ", 3, "")]
        {
            let text = raw.trim_matches('\'');
            let span = inside(raw, text, Span::at(at), 100);
            assert_eq!(raw.get(span.start - 100..span.end - 100), Some(found), "{raw}");
        }
    }
}

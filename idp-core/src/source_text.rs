//! Text that a diagnostic can point into.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A byte range in a [`SourceText`]. `start <= end`; both may equal the length of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`, in bytes; a reversed pair becomes an empty span at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// An empty span at one position.
    pub fn at(position: usize) -> Self {
        Self::new(position, position)
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A named text, shared by every diagnostic that points into it. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceText {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    text: String,
    /// The number of the first line, from 1.
    first_line: usize,
    /// Where each line begins, once somebody has asked: a file may have many problems.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for Inner {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text && self.first_line == other.first_line
    }
}

impl Eq for Inner {}

impl SourceText {
    /// A text under the name a person knows it by: a path, a URL, `<input>`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::part(name, text, 1)
    }

    /// A part of a larger text, whose first line is the line of this number there.
    pub fn part(name: impl Into<String>, text: impl Into<String>, first_line: usize) -> Self {
        let (name, text) = (name.into(), text.into());
        Self { inner: Arc::new(Inner { name, text, first_line, lines: OnceLock::new() }) }
    }

    /// The number of the first line, from 1.
    pub fn first_line(&self) -> usize {
        self.inner.first_line
    }

    /// The name given at construction.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// Line and column of a byte offset, both from 1; columns count characters. Offsets past the end, or inside
    /// a character, answer for the nearest position before them.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let text = self.text();
        let offset = text.floor_char_boundary(offset);
        let lines = self.inner.lines.get_or_init(|| {
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line - 1).copied().unwrap_or(0);
        (line - 1 + self.first_line(), text[start..offset].chars().count() + 1)
    }

    /// The line that contains `offset`, without its line break.
    pub fn line_at(&self, offset: usize) -> &str {
        let text = self.text();
        let offset = text.floor_char_boundary(offset);
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
        text[start..end].trim_end_matches('\r')
    }
}

impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceText({}, {} bytes)", self.name(), self.text().len())
    }
}

/// A span in a particular text: where a diagnostic points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text pointed into.
    pub source: SourceText,
    /// The bytes meant.
    pub span: Span,
}

impl Place {
    /// Line of the first byte, from 1.
    pub fn line(&self) -> usize {
        self.source.position(self.span.start).0
    }

    /// Column of the first byte in characters, from 1.
    pub fn column(&self) -> usize {
        self.source.position(self.span.start).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = SourceText::new("t", "ab\nhé\r\nz");
        assert_eq!(text.position(0), (1, 1));
        assert_eq!(text.position(3), (2, 1));
        assert_eq!(text.position(5), (2, 2), "inside é answers for its start");
        assert_eq!(text.position(999), (3, 2));
        assert_eq!(text.line_at(4), "hé");
        assert_eq!(SourceText::part("t", "ab\nc", 7).position(3), (8, 1));
    }
}

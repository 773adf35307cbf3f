//! Character positions, which the parser counts, as bytes of the file.

use idp_core::Span;

/// Maps character indices of a document to byte offsets in its file.
#[derive(Debug)]
pub(super) struct Offsets {
    base: usize,
    len: usize,
    /// Byte offset of each character; empty where every character is one byte.
    bytes: Vec<u32>,
}

impl Offsets {
    /// For a document whose text is `body` and which starts at byte `base`.
    pub(super) fn new(body: &str, base: usize) -> Self {
        let bytes = if body.is_ascii() {
            Vec::new()
        } else {
            body.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect()
        };
        Self { base, len: body.len(), bytes }
    }

    pub(super) fn byte(&self, index: usize) -> usize {
        let within = if self.bytes.is_empty() {
            index.min(self.len)
        } else {
            self.bytes.get(index).map_or(self.len, |at| *at as usize)
        };
        self.base + within
    }

    pub(super) fn span(&self, span: saphyr_parser::Span) -> Span {
        Span::new(self.byte(span.start.index()), self.byte(span.end.index()))
    }
}

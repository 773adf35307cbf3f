//! Where each document of a YAML stream begins and ends.
//!
//! A line that starts with `---` or `...` ends a document wherever it stands: YAML forbids such lines inside
//! scalars. Cutting the text there first means that a broken document cannot take its neighbours with it.

use std::ops::Range;

/// One document's place in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Bytes of the file, directives and the `---` line included.
    pub(super) range: Range<usize>,
    /// Whether a `%YAML 1.1` directive applies.
    pub(super) yaml_1_1: bool,
}

/// What has been seen since the last document ended.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Blank lines, comments and directives only.
    Prefix,
    /// Inside a document.
    Body,
}

struct Splitter {
    chunks: Vec<Chunk>,
    state: State,
    start: usize,
    yaml_1_1: bool,
}

impl Splitter {
    /// Closes the document that is open, if one is.
    fn close(&mut self, end: usize) {
        if self.state == State::Body {
            self.chunks.push(Chunk { range: self.start..end, yaml_1_1: self.yaml_1_1 });
            self.yaml_1_1 = false;
            self.start = end;
        }
        self.state = State::Prefix;
    }

    fn line(&mut self, at: usize, line: &str) {
        if is_marker(line, "---") {
            self.close(at);
            self.state = State::Body;
        } else if is_marker(line, "...") {
            self.close(at);
            self.start = at + line.len();
        } else if self.state == State::Prefix {
            self.prefix(line);
        }
    }

    fn prefix(&mut self, line: &str) {
        let text = line.trim();
        if line.starts_with('%') {
            self.yaml_1_1 |= text.strip_prefix("%YAML").is_some_and(|v| v.trim() == "1.1");
        } else if !text.is_empty() && !text.starts_with('#') {
            self.state = State::Body;
        }
    }
}

/// Whether a line is a document marker: at its start, and followed by white space or nothing.
fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace))
}

/// Cuts `text` into documents, blank ones included.
pub(super) fn split(text: &str) -> Vec<Chunk> {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut splitter = Splitter { chunks: Vec::new(), state: State::Prefix, start: bom, yaml_1_1: false };
    let mut at = bom;
    for line in text[bom..].split_inclusive('\n') {
        splitter.line(at, line);
        at += line.len();
    }
    splitter.close(text.len());
    splitter.chunks
}

#[cfg(test)]
mod tests {
    use super::split;

    fn parts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|chunk| &text[chunk.range]).collect()
    }

    #[test]
    fn explicit_empty_documents_count() {
        assert_eq!(parts("---\n---\na: 1\n---\n"), ["---\n", "---\na: 1\n", "---\n"]);
    }

    #[test]
    fn leading_comments_belong_to_the_document_they_precede() {
        assert_eq!(parts("# hello\n---\na: 1\n"), ["# hello\n---\na: 1\n"]);
        assert!(parts("# only a comment\n\n").is_empty());
    }

    #[test]
    fn an_end_marker_needs_content_after_it() {
        assert_eq!(parts("a: 1\n...\n# end\n"), ["a: 1\n"]);
        assert_eq!(parts("a: 1\n...\nb: 2\n"), ["a: 1\n", "b: 2\n"]);
    }

    #[test]
    fn a_directive_applies_to_one_document() {
        let chunks = split("%YAML 1.1\n---\na: yes\n---\nb: yes\n");
        assert_eq!(chunks.iter().map(|c| c.yaml_1_1).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn dashes_that_go_on_are_content() {
        assert_eq!(parts("a: |\n  x\n----\n").len(), 1);
    }
}

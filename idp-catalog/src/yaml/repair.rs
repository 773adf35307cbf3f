//! What the parser refuses and everybody writes: a closing bracket in the column of the key that opened it.
//!
//! ```yaml
//! spec:
//!   tags: [
//!     "java"
//!   ]
//! ```
//!
//! YAML wants the bracket further to the right; the reader that descriptors are written against accepts it.

use saphyr_parser::ScanError;

/// How many brackets of a document may be repaired: each one costs another reading.
pub(super) fn budget(bytes: usize) -> usize {
    const WORK: usize = 16 << 20;
    (WORK / bytes.max(1)).clamp(4, 256)
}

/// The text with the line break before the bracket, and a comment before that, replaced by as many spaces: nothing
/// moves, and within brackets a line break is a space. `None` where the error is another one.
pub(super) fn closing_bracket(body: &str, error: &ScanError) -> Option<String> {
    if error.info() != "invalid indentation" {
        return None;
    }
    let at = body.char_indices().nth(error.marker().index())?.0;
    let before = &body[..at];
    let line_break = before.rfind('\n').filter(|start| before[*start..].trim().is_empty())?;
    if !body[at..].starts_with([']', '}']) {
        return None;
    }
    let line_start = before[..line_break].rfind('\n').map_or(0, |end| end + 1);
    let line = &before[line_start..line_break];
    let from = line_start + comment(line).unwrap_or(line.trim_end_matches('\r').len());
    let spaces = " ".repeat(line_break + 1 - from);
    Some(format!("{}{spaces}{}", &body[..from], &body[line_break + 1..]))
}

/// Where a line's comment starts: at a `#` behind white space and outside quotes.
fn comment(line: &str) -> Option<usize> {
    line.match_indices('#').map(|(at, _)| at).find(|at| {
        let before = &line[..*at];
        let outside = |quote| before.matches(quote).count() % 2 == 0;
        before.chars().next_back().is_none_or(char::is_whitespace) && outside('"') && outside('\'')
    })
}

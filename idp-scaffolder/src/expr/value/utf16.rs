//! Strings by UTF-16 units, as JavaScript counts them. Half of a pair, which Rust cannot hold, becomes U+FFFD.

/// The units of a text.
pub(crate) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The text of units.
pub(crate) fn from_units(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

/// How many units a text has.
pub(crate) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The text between two unit positions; both are brought within the text.
pub(crate) fn slice_units(text: &str, start: usize, end: usize) -> String {
    if text.is_ascii() {
        let end = end.min(text.len());
        return text[start.min(end)..end].to_owned();
    }
    let units = units(text);
    let end = end.min(units.len());
    from_units(&units[start.min(end)..end])
}

//! Text that is not UTF-8, rendered without losing a byte.
//!
//! A byte that is no UTF-8 becomes a character that no text uses, and turns back into the byte afterwards.

use std::borrow::Cow;

/// The first of 256 characters, at the end of the last private plane, that stand for bytes.
const STAND_IN: u32 = 0x10_fe00;

/// The text of a file. None where it uses the stand-ins itself, so that they could not be told apart.
pub(super) fn to_text(content: &[u8]) -> Option<Cow<'_, str>> {
    if let Ok(text) = std::str::from_utf8(content) {
        return Some(Cow::Borrowed(text));
    }
    let mut text = String::with_capacity(content.len());
    for chunk in content.utf8_chunks() {
        if chunk.valid().chars().any(|c| byte_of(c).is_some()) {
            return None;
        }
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(STAND_IN + u32::from(*byte))));
    }
    Some(Cow::Owned(text))
}

/// The bytes of a text made by [`to_text`].
pub(super) fn from_text(text: &str) -> Vec<u8> {
    let mut content = Vec::with_capacity(text.len());
    for c in text.chars() {
        match byte_of(c) {
            Some(byte) => content.push(byte),
            None => content.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    content
}

fn byte_of(c: char) -> Option<u8> {
    u32::from(c).checked_sub(STAND_IN).and_then(|byte| u8::try_from(byte).ok())
}

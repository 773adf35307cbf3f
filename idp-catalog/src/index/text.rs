//! A text that begins as its neighbours do.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A text in two parts, of which the first may be shared with other texts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Text<'t> {
    pub(super) head: &'t str,
    pub(super) tail: &'t str,
}

impl<'t> From<&'t str> for Text<'t> {
    fn from(tail: &'t str) -> Self {
        Self { head: "", tail }
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        other.strip_prefix(self.head).is_some_and(|tail| tail == self.tail)
    }
}

impl<'t> Text<'t> {
    pub(super) fn is_empty(self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// The text as it was written.
    pub(super) fn written(self) -> Cow<'t, str> {
        match self.head {
            "" => Cow::Borrowed(self.tail),
            head => Cow::Owned([head, self.tail].concat()),
        }
    }

    /// The text in lower case.
    pub(super) fn lower(self) -> Cow<'t, str> {
        match self.written() {
            Cow::Borrowed(written) => lower(written),
            Cow::Owned(written) if is_lower(&written) => Cow::Owned(written),
            Cow::Owned(written) => Cow::Owned(lower(&written).into_owned()),
        }
    }

    pub(super) fn is_ascii(self) -> bool {
        self.head.is_ascii() && self.tail.is_ascii()
    }

    pub(super) fn bytes(self) -> impl Iterator<Item = u8> {
        self.head.bytes().chain(self.tail.bytes())
    }

    /// Compares the text as it was written.
    pub(super) fn compare(self, other: Text<'_>) -> Ordering {
        self.bytes().cmp(other.bytes())
    }

    /// Compares the lower case of the text with a text that is in lower case.
    pub(super) fn compare_lower(self, lower: &str) -> Ordering {
        if self.is_ascii() {
            self.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(lower.bytes())
        } else {
            (*self.lower()).cmp(lower)
        }
    }
}

/// A text in lower case.
pub(crate) fn lower(written: &str) -> Cow<'_, str> {
    if is_lower(written) {
        Cow::Borrowed(written)
    } else if written.is_ascii() {
        Cow::Owned(written.to_ascii_lowercase())
    } else {
        Cow::Owned(written.to_lowercase())
    }
}

/// Compares two texts in lower case, which are hardly ever spelt out for it.
pub(super) fn compare_lower(a: &str, b: &str) -> Ordering {
    for (x, y) in a.bytes().zip(b.bytes()) {
        if !x.is_ascii() || !y.is_ascii() {
            return lower(a).cmp(&lower(b));
        }
        let (x, y) = (x.to_ascii_lowercase(), y.to_ascii_lowercase());
        if x != y {
            return x.cmp(&y);
        }
    }
    a.len().cmp(&b.len())
}

/// Whether a text is its own lower case for certain.
pub(super) fn is_lower(written: &str) -> bool {
    // Looks at all of it, which goes in large steps.
    written.is_ascii() && !written.bytes().fold(false, |any, byte| any | byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{0,9}", "[A-Za-z0-9İΣςK -]{0,9}", "[a-c]{0,3}"]
    }

    proptest! {
        #[test]
        fn as_the_whole(written in texts(), other in texts(), cut in 0..9_usize) {
            let (head, tail) = written.split_at(written.floor_char_boundary(cut));
            let (text, want) = (Text { head, tail }, written.to_lowercase());
            prop_assert_eq!(text.written(), &*written);
            prop_assert_eq!(text.lower(), &*want);
            prop_assert_eq!(text.is_empty(), written.is_empty());
            prop_assert!(text == *written);
            prop_assert_eq!(text == *other, written == other);
            prop_assert_eq!(text.compare(Text::from(&*other)), written.cmp(&other));
            prop_assert_eq!(text.compare_lower(&other.to_lowercase()), want.cmp(&other.to_lowercase()));
            prop_assert!(!is_lower(&written) || written == want);
            prop_assert_eq!(compare_lower(&written, &other), want.cmp(&other.to_lowercase()));
            let more = format!("{written}{other}");
            prop_assert_eq!(compare_lower(&written, &more), want.cmp(&more.to_lowercase()));
        }
    }
}

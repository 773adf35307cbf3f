//! Lower case, made where it is needed.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A text in lower case.
pub(super) fn lower(written: &str) -> Cow<'_, str> {
    if is_lower(written) {
        Cow::Borrowed(written)
    } else if written.is_ascii() {
        Cow::Owned(written.to_ascii_lowercase())
    } else {
        Cow::Owned(written.to_lowercase())
    }
}

/// Whether a text is its own lower case for certain.
pub(super) fn is_lower(written: &str) -> bool {
    // Looks at all of it, which goes in large steps.
    written.is_ascii() && !written.bytes().fold(false, |any, byte| any | byte.is_ascii_uppercase())
}

/// Compares the lower case of a text with a text that is in lower case.
pub(super) fn compare(written: &str, lower: &str) -> Ordering {
    if written.is_ascii() {
        written.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(lower.bytes())
    } else {
        (*written.to_lowercase()).cmp(lower)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_the_standard_library_has_it(written in "\\PC{0,9}|[A-Za-z0-9İΣςK -]{0,9}", other in "\\PC{0,9}|[a-z]{0,2}") {
            let (want, other) = (written.to_lowercase(), other.to_lowercase());
            prop_assert_eq!(lower(&written), want.clone());
            prop_assert_eq!(compare(&written, &other), want.cmp(&other));
            prop_assert!(!is_lower(&written) || written == want);
        }
    }
}

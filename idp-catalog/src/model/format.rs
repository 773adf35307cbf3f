//! What the well-known fields may contain.

use url::Url;

/// Longest name, namespace, kind, tag or label value.
const MAX_NAME: usize = 63;
/// Longest DNS subdomain.
const MAX_SUBDOMAIN: usize = 253;

/// A rule for the text of one field, and the words that explain it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    pub(super) accepts: fn(&str) -> bool,
    /// Completes the sentence "expected …".
    pub(super) expected: &'static str,
}

pub(super) const API_VERSION: Format = Format {
    accepts: |text| {
        with_prefix(text, |suffix| sized(suffix) && suffix.bytes().all(|b| b.is_ascii_alphanumeric()))
    },
    expected: "an optional domain and `/`, then letters and digits, as in `backstage.io/v1alpha1`",
};
pub(super) const KIND: Format = Format {
    accepts: |text| {
        sized(text)
            && text.as_bytes()[0].is_ascii_alphabetic()
            && text.bytes().all(|b| b.is_ascii_alphanumeric())
    },
    expected: "a letter followed by letters and digits, at most 63 characters",
};
pub(super) const NAME: Format = Format {
    accepts: is_object_name,
    expected: "letters and digits with `-`, `_` or `.` between them, at most 63 characters",
};
pub(super) const NAMESPACE: Format = Format {
    accepts: is_dns_label,
    expected: "lower-case letters and digits with `-` between them, at most 63 characters",
};
pub(super) const QUALIFIED_KEY: Format = Format {
    accepts: |text| with_prefix(text, is_object_name),
    expected: "an optional lower-case domain and one `/`, then letters and digits with `-`, `_` or `.` between them",
};
pub(super) const LABEL_VALUE: Format = Format {
    accepts: |text| text.is_empty() || is_object_name(text),
    expected: "nothing, or letters and digits with `-`, `_` or `.` between them, at most 63 characters",
};
pub(super) const TAG: Format = Format {
    accepts: is_tag,
    expected: "lower-case letters, digits, `:`, `+` or `#` with single `-` between them, at most 63 characters",
};
pub(super) const URL: Format = Format {
    accepts: |text| Url::parse(text).is_ok(),
    expected: "a full URL, as in `https://example.com/docs`",
};
pub(super) const NOT_BLANK: Format =
    Format { accepts: |text| !text.trim().is_empty(), expected: "a text that is not blank" };

/// One to 63 bytes. Every rule that uses it allows ASCII only, so bytes are UTF-16 units too.
fn sized(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
}

/// `[prefix/]suffix` with a DNS subdomain as prefix and at most one `/`.
fn with_prefix(text: &str, suffix_ok: impl Fn(&str) -> bool) -> bool {
    match text.split_once('/') {
        None => suffix_ok(text),
        Some((prefix, suffix)) => is_subdomain(prefix) && suffix_ok(suffix),
    }
}

fn is_subdomain(text: &str) -> bool {
    (1..=MAX_SUBDOMAIN).contains(&text.len()) && text.split('.').all(is_dns_label)
}

fn is_dns_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    sized(text) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_object_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let edge = |c: char| c.is_ascii_alphanumeric();
    sized(text) && text.bytes().all(inner) && text.starts_with(edge) && text.ends_with(edge)
}

fn is_tag(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b':' | b'+' | b'#');
    sized(text) && text.split('-').all(|part| !part.is_empty() && part.bytes().all(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(format: Format, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!((format.accepts)(text), "{text} is {}", format.expected);
        }
        for text in bad {
            assert!(!(format.accepts)(text), "{text} is not {}", format.expected);
        }
    }

    #[test]
    fn names() {
        let longest = "a".repeat(63);
        let too_long = "a".repeat(64);
        table(
            NAME,
            &["a--b", "a..b", "a_b", "1", &longest],
            &["-a", "a-", ".a", "a.", "a b", "ä", "a\n", &too_long, ""],
        );
        table(NAMESPACE, &["a--b", "1"], &["A", "a_b", "a.b", "", "-a", "a-"]);
        table(KIND, &["a", "A1"], &["1a", "A-b", "A_b", ""]);
        table(
            API_VERSION,
            &["v1", "my.co/V1"],
            &["backstage.io/v1-alpha", "A/b", "my_co/v1", "a/b/c", "a/", "/a"],
        );
    }

    #[test]
    fn keys_and_values() {
        let part = format!("{}/x", "a".repeat(63));
        let long_part = format!("{}/x", "a".repeat(64));
        let long = format!("{}/x", vec!["a".repeat(50); 6].join("."));
        table(
            QUALIFIED_KEY,
            &["a/B", "a.b/c", &part],
            &["A/b", "a_b/c", "a/b/c", "/a", "a/", "", &long_part, &long],
        );
        table(LABEL_VALUE, &["", "a"], &["-a", "a b", "a/b"]);
        table(TAG, &["c++", "c#", "a:b", ":", "+", "1", "a-b"], &["A", "a--b", "a.b", "a_b", "-a", ""]);
    }

    #[test]
    fn urls() {
        table(
            URL,
            &["mailto:a@b", "x:", "  http://a ", "javascript:1"],
            &["abc", "//x", "http://", "http://a b"],
        );
    }
}

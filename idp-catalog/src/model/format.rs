//! What the well-known fields may contain.

use url::Url;

/// Longest name, namespace, kind, tag or label value.
const MAX_NAME: usize = 63;
/// Longest DNS subdomain.
const MAX_SUBDOMAIN: usize = 253;
/// How labels begin that stand for other letters.
const PUNYCODE: &[u8] = b"xn--";

/// A rule for the text of one field, and the words that explain it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    pub(super) accepts: fn(&str) -> bool,
    /// Completes the sentence "expected …".
    pub(super) expected: &'static str,
}

impl Format {
    /// Whether a field may have a text. An empty one is a matter of its shape; here it would be a second problem about the
    /// same thing.
    pub(super) fn allows(&self, text: &str) -> bool {
        text.is_empty() || (self.accepts)(text)
    }
}

pub(super) const API_VERSION: Format = Format {
    accepts: |text| with_prefix(text, |suffix| sized(suffix) && suffix.iter().all(u8::is_ascii_alphanumeric)),
    expected: "an optional domain and `/`, then letters and digits, as in `backstage.io/v1alpha1`",
};
pub(super) const KIND: Format = Format {
    accepts: |text| {
        let bytes = text.as_bytes();
        sized(bytes) && bytes[0].is_ascii_alphabetic() && bytes.iter().all(u8::is_ascii_alphanumeric)
    },
    expected: "a letter followed by letters and digits, at most 63 characters",
};
pub(super) const NAME: Format = Format {
    accepts: |text| is_object_name(text.as_bytes()),
    expected: "letters and digits with `-`, `_` or `.` between them, at most 63 characters",
};
pub(super) const NAMESPACE: Format = Format {
    accepts: |text| is_dns_label(text.as_bytes()),
    expected: "lower-case letters and digits with `-` between them, at most 63 characters",
};
pub(super) const QUALIFIED_KEY: Format = Format {
    accepts: |text| with_prefix(text, is_object_name),
    expected: "an optional lower-case domain and one `/`, then letters and digits with `-`, `_` or `.` between them",
};
pub(super) const LABEL_VALUE: Format = Format {
    accepts: |text| text.is_empty() || is_object_name(text.as_bytes()),
    expected: "nothing, or letters and digits with `-`, `_` or `.` between them, at most 63 characters",
};
pub(super) const TAG: Format = Format {
    accepts: is_tag,
    expected: "lower-case letters, digits, `:`, `+` or `#` with single `-` between them, at most 63 characters",
};
pub(super) const URL: Format = Format {
    accepts: |text| is_plain_url(text) || Url::parse(text).is_ok(),
    expected: "a full URL, as in `https://example.com/docs`",
};
pub(super) const NOT_BLANK: Format =
    Format { accepts: |text| !text.trim().is_empty(), expected: "a text that is not blank" };

/// One to 63 bytes. Every rule that uses it allows ASCII only, so bytes are UTF-16 units too.
fn sized(text: &[u8]) -> bool {
    (1..=MAX_NAME).contains(&text.len())
}

/// `[prefix/]suffix` with a DNS subdomain as prefix and at most one `/`.
fn with_prefix(text: &str, suffix_ok: impl Fn(&[u8]) -> bool) -> bool {
    let text = text.as_bytes();
    match memchr::memchr(b'/', text) {
        None => suffix_ok(text),
        Some(slash) => is_subdomain(&text[..slash]) && suffix_ok(&text[slash + 1..]),
    }
}

fn is_subdomain(text: &[u8]) -> bool {
    text.len() <= MAX_SUBDOMAIN && dns_labels(text).is_some()
}

fn is_dns_label(text: &[u8]) -> bool {
    dns_labels(text) == Some(1)
}

/// Of how many labels with dots between them a text consists, if it does.
fn dns_labels(text: &[u8]) -> Option<usize> {
    let mut labels = text.split(|byte| *byte == b'.');
    labels.try_fold(0, |count, label| is_label(label).then_some(count + 1))
}

fn is_label(text: &[u8]) -> bool {
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    is_named(text, inner, |b| *b != b'-')
}

fn is_object_name(text: &[u8]) -> bool {
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    is_named(text, inner, u8::is_ascii_alphanumeric)
}

/// Whether a text is a name of these bytes that begins and ends with such ones.
fn is_named(text: &[u8], inner: impl Fn(&u8) -> bool, edge: impl Fn(&u8) -> bool) -> bool {
    sized(text) && text.iter().all(inner) && text.first().is_some_and(&edge) && text.last().is_some_and(&edge)
}

fn is_tag(text: &str) -> bool {
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b':' | b'+' | b'#');
    let mut parts = text.as_bytes().split(|b| *b == b'-');
    sized(text.as_bytes()) && parts.all(|part| !part.is_empty() && part.iter().all(inner))
}

/// Whether a text is a URL beyond doubt, as nearly all are that somebody writes: `https` or `http`, a domain that is no
/// number and in letters that stand for themselves, and whatever may follow. To parse it takes twenty times as long.
fn is_plain_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let end = rest.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let domain = &rest.as_bytes()[..end];
    let last = domain.iter().rposition(|b| *b == b'.').map_or(0, |dot| dot + 1);
    is_subdomain(domain)
        && domain.get(last).is_some_and(u8::is_ascii_lowercase)
        && !domain.windows(PUNYCODE.len()).any(|part| part == PUNYCODE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn what_is_plainly_a_url_is_one(
            text in "https?://([a-z0-9-]{1,4}|xn--[a-z]{0,3}|0x[0-9a-f]){0,2}\\.?[a-z0-9-]{0,3}([/?#:@][\\PC \\\\%:@\\[\t\n]{0,9})?",
        ) {
            prop_assert!(!is_plain_url(&text) || Url::parse(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn what_nearly_all_write_is_plainly_a_url() {
        for text in ["https://example.com", "http://a", "https://a-b.example.co/x?y#z", "https://x/ä b"] {
            assert!(is_plain_url(text), "{text}");
        }
        for text in ["https://", "https://1.2", "https://a:b/", "https://u@x", "ftp://a", "https://xn--a.b"] {
            assert!(!is_plain_url(text), "{text}");
        }
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

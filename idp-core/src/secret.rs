//! Values that must not be seen.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

/// A value that cannot be printed or serialised. There is no `Display` and no `Serialize`; `Debug` shows nothing;
/// the memory is wiped when the last handle goes.
///
/// ```
/// let token = idp_core::Secret::new("s3cr3t");
/// assert_eq!(format!("{token:?}"), "Secret(***)");
/// assert_eq!(token.expose(), "s3cr3t");
/// ```
///
/// ```compile_fail
/// println!("{}", idp_core::Secret::new("s3cr3t"));
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes a value into custody.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(value.into())))
    }

    /// The value, for the one place that needs it. Every call is a line to review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Takes secrets out of text before it reaches a plan, journal, event, log or error.
///
/// Finds each secret as it is, and in the forms it takes on the way: JSON-escaped, URL-encoded, base64 in its four
/// dialects (at any alignment within a longer text), and each long line of a secret of several lines.
/// Secrets shorter than two characters, once trimmed, are not looked for: they would blank out half the alphabet.
///
/// ```
/// use idp_core::{Redactor, Secret};
/// let redactor = Redactor::new([Secret::new("hunter2")]);
/// assert_eq!(redactor.text("login with hunter2 or aHVudGVyMg=="), "login with *** or ***");
/// ```
#[derive(Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a form never leaves the tail of a longer one behind.
    needles: Arc<[Zeroizing<String>]>,
}

/// What stands where a secret stood.
const MASK: &str = "***";
/// A line of a longer secret is looked for by itself from this length on.
const LINE_MIN: usize = 8;

impl Redactor {
    /// A redactor for these secrets.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut needles = Vec::new();
        for secret in secrets {
            let whole = secret.expose().trim();
            push_forms(whole, &mut needles);
            if whole.contains('\n') {
                whole
                    .lines()
                    .map(str::trim)
                    .filter(|it| it.len() >= LINE_MIN)
                    .for_each(|it| push_forms(it, &mut needles));
            }
        }
        needles.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Self { needles: needles.into_iter().map(Zeroizing::new).collect() }
    }

    /// The text with every secret masked.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Cow::Borrowed(text);
        for needle in self.needles.iter().filter(|it| !it.is_empty()) {
            if out.contains(needle.as_str()) {
                out = Cow::Owned(out.replace(needle.as_str(), MASK));
            }
        }
        out
    }

    /// The JSON value with every secret masked, in keys too.
    pub fn json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text).into_owned()),
            Value::Array(items) => items.iter().map(|it| self.json(it)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, it)| (self.text(key).into_owned(), self.json(it))).collect()
            }
            scalar => {
                let text = scalar.to_string();
                if self.finds(&text) { Value::String(self.text(&text).into_owned()) } else { scalar.clone() }
            }
        }
    }

    /// Whether the text holds a secret.
    pub fn finds(&self, text: &str) -> bool {
        self.needles.iter().any(|it| text.contains(it.as_str()))
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} forms)", self.needles.len())
    }
}

fn push_forms(secret: &str, needles: &mut Vec<String>) {
    if secret.chars().count() < 2 {
        return;
    }
    needles.push(secret.to_owned());
    let json = Value::from(secret).to_string();
    needles.push(json[1..json.len() - 1].to_owned());
    needles.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    needles.push(
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>().replace('+', "%20"),
    );
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        needles.push(engine.encode(secret));
    }
    push_base64_within(secret.as_bytes(), needles);
}

/// The characters that a secret has in base64 when it stands inside a longer text (`user:secret`): those that
/// depend on the secret's own bytes alone, at each of the three alignments.
fn push_base64_within(secret: &[u8], needles: &mut Vec<String>) {
    const SHORTEST: usize = 8;
    for lead in 0..3 {
        let mut padded = vec![0; lead];
        padded.extend_from_slice(secret);
        let first = (lead * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let form = engine.encode(&padded);
            if last.saturating_sub(first) >= SHORTEST {
                needles.push(form[first..last].to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn masks_keys_and_numbers() {
        let redactor = Redactor::new([Secret::new("424242")]);
        let masked = redactor.json(&serde_json::json!({"a-424242": 424242, "b": [1, "x424242"]}));
        assert_eq!(masked, serde_json::json!({"a-***": "***", "b": [1, "x***"]}));
    }

    #[test]
    fn masks_each_line_of_a_key() {
        let redactor = Redactor::new([Secret::new("-----BEGIN KEY-----\nAAAABBBBCCCC\n-----END KEY-----")]);
        assert_eq!(redactor.text("got AAAABBBBCCCC"), "got ***");
    }

    proptest! {
        #[test]
        fn no_form_survives(secret in "[!-~]{6,24}", before in "[a-z:]{0,5}", after in "[a-z]{0,5}") {
            let redactor = Redactor::new([Secret::new(secret.clone())]);
            for text in [
                format!("{before}{secret}{after}"),
                serde_json::json!({"k": format!("{before}{secret}{after}")}).to_string(),
            ] {
                prop_assert!(!redactor.text(&text).contains(&secret));
            }
            let basic = STANDARD.encode(format!("{before}{secret}"));
            if secret.len() >= 8 {
                prop_assert_ne!(redactor.text(&basic), basic.as_str());
            }
        }
    }
}

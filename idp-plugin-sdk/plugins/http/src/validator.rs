//! What an answer is known by: its entity tag, else its date.

use idp_plugin_sdk::Validator;
use jiff::SignedDuration;
use jiff::fmt::rfc2822;
use reqwest::header::{
    DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};

const TAG: &str = "etag:";
const DATED: &str = "date:";

/// The validator of an answer.
///
/// A date counts only where it is well before the answer: within its second the content may change once more
/// (RFC 9110 §8.8.2.2).
pub(crate) fn of(headers: &HeaderMap) -> Option<Validator> {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    if let Some(tag) = text(ETAG).filter(|it| is_tag(it)) {
        return Some(Validator::new(format!("{TAG}{tag}")));
    }
    let (modified, answered) = (text(LAST_MODIFIED)?, text(DATE)?);
    let parse = |text: &str| rfc2822::parse(text).ok().map(|it| it.timestamp());
    let age = parse(answered)?.duration_since(parse(modified)?);
    (age >= SignedDuration::from_secs(2)).then(|| Validator::new(format!("{DATED}{modified}")))
}

/// The header that asks for an answer only where it is another one. None for what this fetcher never handed out.
pub(crate) fn condition(known: &Validator) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = match known.as_str().strip_prefix(TAG) {
        Some(tag) => (IF_NONE_MATCH, Some(tag).filter(|it| is_tag(it))?),
        None => (IF_MODIFIED_SINCE, known.as_str().strip_prefix(DATED)?),
    };
    Some((name, HeaderValue::from_str(value).ok()?))
}

/// `"…"` or `W/"…"`, and not the `*` that stands for anything.
fn is_tag(text: &str) -> bool {
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    quoted.len() >= 2
        && quoted.starts_with('"')
        && quoted.ends_with('"')
        && !quoted[1..].trim_end_matches('"').contains('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validator(headers: &[(HeaderName, &str)]) -> Option<String> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect();
        of(&headers).map(|it| it.as_str().to_owned())
    }

    #[test]
    fn a_tag_is_better_than_a_date_and_a_fresh_date_is_nothing() {
        let (old, now) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:39 GMT");
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(validator(&[(ETAG, "W/\"a\""), (LAST_MODIFIED, old), (DATE, now)]), some("etag:W/\"a\""));
        assert_eq!(validator(&[(LAST_MODIFIED, old), (DATE, now)]), some(&format!("date:{old}")));
        assert_eq!(validator(&[(LAST_MODIFIED, now), (DATE, now)]), None);
        assert_eq!(validator(&[(LAST_MODIFIED, old)]), None);
        assert_eq!(validator(&[(ETAG, "*")]), None);
    }

    #[test]
    fn only_what_was_handed_out_becomes_a_condition() {
        for foreign in ["", "*", "etag:*", "etag:\"a\", \"b\"", "etag:\"a\r\nx: y\"", "date:\n"] {
            assert_eq!(condition(&Validator::new(foreign)), None, "{foreign:?}");
        }
        assert!(condition(&Validator::new("etag:\"a\"")).is_some());
    }
}

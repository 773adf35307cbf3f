//! What a server's answer means.

use std::time::Duration;

use idp_plugin_sdk::{Error, ErrorKind, Result, Retry, Url};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};

/// What to do with an answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What the caller knows is still there.
    Unchanged,
    /// The bytes follow.
    Content(Response),
    /// Ask there instead.
    Elsewhere(Url),
}

/// Reads status and headers of an answer. `now` is the host's time.
pub(crate) fn read(response: Response, asked: &Url, now: Timestamp) -> Result<Answer> {
    let status = response.status();
    match status {
        StatusCode::NOT_MODIFIED => Ok(Answer::Unchanged),
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => Ok(Answer::Content(response)),
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => elsewhere(response.headers(), asked).map(Answer::Elsewhere),
        _ => Err(refusal(status, response.headers(), now).with("url", shown(asked))),
    }
}

/// A URL as a message may hold it: without what often carries a token.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.query().is_some() {
        url.set_query(Some("…"));
    }
    url.set_fragment(None);
    url.into()
}

fn elsewhere(headers: &HeaderMap, asked: &Url) -> Result<Url> {
    let location = headers.get(LOCATION).and_then(|it| it.to_str().ok());
    let target = location.and_then(|it| asked.join(it).ok());
    target.ok_or_else(|| {
        Error::new(ErrorKind::Unavailable, "the server redirects to nowhere").with("url", shown(asked))
    })
}

fn refusal(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Error {
    let exhausted = headers.get("x-ratelimit-remaining").is_some_and(|it| it == "0");
    let waits = headers.contains_key(RETRY_AFTER);
    let (kind, message) = match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => (ErrorKind::NotFound, "nothing there"),
        StatusCode::TOO_MANY_REQUESTS => (ErrorKind::RateLimited, "too many requests"),
        StatusCode::FORBIDDEN if exhausted || waits => (ErrorKind::RateLimited, "too many requests"),
        StatusCode::UNAUTHORIZED => (ErrorKind::Unauthenticated, "the server wants to know who is asking"),
        StatusCode::FORBIDDEN => (ErrorKind::PermissionDenied, "the server refuses"),
        StatusCode::REQUEST_TIMEOUT => (ErrorKind::Unavailable, "the server did not wait"),
        _ if status.is_client_error() => (ErrorKind::InvalidInput, "the server does not accept the request"),
        _ => (ErrorKind::Unavailable, "the server does not answer as it should"),
    };
    let error = Error::new(kind, message).with("status", status.as_u16());
    match retry_after(headers, now) {
        Some(wait) if error.is_retryable() => error.retry(Retry::After(wait)),
        _ => error,
    }
}

/// `Retry-After`: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

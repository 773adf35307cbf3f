//! Clauses on what does not come.

use std::time::Duration;

use idp_core::{Error, ErrorKind, FetchRequest, Fetched};
use url::Url;

use super::subject::{FetcherSubject, fetch, request, tree};
use crate::testkit::run::ensure;
use crate::testkit::{Outcome, Verdict, within};

/// How long a call may take that is to end soon.
const SOON: Duration = Duration::from_secs(30);

async fn refused<S: FetcherSubject>(
    subject: &S,
    request: &FetchRequest,
    kinds: &[ErrorKind],
    what: &str,
) -> Result<(), String> {
    let told = |answer: &Result<Fetched, Error>| match answer {
        Ok(_) => "content".to_owned(),
        Err(error) => format!("{:?}: {}", error.kind(), error.chain()),
    };
    let cx = subject.context();
    let call = subject.fetcher().fetch(&cx, request);
    let answer = within(SOON, call).await.ok_or_else(|| format!("{what}: no answer"))?;
    let as_expected = answer.as_ref().is_err_and(|error| kinds.contains(&error.kind()));
    ensure(as_expected, format!("{what}: {}", told(&answer)))
}

/// It handles the URLs of its place, and refuses to fetch what it does not handle.
pub async fn answers_only_what_it_handles<S: FetcherSubject>(subject: &S) -> Verdict {
    let fetcher = subject.fetcher();
    ensure(fetcher.handles(&subject.url("a")), "it does not handle a URL of its place")?;
    let foreign = Url::parse("idp-nobody://nowhere/a").map_err(|error| error.to_string())?;
    ensure(!fetcher.handles(&foreign), "it handles any URL")?;
    refused(subject, &FetchRequest::new(foreign), &[ErrorKind::Unsupported], "a foreign URL").await?;
    Ok(Outcome::Holds)
}

/// Nothing there is not found.
pub async fn nothing_there_is_not_found<S: FetcherSubject>(subject: &S) -> Verdict {
    subject.put(&tree(&[("a/file", b"1")])?).await;
    for path in ["b", "a/nothing", "a/file/below", "a/b/c"] {
        refused(subject, &request(subject, path), &[ErrorKind::NotFound], path).await?;
    }
    Ok(Outcome::Holds)
}

/// A server that does not answer is not one that says "nothing here".
pub async fn unreachable_is_not_gone<S: FetcherSubject>(subject: &S) -> Verdict {
    let Some(url) = subject.unreachable() else { return Ok(Outcome::NotOffered("a server")) };
    let kinds = [ErrorKind::Unavailable, ErrorKind::Timeout];
    refused(subject, &FetchRequest::new(url), &kinds, "a server that does not answer").await?;
    Ok(Outcome::Holds)
}

/// More than the limits allow is refused, for a file and for a folder.
pub async fn limits_are_kept<S: FetcherSubject>(subject: &S) -> Verdict {
    subject.put(&tree(&[("a/x", b"1234"), ("a/y", b"5678"), ("a/z", b"9")])?).await;
    let exceeded = &[ErrorKind::LimitExceeded];
    let mut file = request(subject, "a/x");
    file.limits.bytes = 3;
    refused(subject, &file, exceeded, "a file that is too large").await?;
    file.limits.bytes = 4;
    fetch(subject, &file).await?;
    if subject.reads_folders() {
        let mut folder = request(subject, "a");
        folder.limits.bytes = 8;
        refused(subject, &folder, exceeded, "a folder with too many bytes").await?;
        let mut folder = request(subject, "a");
        folder.limits.nodes = 2;
        refused(subject, &folder, exceeded, "a folder with too many files").await?;
    }
    Ok(Outcome::Holds)
}

/// A raised flag ends the call, with the word for it.
pub async fn cancelled_call_ends<S: FetcherSubject>(subject: &S) -> Verdict {
    subject.put(&tree(&[("a/x", b"1")])?).await;
    let cx = subject.context();
    cx.cancel.cancel();
    let request = request(subject, "a/x");
    let call = within(SOON, subject.fetcher().fetch(&cx, &request)).await.ok_or("no answer")?;
    let cancelled = call.is_err_and(|error| error.kind() == ErrorKind::Cancelled);
    ensure(cancelled, "a raised flag is not heard").map(|()| Outcome::Holds)
}

/// Reading changes nothing, whatever comes of it.
pub async fn fetching_changes_nothing<S: FetcherSubject>(subject: &S) -> Verdict {
    subject.put(&tree(&[("a/x", b"1")])?).await;
    let before = subject.fingerprint().await;
    let cx = subject.context();
    for path in ["a/x", "a", "nothing"] {
        drop(subject.fetcher().fetch(&cx, &request(subject, path)).await);
    }
    ensure(before == subject.fingerprint().await, "something has changed").map(|()| Outcome::Holds)
}

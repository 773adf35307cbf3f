//! Clauses on conditional requests.

use idp_core::{ErrorKind, Fetched, Validator};

use super::subject::{FetcherSubject, bytes, fetch, request, tree};
use crate::testkit::run::ensure;
use crate::testkit::{Outcome, Verdict};

const NO_VALIDATORS: Outcome = Outcome::NotOffered("validators");

/// Puts a file, and answers with what its state is known by.
async fn known<S: FetcherSubject>(subject: &S) -> Result<Option<Validator>, String> {
    subject.put(&tree(&[("a/x", b"first")])?).await;
    Ok(fetch(subject, &request(subject, "a/x")).await?.validator().cloned())
}

/// Who has what is there already is told so.
pub async fn known_validator_is_unchanged<S: FetcherSubject>(subject: &S) -> Verdict {
    let Some(known) = known(subject).await? else { return Ok(NO_VALIDATORS) };
    for _ in 0..2 {
        let again = fetch(subject, &request(subject, "a/x").known(Some(known.clone()))).await?;
        ensure(again == Fetched::Unchanged, format!("it is as it was, and {again:?} comes"))?;
    }
    Ok(Outcome::Holds)
}

/// What changed comes, with a validator of its own, though it is as long as before.
pub async fn changed_content_is_told<S: FetcherSubject>(subject: &S) -> Verdict {
    let Some(first) = known(subject).await? else { return Ok(NO_VALIDATORS) };
    subject.put(&tree(&[("a/x", b"other")])?).await;
    let fetched = fetch(subject, &request(subject, "a/x").known(Some(first.clone()))).await?;
    ensure(bytes(&fetched)?.1 == b"other", "the old content comes")?;
    ensure(fetched.validator() != Some(&first), "two contents have one validator").map(|()| Outcome::Holds)
}

/// Only a validator that was handed out for what is there counts.
pub async fn foreign_validator_gives_content<S: FetcherSubject>(subject: &S) -> Verdict {
    known(subject).await?;
    for foreign in ["never handed out", "", "*", "\"*\"", "main", "x\r\ny: z"] {
        let known = Some(Validator::new(foreign));
        let fetched = fetch(subject, &request(subject, "a/x").known(known)).await?;
        ensure(bytes(&fetched)?.1 == b"first", format!("{foreign:?} counts as known"))?;
    }
    Ok(Outcome::Holds)
}

/// What is gone is not found, also by who had it.
pub async fn what_is_gone_is_not_unchanged<S: FetcherSubject>(subject: &S) -> Verdict {
    let known = known(subject).await?;
    subject.put(&tree(&[("a/y", b"1")])?).await;
    let request = request(subject, "a/x").known(known);
    let answer = subject.fetcher().fetch(&subject.context(), &request).await;
    let gone = answer.is_err_and(|error| error.kind() == ErrorKind::NotFound);
    ensure(gone, "what is gone is said to be there").map(|()| Outcome::Holds)
}

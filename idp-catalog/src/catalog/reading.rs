//! Everything a source has, page by page.

use std::collections::HashSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use idp_core::{Completeness, Cursor, Diagnostic, Document, Error, ErrorKind, Page, Source, SourceContext};

use crate::follow::Followed;

/// Pages a source may have: one that never ends must not hold the catalog for ever.
const MAX_PAGES: usize = 100_000;

/// What one pass over a source gave.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) problems: Vec<Diagnostic>,
    pub(super) completeness: Completeness,
    /// Why it ended early.
    pub(super) failure: Option<Error>,
}

impl Reading {
    /// Takes in what following the documents gave.
    pub(super) fn add(&mut self, followed: Followed) {
        self.problems.extend(followed.problems);
        if followed.partial || followed.failure.is_some() {
            self.completeness = Completeness::Partial;
        }
        self.failure = self.failure.take().or(followed.failure);
    }
}

/// Where the documents of a page go, with something that is to be done meanwhile, in any case, and on the caller's thread.
type Take<'t> = dyn FnMut(Vec<Document>, &mut dyn FnMut()) + Send + 't;

/// Reads all pages, and hands on the documents of each. A failure ends the reading and makes it partial; what was read
/// before it counts.
pub(super) async fn read(source: &dyn Source, cx: &SourceContext, take: &mut Take<'_>) -> Reading {
    let mut reading = Reading { problems: Vec::new(), completeness: Completeness::Complete, failure: None };
    if let Err(error) = pages(source, cx, &mut reading, take).await {
        reading.completeness = Completeness::Partial;
        reading.failure = Some(error);
    }
    reading
}

async fn pages(
    source: &dyn Source,
    cx: &SourceContext,
    reading: &mut Reading,
    take: &mut Take<'_>,
) -> Result<(), Error> {
    let mut seen: HashSet<String> = HashSet::new();
    cx.cancel.check()?;
    let mut page = source.page(cx, None).await?;
    loop {
        reading.problems.extend(page.problems);
        if page.completeness == Completeness::Partial {
            reading.completeness = Completeness::Partial;
        }
        let next = page.next.map(|next| goes_on(next, &mut seen, cx)).transpose();
        let Ok(Some(cursor)) = next else {
            take(page.documents, &mut || ());
            return next.map(drop);
        };
        page = meanwhile(source.page(cx, Some(&cursor)), page.documents, take).await?;
    }
}

/// The cursor of the next page, if it is to be asked for.
fn goes_on(next: Cursor, seen: &mut HashSet<String>, cx: &SourceContext) -> Result<Cursor, Error> {
    if seen.len() >= MAX_PAGES || !seen.insert(next.0.clone()) {
        return Err(Error::new(ErrorKind::LimitExceeded, "the source's pages do not end"));
    }
    cx.cancel.check().map(|()| next)
}

/// Hands on documents while the next page is asked for: reading a file takes this thread, and waiting for a server none.
async fn meanwhile(
    mut asked: impl Future<Output = Result<Page, Error>> + Unpin,
    documents: Vec<Document>,
    take: &mut Take<'_>,
) -> Result<Page, Error> {
    let mut documents = Some(documents);
    poll_fn(|task| {
        let mut answer = Poll::Pending;
        let mut ask = || answer = Pin::new(&mut asked).poll(task);
        match documents.take() {
            Some(documents) => take(documents, &mut ask),
            None => ask(),
        }
        answer
    })
    .await
}

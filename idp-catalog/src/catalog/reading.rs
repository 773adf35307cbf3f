//! Everything a source has, page by page.

use std::collections::HashSet;

use idp_core::{Completeness, Cursor, Diagnostic, Document, Error, ErrorKind, Source, SourceContext};

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

/// Where the documents of a page go.
type Take<'t> = dyn FnMut(Vec<Document>) + Send + 't;

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
    let mut cursor: Option<Cursor> = None;
    loop {
        cx.cancel.check()?;
        let page = source.page(cx, cursor.as_ref()).await?;
        take(page.documents);
        reading.problems.extend(page.problems);
        if page.completeness == Completeness::Partial {
            reading.completeness = Completeness::Partial;
        }
        let Some(next) = page.next else { return Ok(()) };
        if seen.len() >= MAX_PAGES || !seen.insert(next.0.clone()) {
            return Err(Error::new(ErrorKind::LimitExceeded, "the source's pages do not end"));
        }
        cursor = Some(next);
    }
}

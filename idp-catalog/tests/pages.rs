//! The next page of a source is asked for while one is judged.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use common::script::{empty, resource};
use idp_catalog::{IngestOptions, IngestProgress};
use idp_core::{
    Completeness, Cursor, Document, Error, ErrorKind, Page, Result, Source, SourceContext, SourceInfo,
};

/// Has three pages, and keeps a diary of what it is asked.
#[derive(Debug)]
struct Paged {
    diary: Arc<Mutex<Vec<String>>>,
    /// Whether it lets others go first before it answers.
    is_late: bool,
    /// The page where something else happens.
    at: usize,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Nothing,
    Fails,
    IsCancelled,
    SaysItsCursorAgain,
}

#[async_trait]
impl Source for Paged {
    fn info(&self) -> SourceInfo {
        SourceInfo::new("pages", "three pages")
    }

    async fn page(&self, cx: &SourceContext, cursor: Option<&Cursor>) -> Result<Page> {
        let number = cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
        self.diary.lock().unwrap().push(format!("asked for {number}"));
        if self.is_late {
            tokio::task::yield_now().await;
        }
        let what = if number == self.at { self.what } else { What::Nothing };
        let mut page = Page::complete(vec![Document::text("f", resource(&format!("r{number}"), "x"))]);
        page.next = (number < 2).then(|| Cursor((number + 1).to_string()));
        match what {
            What::Nothing => {}
            What::Fails => return Err(Error::new(ErrorKind::Unavailable, "the server is down")),
            What::IsCancelled => cx.cancel.cancel(),
            What::SaysItsCursorAgain => page.next = Some(Cursor(number.to_string())),
        }
        Ok(page)
    }
}

/// What is read of pages, the failure, and the diary.
async fn read(what: What, at: usize, is_late: bool) -> (usize, Option<ErrorKind>, Vec<String>) {
    let diary = Arc::new(Mutex::new(Vec::new()));
    let (source, told) = (Paged { diary: diary.clone(), is_late, at, what }, diary.clone());
    let options = IngestOptions::default().on_progress(move |progress| {
        if let IngestProgress::Read { documents } = progress {
            told.lock().unwrap().push(format!("judged {documents}"));
        }
    });
    let catalog = empty().await;
    let report = catalog.ingest_with(&source, &options).await.unwrap();
    assert_eq!(report.failure.is_some(), report.completeness == Completeness::Partial);
    let diary = std::mem::take(&mut *diary.lock().unwrap());
    (catalog.snapshot().len(), report.failure.map(|failure| failure.kind()), diary)
}

#[tokio::test]
async fn the_next_page_is_asked_for_before_one_is_judged() {
    for is_late in [false, true] {
        let (count, failure, diary) = read(What::Nothing, 0, is_late).await;
        let want = ["asked for 0", "asked for 1", "judged 1", "asked for 2", "judged 2", "judged 3"];
        assert_eq!((count, failure), (3, None));
        assert_eq!(diary, want);
    }
}

#[tokio::test]
async fn what_was_read_before_the_end_counts() {
    for is_late in [false, true] {
        for (what, failure) in [
            (What::Fails, ErrorKind::Unavailable),
            (What::IsCancelled, ErrorKind::Cancelled),
            (What::SaysItsCursorAgain, ErrorKind::LimitExceeded),
        ] {
            for at in 1..3 {
                // A page that says so itself counts; one that fails has nothing.
                let want = if what == What::Fails { at } else { at + 1 };
                let is_noticed = what != What::IsCancelled || at < 2;
                let (count, found, _) = read(what, at, is_late).await;
                assert_eq!((count, found), (want, is_noticed.then_some(failure)), "{what:?} {at}");
            }
        }
    }
}

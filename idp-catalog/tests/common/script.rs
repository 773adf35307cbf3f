//! A source that says what it is told to say.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use idp_catalog::Catalog;
use idp_core::{Cursor, Document, MemoryLog, Page, Result, Source, SourceContext, SourceInfo};

/// Says what it is told to say, one answer per call.
#[derive(Debug)]
pub(crate) struct Script {
    name: &'static str,
    answers: Mutex<VecDeque<Result<Page>>>,
}

impl Script {
    pub(crate) fn new(name: &'static str, answers: impl IntoIterator<Item = Result<Page>>) -> Self {
        Self { name, answers: Mutex::new(answers.into_iter().collect()) }
    }

    pub(crate) fn says(name: &'static str, documents: Vec<Document>) -> Self {
        Self::new(name, [Ok(Page::complete(documents))])
    }
}

#[async_trait]
impl Source for Script {
    fn info(&self) -> SourceInfo {
        SourceInfo::new(self.name, "a script")
    }

    async fn page(&self, _: &SourceContext, _: Option<&Cursor>) -> Result<Page> {
        self.answers.lock().unwrap().pop_front().unwrap()
    }
}

pub(crate) fn resource(name: &str, kind: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {{name: {name}}}\nspec: {{type: {kind}, owner: team}}\n"
    )
}

pub(crate) fn file(location: &str, texts: &[String]) -> Document {
    Document::text(location, texts.join("---\n"))
}

pub(crate) async fn empty() -> Catalog {
    Catalog::open(Arc::new(MemoryLog::new())).await.unwrap()
}

/// Ingests a source that answers.
pub(crate) async fn feed(catalog: &Catalog, source: Script) {
    assert!(catalog.ingest(&source).await.unwrap().failure.is_none());
}

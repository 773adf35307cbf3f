//! The fixtures of the catalog's benches: documents, a source of them, and a catalog of a company.

use std::sync::Arc;

use async_trait::async_trait;
use idp_catalog::Catalog;
use idp_core::{Cursor, Document, MemoryLog, Page, Result, Source, SourceContext, SourceInfo};

use crate::changes::SOURCE;
use crate::now;
use crate::synthetic::Synthetic;

/// A source that has everything in memory.
#[derive(Clone, Debug)]
pub struct Shelf {
    name: &'static str,
    documents: Vec<Document>,
}

impl Shelf {
    /// A source of this name with these documents.
    #[must_use]
    pub fn new(name: &'static str, documents: Vec<Document>) -> Self {
        Self { name, documents }
    }
}

#[async_trait]
impl Source for Shelf {
    fn info(&self) -> SourceInfo {
        SourceInfo::new(self.name, "documents in memory")
    }

    async fn page(&self, _: &SourceContext, _: Option<&Cursor>) -> Result<Page> {
        Ok(Page::complete(self.documents.clone()))
    }
}

/// The descriptor files of a company, one an entity.
#[must_use]
pub fn documents(company: Synthetic) -> Vec<Document> {
    let files = company.yaml().enumerate();
    files.map(|(number, text)| Document::text(format!("{number}/catalog-info.yaml"), text)).collect()
}

/// A catalog over a log in memory, with nothing in it.
///
/// # Panics
/// Never: an empty log in memory reads back.
#[must_use]
pub fn empty_catalog() -> Catalog {
    now(Catalog::open(Arc::new(MemoryLog::new()))).expect("an empty log opens")
}

/// Has a catalog read a source, and answers how many entities that added or changed.
///
/// # Panics
/// Never for the sources of this crate: neither they nor a log in memory fail.
pub fn ingest(catalog: &Catalog, source: &dyn Source) -> usize {
    let report = now(catalog.ingest(source)).expect("the log takes events");
    assert!(report.failure.is_none(), "the source can be read");
    report.counts.added + report.counts.updated
}

/// A catalog of a company.
///
/// # Panics
/// Where the catalog refuses an entity.
#[must_use]
pub fn full_catalog(company: Synthetic) -> Catalog {
    let catalog = empty_catalog();
    ingest(&catalog, &Shelf::new(SOURCE, documents(company)));
    let snapshot = catalog.snapshot();
    assert_eq!((snapshot.len(), snapshot.findings().next()), (company.size(), None), "every entity is valid");
    catalog
}

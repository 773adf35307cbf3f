//! The fixtures of the catalog's benches: documents, a source of them, and a catalog with a list beside it.

use std::sync::Arc;

use async_trait::async_trait;
use idp_catalog::{Catalog, Direction, Query, Snapshot};
use idp_core::{
    Cursor, Document, Entity, EntityRef, MemoryLog, Page, Predicate, Result, Source, SourceContext,
    SourceInfo,
};
use serde_json::Value;

use crate::now;
use crate::synthetic::{Sort, Synthetic};

/// Entities on a page.
pub const PAGE: usize = 20;

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

/// The YAML text of an entity.
///
/// # Panics
/// Never for what [`Synthetic`] makes.
#[must_use]
pub fn yaml(entity: &Value) -> String {
    serde_yaml::to_string(entity).expect("JSON is YAML")
}

/// The descriptor files of so many entities, one each.
#[must_use]
pub fn documents(count: usize) -> Vec<Document> {
    let files = Synthetic::new(count).yaml().enumerate();
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
/// Never: neither the source nor a log in memory fails.
pub fn ingest(catalog: &Catalog, shelf: &Shelf) -> usize {
    let report = now(catalog.ingest(shelf)).expect("a log in memory takes events");
    assert!(report.failure.is_none(), "documents in memory can be read");
    report.counts.added + report.counts.updated
}

/// A catalog with so many entities.
///
/// # Panics
/// Where the catalog refuses one of them.
#[must_use]
pub fn full_catalog(count: usize) -> Catalog {
    let catalog = empty_catalog();
    ingest(&catalog, &Shelf::new("company", documents(count)));
    let snapshot = catalog.snapshot();
    assert_eq!((snapshot.len(), snapshot.findings().next()), (count, None), "every entity is valid");
    catalog
}

/// The same entities twice: as a snapshot, and as the list that a host without a catalog would hold.
#[derive(Debug)]
pub struct Company {
    /// What the engine is asked.
    pub snapshot: Arc<Snapshot>,
    /// What the floor looks through.
    pub list: Vec<Arc<Entity>>,
    /// A team of ordinary size.
    pub team: EntityRef,
    /// A system.
    pub system: EntityRef,
    /// Where the second page of [`Company::services`] starts.
    pub cursor: String,
}

impl Company {
    /// A company of so many entities.
    ///
    /// # Panics
    /// Where the catalog refuses one of them, or there are no two pages of services.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self::of(full_catalog(count).snapshot())
    }

    /// The company of a snapshot that [`full_catalog`] gave.
    ///
    /// # Panics
    /// Where there are no two pages of services.
    #[must_use]
    pub fn of(snapshot: Arc<Snapshot>) -> Self {
        let list = snapshot.iter().map(|record| Arc::new(record.entity().clone())).collect();
        let first = snapshot.query(&Self::services()).expect("it has no cursor");
        Self {
            list,
            team: middle(Sort::Group, snapshot.len()),
            system: middle(Sort::System, snapshot.len()),
            cursor: first.next.expect("there are more services than fit on a page"),
            snapshot,
        }
    }

    /// Every service by title, a page at a time.
    #[must_use]
    pub fn services() -> Query {
        Query::matching(Self::is_service()).order_by("metadata.title", Direction::Ascending).limit(PAGE)
    }

    /// What holds for services.
    #[must_use]
    pub fn is_service() -> Predicate {
        Predicate::equals("kind", "component").and(Predicate::equals("spec.type", "service"))
    }
}

fn middle(sort: Sort, size: usize) -> EntityRef {
    let number = Synthetic::new(size).count(sort) / 2;
    sort.reference(number).parse().expect("references are written in full")
}

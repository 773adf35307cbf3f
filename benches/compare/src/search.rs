//! tantivy: an index for text, which filters and counts too.

use std::error::Error;
use std::fmt;
use std::path::Path;

use idp_benches::{Ask, Engine, Found, PAGE, Page, PageOf, Place, Prepared, Row, Synthetic};
use idp_core::{Entity, Predicate, Test};
use serde_json::Value as Json;
use tantivy::collector::{Collector, Count, FacetCollector, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Facet, FacetOptions, Field, IndexRecordOption, STORED, STRING, Schema, TEXT, Value,
};
use tantivy::{DocAddress, Index, Order, Searcher, TantivyDocument, Term};

/// A company in a tantivy index.
pub(crate) struct Search {
    fields: Fields,
    searcher: Searcher,
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Search")
    }
}

/// The fields of the index.
struct Fields {
    entity_ref: Field,
    body: Field,
    text: Field,
    tags: Field,
    exact: Vec<(&'static str, Field)>,
}

/// The fields that are found by their whole value.
const EXACT: [&str; 6] =
    ["kind", "metadata.tags", "metadata.title", "spec.type", "spec.owner", "spec.lifecycle"];
/// Bytes the writer may use.
const BUDGET: usize = 256 << 20;

/// Indexes a company in a folder.
pub(crate) fn load(company: Synthetic, folder: &Path) -> Result<Search, Box<dyn Error>> {
    let mut schema = Schema::builder();
    let fields = Fields {
        entity_ref: schema.add_text_field("ref", STRING | STORED | FAST),
        body: schema.add_text_field("body", STORED),
        text: schema.add_text_field("text", TEXT),
        tags: schema.add_facet_field("tags", FacetOptions::default()),
        exact: EXACT.map(|name| (name, schema.add_text_field(name, STRING | FAST))).to_vec(),
    };
    let index = Index::create_in_dir(folder, schema.build())?;
    let mut writer = index.writer_with_num_threads(1, BUDGET)?;
    for entity in company.entities() {
        writer.add_document(fields.document(&Entity::from_value(entity)?))?;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.wait_merging_threads()?;
    Ok(Search { fields, searcher: index.reader()?.searcher() })
}

impl Fields {
    fn document(&self, entity: &Entity) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.entity_ref, entity.entity_ref().as_str());
        document.add_text(self.body, entity.as_value().to_string());
        for (name, field) in &self.exact {
            texts(entity, name).for_each(|it| document.add_text(*field, it.to_lowercase()));
        }
        for name in ["metadata.name", "metadata.title", "metadata.tags", "metadata.description"] {
            texts(entity, name).for_each(|it| document.add_text(self.text, it));
        }
        entity.tags().for_each(|tag| document.add_facet(self.tags, Facet::from_path([tag])));
        document
    }

    fn exact(&self, name: &str) -> Option<Field> {
        self.exact.iter().find(|it| it.0 == name).map(|it| it.1)
    }

    /// A predicate as a query; `None` for one that would need an index of another sort.
    fn query(&self, when: &Predicate) -> Option<Box<dyn Query>> {
        let parts = |parts: &[Predicate], occur| -> Option<Box<dyn Query>> {
            let parts = parts.iter().map(|it| self.clause(it, occur)).collect::<Option<Vec<_>>>()?;
            Some(Box::new(BooleanQuery::new(parts)))
        };
        match when {
            Predicate::All(all) if all.is_empty() => Some(Box::new(AllQuery)),
            Predicate::All(all) => parts(all, Occur::Must),
            Predicate::Any(any) => parts(any, Occur::Should),
            Predicate::Value(field, Test::In(values)) if values.len() == 1 => {
                Some(term(self.exact(field)?, &values[0]))
            }
            _ => None,
        }
    }

    fn clause(&self, part: &Predicate, occur: Occur) -> Option<(Occur, Box<dyn Query>)> {
        match part {
            Predicate::Not(part) if occur == Occur::Must => Some((Occur::MustNot, self.query(part)?)),
            part => Some((occur, self.query(part)?)),
        }
    }

    /// Every word somewhere.
    fn words(&self, words: &str) -> Box<dyn Query> {
        let words = words.split(' ').map(|word| (Occur::Must, term(self.text, word)));
        Box::new(BooleanQuery::new(words.collect()))
    }
}

fn term(field: Field, value: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}

fn texts<'e>(entity: &'e Entity, field: &str) -> impl Iterator<Item = &'e str> {
    let several = match entity.at(field) {
        Some(Json::Array(many)) => many.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    several.iter().filter_map(Json::as_str)
}

impl Search {
    fn page(&self, of: &PageOf) -> Option<Prepared<'_>> {
        let query = self.fields.query(&of.when)?;
        let order = of.order.unwrap_or("ref");
        (of.place == Place::First).then(|| {
            Prepared::new(move || {
                let top = TopDocs::with_limit(PAGE).order_by_string_fast_field(order, Order::Asc);
                let (found, total) = self.search(&*query, (top, Count));
                Found::Rows(Page {
                    items: found.iter().map(|it| self.row(it.1)).collect(),
                    total: Some(total),
                })
            })
        })
    }

    fn search<C: Collector>(&self, query: &dyn Query, collector: C) -> C::Fruit {
        self.searcher.search(query, &collector).expect("tantivy reads its index")
    }

    fn row(&self, at: DocAddress) -> Row {
        let document: TantivyDocument = self.searcher.doc(at).expect("tantivy reads its index");
        let text = |field| document.get_first(field).and_then(|it| it.as_str().map(str::to_owned));
        Row {
            entity_ref: text(self.fields.entity_ref).unwrap_or_default(),
            body: text(self.fields.body).unwrap_or_default(),
        }
    }

    fn facet(&self, query: &dyn Query) -> Found {
        let mut collector = FacetCollector::for_field("tags");
        collector.add_facet("/");
        let counts = self.search(query, collector);
        let shown = |(facet, count): (&Facet, u64)| {
            (facet.to_path().concat(), usize::try_from(count).unwrap_or_default())
        };
        Found::Counts(counts.get("/").map(shown).collect())
    }

    /// Twenty of the best, and how many there are. Which are the best each engine sees in its own way.
    fn text(&self, query: &dyn Query) -> Found {
        let (found, total) = self.search(query, (TopDocs::with_limit(PAGE).order_by_score(), Count));
        let items: Vec<Row> = found.iter().map(|it| self.row(it.1)).collect();
        std::hint::black_box(items);
        Found::Count(total)
    }
}

impl Engine for Search {
    fn prepare<'e>(&'e self, ask: &'e Ask) -> Option<Prepared<'e>> {
        match ask {
            Ask::Page(of) => self.page(of),
            Ask::Count(when) => {
                let query = self.fields.query(when)?;
                Some(Prepared::new(move || Found::Count(self.search(&*query, Count))))
            }
            Ask::Facet("metadata.tags", when) => {
                let query = self.fields.query(when)?;
                Some(Prepared::new(move || self.facet(&*query)))
            }
            Ask::Text(words) => {
                let query = self.fields.words(words);
                Some(Prepared::new(move || self.text(&*query)))
            }
            _ => None,
        }
    }
}

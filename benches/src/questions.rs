//! What the query benches ask, and the same answers from a linear scan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_catalog::{Answer, FacetRequest, GraphQuery, Query, Record};
use idp_core::{Entity, EntityRef, Predicate};

use crate::company::Company;
use crate::scan;

/// A question, answered in two ways.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// What it is called in reports.
    pub name: &'static str,
    /// Asks the snapshot.
    pub engine: fn(&Company) -> Found,
    /// Looks at every entity of the list: the floor.
    pub scan: fn(&Company) -> Found,
}

/// What an answer holds.
#[derive(Debug)]
pub enum Found {
    /// Entities of the snapshot, in order.
    Records(Vec<Arc<Record>>),
    /// Entities of the list, in order.
    Entities(Vec<Arc<Entity>>),
    /// How many.
    Count(usize),
    /// Values and how many have them.
    Counts(BTreeMap<String, usize>),
    /// An entity and those related to it.
    Around(BTreeSet<EntityRef>),
}

impl Found {
    /// The answer as text, in which it does not matter who gave it.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Records(found) => found.iter().map(|it| it.entity_ref().to_string()).collect(),
            Self::Entities(found) => found.iter().map(|it| it.entity_ref().to_string()).collect(),
            Self::Count(count) => vec![count.to_string()],
            Self::Counts(counts) => counts.iter().map(|(value, count)| format!("{value} {count}")).collect(),
            Self::Around(found) => found.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Every question.
pub const QUESTIONS: [Question; 9] = [
    Question { name: "by-ref", engine: by_ref, scan: scan::by_ref },
    Question { name: "filter", engine: filter, scan: scan::filter },
    Question { name: "filter-broad", engine: filter_broad, scan: scan::filter_broad },
    Question { name: "or", engine: or, scan: scan::or },
    Question { name: "ordered-page", engine: ordered_page, scan: scan::ordered_page },
    Question { name: "cursor-page", engine: cursor_page, scan: scan::cursor_page },
    Question { name: "count", engine: count, scan: scan::count },
    Question { name: "facet", engine: facet, scan: scan::facet },
    Question { name: "neighbours", engine: neighbours, scan: scan::neighbours },
];

/// One entity.
fn by_ref(company: &Company) -> Found {
    Found::Records(company.snapshot.get(&company.system).cloned().into_iter().collect())
}

/// The services of one team: a few.
fn filter(company: &Company) -> Found {
    let owner = Predicate::equals("spec.owner", company.team.name());
    Found::Records(ask(company, &Query::matching(Company::is_service().and(owner))).items)
}

/// Every service: two of five entities.
fn filter_broad(company: &Company) -> Found {
    Found::Records(ask(company, &Query::matching(Company::is_service())).items)
}

/// What belongs to one team or to one system: a few, found in two ways.
fn or(company: &Company) -> Found {
    let owner = Predicate::equals("spec.owner", company.team.name());
    let system = Predicate::equals("spec.system", company.system.name());
    Found::Records(ask(company, &Query::matching(owner.or(system))).items)
}

/// The first page of every service by title.
fn ordered_page(company: &Company) -> Found {
    Found::Records(ask(company, &Company::services()).items)
}

/// The second page of the same.
fn cursor_page(company: &Company) -> Found {
    Found::Records(ask(company, &Company::services().cursor(company.cursor.as_str())).items)
}

/// How many components have a tag.
fn count(company: &Company) -> Found {
    let predicate = Predicate::equals("kind", "component").and(Predicate::equals("metadata.tags", "rust"));
    Found::Count(company.snapshot.count(&predicate).expect("the predicate is sound"))
}

/// The lifecycles of components.
fn facet(company: &Company) -> Found {
    let query = Query::matching(Predicate::equals("kind", "component"));
    let facets = company.snapshot.facets(&query, &[FacetRequest::new("spec.lifecycle")]);
    let facet = facets.expect("the predicate is sound").remove(0);
    Found::Counts(facet.values.into_iter().map(|it| (it.value, it.count)).collect())
}

/// A system and everything one relation away, either way.
fn neighbours(company: &Company) -> Found {
    let graph = company.snapshot.graph(&GraphQuery::around(company.system.clone()));
    Found::Around(graph.nodes.into_keys().collect())
}

fn ask(company: &Company, query: &Query) -> Answer {
    company.snapshot.query(query).expect("the cursor is the query's own")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_and_scan_agree() {
        let company = Company::new(400);
        for question in QUESTIONS {
            let found = (question.engine)(&company).lines();
            assert!(!found.is_empty(), "{} finds something", question.name);
            assert_eq!(found, (question.scan)(&company).lines(), "{}", question.name);
        }
    }
}

//! What is asked of every engine, as data.

use idp_core::{EntityRef, Predicate};

use crate::synthetic::{Sort, Synthetic};

/// Entities on a page.
pub const PAGE: usize = 20;

/// A question and what it is called in reports.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its name.
    pub name: &'static str,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// One entity.
    Entity(EntityRef),
    /// Many entities at once.
    Entities(Vec<EntityRef>),
    /// A page of entities.
    Page(PageOf),
    /// How many there are.
    Count(Predicate),
    /// The values of a field among those a predicate holds for, and how many have each.
    Facet(&'static str, Predicate),
    /// The first page of those in whose name, title, tags or description every one of these words occurs; any order.
    Text(&'static str),
    /// An entity and those one relation away, either way.
    Neighbours(EntityRef),
    /// What can be reached.
    Reach(ReachOf),
    /// What a group and the groups below it own.
    OwnedBy(EntityRef),
}

/// A page of the entities that a predicate holds for.
#[derive(Clone, Debug)]
pub struct PageOf {
    /// What holds for them.
    pub when: Predicate,
    /// The field that orders them; without one, and among equals, their references do.
    pub order: Option<&'static str>,
    /// Which page.
    pub place: Place,
    /// Whether to say how many there are on all pages.
    pub total: bool,
}

/// Which page of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first.
    First,
    /// The one that starts half way, found by a cursor.
    Middle,
}

/// What can be reached from an entity along relations.
#[derive(Clone, Debug)]
pub struct ReachOf {
    /// Where it starts.
    pub start: EntityRef,
    /// The types of relations that are followed.
    pub types: &'static [&'static str],
    /// So many relations at most.
    pub depth: usize,
}

/// Every question, about a company of 1,000 entities or more.
#[must_use]
pub fn questions(company: Synthetic) -> Vec<Question> {
    [lookups(company), pages(company), counts(), graphs(company)].concat()
}

fn lookups(company: Synthetic) -> Vec<Question> {
    let step = company.count(Sort::Component) / 100;
    let components = (0..100).map(|number| reference(Sort::Component, number * step));
    vec![
        Question { name: "by-ref", ask: Ask::Entity(middle(company, Sort::System)) },
        Question { name: "by-refs-100", ask: Ask::Entities(components.collect()) },
    ]
}

fn pages(company: Synthetic) -> Vec<Question> {
    let team = Sort::Group.name(company.count(Sort::Group) / 2);
    let rare = format!("-{:06}", company.count(Sort::System) / 2);
    let service = || Predicate::equals("kind", "component") & Predicate::equals("spec.type", "service");
    let component = Predicate::equals("kind", "component");
    let name = "metadata.name";
    vec![
        first("filter", service()),
        first("filter-few", service() & Predicate::equals("spec.owner", team)),
        page("ordered-page", service(), Some("metadata.title"), Place::First),
        page("deep-page", service(), Some("metadata.title"), Place::Middle),
        uncounted("deep-page-alone", service(), "metadata.title"),
        first("or", Predicate::equals("spec.lifecycle", "experimental") | Predicate::equals(TAGS, "rust")),
        first("not", component & !Predicate::equals(TAGS, "legacy")),
        first("range", Predicate::between(PAGER, "P0500000000", "P0510000000")),
        first("prefix", Predicate::prefix(name, "payments-gateway")),
        first("substring", Predicate::substring(name, "gateway")),
        first("substring-few", Predicate::substring(name, rare)),
        Question { name: "text", ask: Ask::Text("reconciliation fraud") },
    ]
}

fn counts() -> Vec<Question> {
    let component = || Predicate::equals("kind", "component");
    vec![
        Question { name: "count", ask: Ask::Count(component() & Predicate::equals(TAGS, "rust")) },
        Question { name: "facet-all", ask: Ask::Facet(TAGS, Predicate::All(Vec::new())) },
        Question { name: "facet-filter", ask: Ask::Facet(TAGS, component()) },
    ]
}

fn graphs(company: Synthetic) -> Vec<Question> {
    let hub = || reference(Sort::Component, 0);
    let reach = |types, depth| Ask::Reach(ReachOf { start: hub(), types, depth });
    vec![
        Question { name: "neighbours", ask: Ask::Neighbours(middle(company, Sort::System)) },
        Question { name: "closure-3", ask: reach(&["dependencyOf"], 3) },
        Question {
            name: "impact",
            ask: reach(&["dependencyOf", "providesApi", "apiConsumedBy"], usize::MAX),
        },
        Question { name: "owned-by", ask: Ask::OwnedBy(reference(Sort::Group, 9)) },
    ]
}

const TAGS: &str = "metadata.tags";
/// A field with another value in every entity.
const PAGER: &str = "metadata.annotations.pagerduty.com/service-id";

fn first(name: &'static str, when: Predicate) -> Question {
    page(name, when, None, Place::First)
}

fn page(name: &'static str, when: Predicate, order: Option<&'static str>, place: Place) -> Question {
    Question { name, ask: Ask::Page(PageOf { when, order, place, total: true }) }
}

fn uncounted(name: &'static str, when: Predicate, order: &'static str) -> Question {
    let of = PageOf { when, order: Some(order), place: Place::Middle, total: false };
    Question { name, ask: Ask::Page(of) }
}

fn middle(company: Synthetic, sort: Sort) -> EntityRef {
    reference(sort, company.count(sort) / 2)
}

fn reference(sort: Sort, number: usize) -> EntityRef {
    sort.reference(number).parse().expect("references are written in full")
}

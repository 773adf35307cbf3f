//! What Backstage answers, and we too: every file of `tests/data/backstage` is a numbered case of its behaviour.
//!
//! A case has entities and questions with their answers. Where we answer otherwise on purpose it says why, as
//! `deviates`. Cases that are not taken over are listed in `docs/guide/query.md`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use common::script::Script;
use idp_catalog::{
    Answer, Catalog, CatalogOptions, Collation, Dialect, FacetRequest, IngestOptions, Kind, Model, Nulls,
    OrderBy, Projection, Query, RelationField, Search, Snapshot, parse_filters, parse_order,
    parse_order_field, parse_predicate, predicate_from_json_in,
};
use idp_core::{Document, MemoryLog, Page, Predicate, Result, Severity};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case is about.
    #[allow(dead_code, reason = "for readers")]
    says: String,
    /// Why we do not do as Backstage does.
    #[allow(dead_code, reason = "for readers")]
    deviates: Option<String>,
    /// Entities; `name` stands for `metadata.name`, kind and version may be left out.
    given: Vec<Value>,
    /// What the source says afterwards.
    then: Option<Vec<Value>>,
    asks: Vec<Ask>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct Ask {
    filter: Option<String>,
    filters: Option<Vec<String>>,
    predicate: Option<Value>,
    text: Option<String>,
    extended: bool,
    order: Vec<String>,
    order_field: Vec<String>,
    nulls: Option<Nulls>,
    collation: Option<Collation>,
    limit: Option<usize>,
    phrase: Option<String>,
    search_fields: Option<Vec<String>>,
    /// Pages to turn before looking: `next`, or `previous 5` with another limit.
    turns: Vec<String>,
    fields: Option<Vec<String>>,
    facets: Vec<String>,
    refs: Vec<String>,

    /// The names of what is found, in order.
    finds: Option<Vec<String>>,
    /// The names page by page; read forward, and then backward.
    pages: Option<Vec<Vec<String>>>,
    total: Option<usize>,
    /// Part of the message.
    error: Option<String>,
    /// The entities as they are shown.
    shows: Option<Vec<Value>>,
    /// The values of each facet, in order.
    counts: Option<BTreeMap<String, Vec<(String, usize)>>>,
    /// The names of a batch, in place.
    found: Option<Vec<Option<String>>>,
    /// What each key has: values, `null` where it is there without one, `false` where it is not.
    rows: BTreeMap<String, Value>,
}

impl Ask {
    fn predicate(&self) -> Result<Predicate> {
        let dialect = if self.extended { Dialect::Extended } else { Dialect::Backstage };
        if let Some(predicate) = &self.predicate {
            return predicate_from_json_in(predicate, dialect);
        }
        if let Some(text) = &self.text {
            return parse_predicate(text);
        }
        let filters = self.filters.iter().flatten().chain(&self.filter);
        parse_filters(filters.map(String::as_str), dialect)
    }

    fn query(&self) -> Result<Query> {
        let mut query = Query::matching(self.predicate()?);
        if let Some(phrase) = &self.phrase {
            let search = Search::phrase(phrase);
            let fields = self.search_fields.as_ref();
            query = query.search(match fields {
                Some(fields) => search.fields(fields.iter().map(String::as_str)),
                None => search,
            });
        }
        let orders = self.order.iter().map(|it| parse_order(it));
        for order in orders.chain(self.order_field.iter().map(|it| parse_order_field(it))) {
            query = query.order(self.ordered(order?));
        }
        Ok(match self.limit {
            Some(limit) => query.limit(limit),
            None => query,
        })
    }

    fn ordered(&self, order: OrderBy) -> OrderBy {
        order.nulls(self.nulls.unwrap_or_default()).collation(self.collation.unwrap_or_default())
    }
}

fn model() -> Model {
    let component = Kind::new("Component", ["test/v1"])
        .relation(RelationField::new("owner", "ownedBy", "ownerOf").to("Group"))
        .relation(RelationField::new("dependsOn", "dependsOn", "dependencyOf"));
    let others = ["Group", "API", "Resource"].into_iter().map(|name| Kind::new(name, ["test/v1"]));
    others.fold(Model::empty().with(component), Model::with)
}

fn entity(given: &Value) -> Value {
    let mut entity = json!({"apiVersion": "test/v1", "kind": "Component", "metadata": {}});
    for (key, value) in given.as_object().unwrap() {
        entity[key] = value.clone();
    }
    entity["metadata"]["name"] = entity.as_object_mut().unwrap().remove("name").unwrap();
    entity
}

async fn snapshot(case: &Case) -> Arc<Snapshot> {
    let mut options = CatalogOptions::default();
    options.model = model();
    let catalog = Catalog::open_with(Arc::new(MemoryLog::new()), options).await.unwrap();
    for state in [Some(&case.given), case.then.as_ref()].into_iter().flatten() {
        let documents = state.iter().map(entity).map(|it| Document::entity(it["metadata"].to_string(), it));
        let source = Script::new("given", [Ok(Page::complete(documents.collect()))]);
        let report =
            catalog.ingest_with(&source, &IngestOptions::default().confirm_removals(true)).await.unwrap();
        assert!(report.failure.is_none() && report.problems.is_empty(), "{report:?}");
        let snapshot = catalog.snapshot();
        let mut problems = snapshot.findings().flat_map(|finding| &finding.diagnostics);
        assert!(problems.all(|it| it.severity < Severity::Error), "{:?}", snapshot.findings().next());
    }
    catalog.snapshot()
}

fn names(answer: &Answer) -> Vec<String> {
    answer.items.iter().map(|record| record.entity().name().to_owned()).collect()
}

/// What is asked, if it can be.
fn asked(snapshot: &Snapshot, ask: &Ask) -> Result<(Query, Projection)> {
    let query = ask.query()?;
    snapshot.query(&query)?;
    Ok((query, Projection::parse(ask.fields.iter().flatten())?))
}

fn check(snapshot: &Snapshot, ask: &Ask) -> std::result::Result<(), String> {
    let (query, projection) = match asked(snapshot, ask) {
        Ok(asked) => asked,
        Err(error) => {
            let expected = ask.error.as_deref().is_some_and(|part| error.chain().contains(part));
            return same("error", expected, true, error.chain());
        }
    };
    if ask.error.is_some() {
        return Err("is accepted".to_owned());
    }
    check_evaluator(snapshot, &ask.predicate().unwrap())?;
    let answer = turn(snapshot, &query, &ask.turns);
    if let Some(finds) = &ask.finds {
        same("finds", &names(&answer), finds, "")?;
    }
    if let Some(total) = ask.total {
        same("total", answer.total, total, "")?;
    }
    if let Some(pages) = &ask.pages {
        same("pages", &read_all(snapshot, &query), pages, "")?;
    }
    if let Some(shows) = &ask.shows {
        let shown: Vec<Value> = answer.items.iter().map(|it| projection.of(it.entity().as_value())).collect();
        same("shows", &shown, shows, "")?;
    }
    if let Some(counts) = &ask.counts {
        same("counts", &count(snapshot, &query, &ask.facets), counts, "")?;
    }
    if let Some(found) = &ask.found {
        let records =
            snapshot.by_refs(ask.refs.iter().map(String::as_str), &ask.predicate().unwrap()).unwrap();
        let records: Vec<_> =
            records.iter().map(|it| it.as_ref().map(|it| it.entity().name().to_owned())).collect();
        same("found", &records, found, "")?;
    }
    ask.rows.iter().try_for_each(|(key, want)| same(key, &row(snapshot, key), want, ""))
}

/// The evaluator says of each entity what the query says.
fn check_evaluator(snapshot: &Snapshot, predicate: &Predicate) -> std::result::Result<(), String> {
    let found = snapshot.query(&Query::matching(predicate.clone())).unwrap().items;
    let accepted = snapshot.iter().filter(|it| snapshot.matches(predicate, it.entity_ref()).unwrap());
    same("evaluator", accepted.collect::<Vec<_>>(), found, "")
}

fn turn(snapshot: &Snapshot, query: &Query, turns: &[String]) -> Answer {
    let mut answer = snapshot.query(query).unwrap();
    for turn in turns {
        let (side, limit) = turn.split_once(' ').unwrap_or((turn, ""));
        let cursor = if side == "next" { answer.next } else { answer.previous };
        let mut query = query.clone().cursor(cursor.unwrap());
        if let Ok(limit) = limit.parse() {
            query = query.limit(limit);
        }
        answer = snapshot.query(&query).unwrap();
    }
    answer
}

fn read_all(snapshot: &Snapshot, query: &Query) -> Vec<Vec<String>> {
    let mut answer = snapshot.query(query).unwrap();
    let (total, mut pages) = (answer.total, vec![names(&answer)]);
    while let Some(next) = answer.next.take() {
        answer = snapshot.query(&query.clone().cursor(next)).unwrap();
        assert_eq!(answer.total, total);
        pages.push(names(&answer));
    }
    let mut back = vec![names(&answer)];
    while let Some(previous) = answer.previous.take() {
        answer = snapshot.query(&query.clone().cursor(previous)).unwrap();
        back.push(names(&answer));
    }
    assert!(back.iter().rev().eq(&pages), "{back:?}");
    pages
}

fn count(snapshot: &Snapshot, query: &Query, fields: &[String]) -> BTreeMap<String, Vec<(String, usize)>> {
    let requests: Vec<_> = fields.iter().map(FacetRequest::new).collect();
    let facets = snapshot.facets(query, &requests).unwrap().into_iter();
    facets.map(|it| (it.field, it.values.into_iter().map(|it| (it.value, it.count)).collect())).collect()
}

fn row(snapshot: &Snapshot, key: &str) -> Value {
    if snapshot.count(&Predicate::exists(key)).unwrap() == 0 {
        return json!(false);
    }
    let facet = snapshot.facets(&Query::all(), &[FacetRequest::new(key)]).unwrap().remove(0);
    let values: Vec<String> = facet.values.into_iter().map(|it| it.value).collect();
    if values.is_empty() { Value::Null } else { json!(values) }
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    actual: T,
    want: T,
    more: impl AsRef<str>,
) -> std::result::Result<(), String> {
    if actual == want {
        Ok(())
    } else {
        Err(format!("{what}: {actual:?}, expected {want:?} {}", more.as_ref()))
    }
}

#[tokio::test]
async fn numbered_cases() {
    let mut failures = Vec::new();
    for path in common::files("backstage", "json") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let case: Case = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|it| panic!("{name}: {it}"));
        let snapshot = snapshot(&case).await;
        assert!(!case.asks.is_empty(), "{name} asks nothing");
        for (index, ask) in case.asks.iter().enumerate() {
            if let Err(problem) = check(&snapshot, ask) {
                failures.push(format!("{name}, question {}: {problem}", index + 1));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every case of Backstage's search, predicates, lists and facets is taken over, or listed with the reason.
#[test]
fn no_case_is_forgotten() {
    let number = |text: &str| text.get(..3).and_then(|it| it.parse::<u32>().ok());
    let files = common::files("backstage", "json");
    let mut known: BTreeSet<u32> =
        files.iter().filter_map(|path| number(&path.file_name().unwrap().to_string_lossy())).collect();
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/query.md");
    let guide = fs::read_to_string(guide).unwrap();
    known.extend(guide.lines().filter_map(|line| number(line.strip_prefix("| ")?)));
    let missing: Vec<u32> = (41..=99).chain([130]).filter(|case| !known.contains(case)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

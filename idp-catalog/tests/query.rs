//! Queries: order, pages, search, facets.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::BTreeMap;

use common::given::{history, location, names, snapshot};
use idp_catalog::{Collation, Direction, FacetRequest, Nulls, OrderBy, Query, Record, Search};
use idp_core::Predicate;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn order_by_several_fields_numbers_as_numbers_missing_last() {
    let snapshot = snapshot(vec![
        location("a", json!({"n": 10})),
        location("b", json!({"n": 9, "s": "x"})),
        location("c", json!({"s": "X"})),
        location("d", json!({"n": 10, "s": "y"})),
    ]);
    let ask = |query: Query| {
        let answer = snapshot.query(&query).unwrap();
        names(&answer.items).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask(Query::all().order_by("spec.n", Direction::Ascending)), ["b", "a", "d", "c"]);
    assert_eq!(ask(Query::all().order_by("spec.n", Direction::Descending)), ["a", "d", "b", "c"]);
    let both =
        Query::all().order_by("Spec.S", Direction::Descending).order_by("spec.n", Direction::Ascending);
    assert_eq!(ask(both), ["d", "b", "c", "a"]);
}

#[test]
fn nulls_go_where_they_are_sent() {
    let snapshot = snapshot(vec![
        location("a", json!({"n": 2})),
        location("b", json!({})),
        location("c", json!({"n": 1})),
        location("d", json!({"n": null})),
    ]);
    for (by, want) in [
        (OrderBy::ascending("spec.n"), "c a b d"),
        (OrderBy::descending("spec.n"), "a c b d"),
        (OrderBy::ascending("spec.n").nulls(Nulls::First), "b d c a"),
        (OrderBy::descending("spec.n").nulls(Nulls::First), "b d a c"),
        (OrderBy::descending("spec.n").nulls(Nulls::Exclude), "a c"),
    ] {
        let answer = snapshot.query(&Query::all().order(by.clone())).unwrap();
        assert_eq!(names(&answer.items).join(" "), want, "{by:?}");
        assert_eq!(answer.total, answer.items.len());
    }
}

#[test]
fn values_sort_by_what_they_say_or_by_their_letters() {
    let values = ["10", "9", "2026-01-02", "2026-01-01T23:00:00-05:00", "Beta", "alpha", "beta2", "1.5"];
    let snapshot = snapshot(
        values.iter().enumerate().map(|(i, it)| location(&format!("l{i}"), json!({"v": it}))).collect(),
    );
    let ask = |by| {
        let answer = snapshot.query(&Query::all().order(by)).unwrap();
        let value = |record: &Record| record.entity().at("spec.v").unwrap().as_str().unwrap().to_owned();
        answer.items.iter().map(value).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        ask(OrderBy::ascending("spec.v")),
        "1.5 9 10 2026-01-02 2026-01-01T23:00:00-05:00 alpha Beta beta2"
    );
    assert_eq!(
        ask(OrderBy::ascending("spec.v").collation(Collation::Letters)),
        "1.5 10 2026-01-01T23:00:00-05:00 2026-01-02 9 alpha Beta beta2"
    );
}

#[test]
fn pages_lead_forward_and_back() {
    let snapshot = snapshot((0..7).map(|i| location(&format!("l{i}"), json!({"n": i % 2}))).collect());
    let query = Query::all().order_by("spec.n", Direction::Descending).limit(3);
    let first = snapshot.query(&query).unwrap();
    let second = snapshot.query(&query.clone().cursor(first.next.clone().unwrap())).unwrap();
    let third = snapshot.query(&query.clone().cursor(second.next.clone().unwrap())).unwrap();
    let pages = [&first, &second, &third].map(|page| names(&page.items).join(" "));
    assert_eq!(pages, ["l1 l3 l5", "l0 l2 l4", "l6"]);
    assert!([&first, &second, &third].iter().all(|page| page.total == 7 && !page.moved));
    assert!(first.previous.is_none() && third.next.is_none());

    let back = snapshot.query(&query.clone().cursor(third.previous.unwrap())).unwrap();
    assert_eq!(names(&back.items), names(&second.items));
    assert_eq!((&back.next, &back.previous), (&second.next, &second.previous));
    let wider = snapshot.query(&query.clone().limit(5).cursor(back.previous.unwrap())).unwrap();
    assert_eq!(names(&wider.items), names(&first.items));
    assert!(wider.previous.is_none() && wider.next.is_some());

    let nothing = snapshot.query(&query.clone().limit(0)).unwrap();
    assert_eq!((nothing.items.len(), nothing.total, nothing.next, nothing.previous), (0, 7, None, None));
    let offset = snapshot.query(&query.clone().offset(5)).unwrap();
    assert_eq!(names(&offset.items), ["l4", "l6"]);
    assert!(offset.next.is_none() && offset.previous.is_some());
    assert!(snapshot.query(&query.offset(8)).unwrap().items.is_empty());
}

#[test]
fn a_cursor_belongs_to_its_query() {
    let snapshot = snapshot((0..3).map(|i| location(&format!("l{i}"), json!({}))).collect());
    let next = snapshot.query(&Query::all().limit(1)).unwrap().next.unwrap();
    for other in [
        Query::matching(Predicate::exists("kind")),
        Query::all().search(Search::new("l")),
        Query::all().order(OrderBy::ascending("kind")),
    ] {
        assert!(snapshot.query(&other.cursor(next.clone())).is_err());
    }
    for bad in ["", "!!!", "AAAA", &next[1..], &"A".repeat(100_000)] {
        assert!(snapshot.query(&Query::all().cursor(bad)).is_err(), "{bad}");
    }
}

#[test]
fn a_search_ranks_what_it_finds() {
    let entity = |name: &str, title: &str, description: &str, tags: &[&str]| {
        let mut entity = location(name, json!({}));
        entity["metadata"]["title"] = json!(title);
        entity["metadata"]["description"] = json!(description);
        entity["metadata"]["tags"] = json!(tags);
        entity
    };
    let snapshot = snapshot(vec![
        entity("pay", "Payments", "takes money", &["go"]),
        entity("payroll", "Wages", "pays people", &["java"]),
        entity("card-pay", "Card", "cards", &["pay"]),
        entity("prepay", "100%", "", &["java-17"]),
        entity("other", "Other", &format!("{} pay", "x".repeat(300)), &[]),
    ]);
    let ask = |search: Search| {
        let answer = snapshot.query(&Query::all().search(search)).unwrap();
        names(&answer.items).join(" ")
    };
    assert_eq!(ask(Search::new(" PAY ")), "pay card-pay payroll prepay other");
    assert_eq!(ask(Search::new("pay java")), "payroll prepay");
    assert_eq!(ask(Search::new("")), "card-pay other pay payroll prepay");
    assert_eq!(ask(Search::phrase("takes money")), "pay");
    assert_eq!(ask(Search::new("money takes")), "pay");
    assert_eq!(ask(Search::phrase("money takes")), "");
    assert_eq!(ask(Search::new("%")), "prepay");
    assert_eq!(ask(Search::new("pay").field("metadata.tags", 1)), "card-pay");
    assert_eq!(ask(Search::new("pay").fields([])), "");
    assert!(snapshot.query(&Query::all().search(Search::new(&"x ".repeat(100)))).is_err());

    let query =
        Query::matching(!Predicate::equals("metadata.name", "pay")).search(Search::new("pay")).limit(2);
    let first = snapshot.query(&query).unwrap();
    assert_eq!((names(&first.items).join(" ").as_str(), first.total), ("card-pay payroll", 4));
    let second = snapshot.query(&query.clone().cursor(first.next.unwrap())).unwrap();
    assert_eq!(names(&second.items).join(" "), "prepay other");
    let back = snapshot.query(&query.cursor(second.previous.unwrap())).unwrap();
    assert_eq!(names(&back.items).join(" "), "card-pay payroll");
}

#[test]
fn facets_count_entities_by_spelling() {
    let snapshot = snapshot(vec![
        location("a", json!({"t": ["Java", "go"]})),
        location("b", json!({"t": ["java", "go", "javascript"]})),
        location("c", json!({})),
    ]);
    let ask = |request: FacetRequest| {
        let query = Query::matching(Predicate::equals("spec.t", "GO")).limit(1);
        let facet = snapshot.facets(&query, &[request]).unwrap().remove(0);
        let values = facet.values.iter().map(|it| format!("{} {}", it.value, it.count));
        (values.collect::<Vec<_>>().join(", "), facet.total)
    };
    let of = |text: &str, total| (text.to_owned(), total);
    assert_eq!(ask(FacetRequest::new("spec.t")), of("Java 1, go 2, java 1, javascript 1", 4));
    assert_eq!(ask(FacetRequest::new("spec.t").by_count().limit(2)), of("go 2, Java 1", 4));
    assert_eq!(ask(FacetRequest::new("spec.t").prefix("JAVA")), of("Java 1, java 1, javascript 1", 3));
    assert_eq!(ask(FacetRequest::new("nope")), of("", 0));
    let searched = Query::all().search(Search::new("a").field("metadata.name", 1));
    let facets = snapshot.facets(&searched, &["spec.t", "kind"].map(FacetRequest::new)).unwrap();
    assert_eq!(facets.iter().map(|facet| facet.total).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_batch_of_references_keeps_its_places() {
    let snapshot = snapshot(vec![location("one", json!({})), location("two", json!({"x": 1}))]);
    let ask = |predicate: &Predicate| {
        let refs =
            ["location:two", "LOCATION:default/one", "location:default/two", "no-kind", "location:gone"];
        let found = snapshot.by_refs(refs, predicate).unwrap();
        found
            .iter()
            .map(|it| it.as_ref().map_or("-", |it| it.entity_ref().name()).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ask(&Predicate::All(vec![])), ["two", "one", "two", "-", "-"]);
    assert_eq!(ask(&Predicate::exists("spec.x")), ["two", "-", "two", "-", "-"]);
}

/// A catalog of entities with a number each; the pages of a query over it, read while it changes.
fn numbered(numbers: &BTreeMap<u8, u8>) -> Vec<Value> {
    numbers.iter().map(|(name, n)| location(&format!("l{name}"), json!({"n": n}))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn an_entity_that_stays_where_it_is_comes_on_exactly_one_page(
        states in prop::collection::vec(prop::collection::btree_map(0_u8..20, 0_u8..4, 0..15), 1..6),
        limit in 1_usize..4,
        backward: bool,
        descending: bool,
    ) {
        let snapshots = history(&states.iter().map(numbered).collect::<Vec<_>>());
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        let query = Query::all().order_by("spec.n", direction).limit(limit);
        let mut page = snapshots[0].query(&query).unwrap();
        if backward {
            // To the end on the first revision, and from there back while the catalog changes.
            while let Some(next) = page.next.take() {
                page = snapshots[0].query(&query.clone().cursor(next)).unwrap();
            }
        }
        let mut seen: Vec<String> = Vec::new();
        let mut later = snapshots.iter().skip(1);
        let mut current = &snapshots[0];
        loop {
            seen.extend(names(&page.items).into_iter().map(str::to_owned));
            let Some(cursor) = (if backward { page.previous } else { page.next }) else { break };
            current = later.next().unwrap_or(current);
            page = current.query(&query.clone().cursor(cursor)).unwrap();
        }
        for (name, n) in &states[0] {
            if states.iter().all(|state| state.get(name) == Some(n)) {
                let name = format!("l{name}");
                prop_assert_eq!(seen.iter().filter(|it| **it == name).count(), 1, "{} in {:?}", name, seen);
            }
        }
    }

    #[test]
    fn pages_are_the_whole_cut_up(
        numbers in prop::collection::btree_map(0_u8..30, 0_u8..4, 0..20),
        limit in 1_usize..6,
        offset in 0_usize..6,
    ) {
        let snapshot = snapshot(numbered(&numbers));
        let query = Query::all().order_by("spec.n", Direction::Ascending).offset(offset);
        let whole = snapshot.query(&query).unwrap();
        let query = query.limit(limit);
        let mut page = snapshot.query(&query).unwrap();
        let mut pages = page.items.clone();
        while let Some(next) = page.next {
            page = snapshot.query(&query.clone().cursor(next)).unwrap();
            prop_assert_eq!(page.total, numbers.len());
            pages.extend(page.items.iter().cloned());
        }
        prop_assert_eq!(names(&pages), names(&whole.items));
    }
}

#[test]
fn a_search_finds_what_is_too_long_for_the_index_however_it_is_written() {
    let long = |name: &str, text: &str| {
        let mut entity = location(name, json!({}));
        entity["metadata"]["description"] = json!(format!("{} {text}", "x".repeat(300)));
        entity
    };
    let mut system = location("shop", json!({"type": "x", "owner": "team-a"}));
    system["kind"] = json!("System");
    let snapshot = snapshot(vec![
        long("plain", "The Ledger of accounts"),
        long("kelvin", "\u{212a}ilo"),
        long("quoted", "a \"ledger\"\nof \\ kilos"),
        long("umlaut", "ÜBER alles"),
        system,
    ]);
    let ask = |search: Search| {
        let answer = snapshot.query(&Query::all().search(search)).unwrap();
        let mut names = names(&answer.items);
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(ask(Search::new("LEDGER")), "plain quoted");
    assert_eq!(ask(Search::new("ledger kilo")), "quoted");
    assert_eq!(ask(Search::new("kilo")), "kelvin quoted");
    assert_eq!(ask(Search::phrase("\"ledger\"\nof \\")), "quoted");
    assert_eq!(ask(Search::new("über")), "umlaut");
    assert_eq!(ask(Search::new("nowhere")), "");
    // Relations are searched as other fields are.
    assert_eq!(ask(Search::new("team").field("relations.ownedBy", 1)), "shop");
}

#[test]
fn a_value_without_a_letter_was_lost_with_its_page() {
    // The first value of its key that ever comes is empty, in a catalog that has entities already.
    let steps =
        [vec![location("a", json!({}))], vec![location("a", json!({})), location("b", json!({"n": ""}))]];
    let snapshot = history(&steps).pop().unwrap();
    for pattern in ["^$", ".*"] {
        let predicate = Predicate::matches("spec.n", pattern);
        assert_eq!(snapshot.count(&predicate).unwrap(), 1, "{pattern}");
        assert!(snapshot.matches(&predicate, &"location:b".parse().unwrap()).unwrap());
    }
}

#[test]
fn relations_are_counted_and_asked_for_as_fields_are() {
    let system = |name: &str, owner: &str| {
        let mut system = location(name, json!({"owner": owner}));
        system["kind"] = json!("System");
        system
    };
    let snapshot = snapshot(vec![system("a", "team-a"), system("b", "team-b"), system("c", "user:team-a")]);
    let counted = |query: &Query| {
        let facets = snapshot.facets(query, &[FacetRequest::new("relations.ownedBy")]).unwrap();
        facets[0].values.iter().map(|it| format!("{} {}", it.value, it.count)).collect::<Vec<_>>()
    };
    let all = ["group:default/team-a 1", "group:default/team-b 1", "user:default/team-a 1"];
    assert_eq!(counted(&Query::all()), all);
    assert_eq!(counted(&Query::matching(Predicate::equals("metadata.name", "a"))), all[..1]);
    let prefix = |text: &str| snapshot.count(&Predicate::prefix("relations.ownedby", text)).unwrap();
    assert_eq!([prefix("group:"), prefix("group:default/team-B"), prefix("x"), prefix("")], [2, 1, 0, 3]);
}

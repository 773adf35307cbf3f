//! What is read into an empty catalog is drafted while it is read; it has to be what the log says.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::sync::Arc;

use common::script::{Script, feed};
use idp_catalog::{Catalog, Direction, FacetRequest, Follow, Query, Way};
use idp_core::{Content, Document, MemoryLog, Page, Predicate};
use proptest::prelude::*;
use serde_json::{Value, json};

const NAMES: [&str; 6] = ["a", "B", "b", "c", "d", "e"];

/// Documents that meet each other: valid ones, some of which there is something to say about, others, and no documents.
fn document() -> impl Strategy<Value = String> {
    let names = || prop::sample::select(NAMES.to_vec());
    let entity =
        (names(), prop::collection::vec(names(), 0..3), 0..8_u8).prop_map(|(name, others, oddity)| {
            let mut entity = json!({
                "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
                "metadata": {"name": name, "tags": others, "annotations": {}},
                "spec": {"type": "service", "lifecycle": name, "owner": others.first().unwrap_or(&"team"),
                    "dependsOn": others.iter().map(|it| format!("component:{it}")).collect::<Vec<_>>()},
            });
            match oddity {
                0 => _ = entity["spec"].as_object_mut().unwrap().remove("owner"),
                1 => entity["metadata"]["Tags"] = json!("differs in case"),
                2 => {
                    entity["metadata"]["annotations"]["backstage.io/view-url"] = json!("javascript:alert(1)")
                }
                3 => entity["metadata"]["tags.b"] = json!(true),
                _ => {}
            }
            entity.to_string()
        });
    prop_oneof![20 => entity, 1 => Just("{".to_owned()), 1 => Just("{\"kind\": 1}".to_owned())]
}

/// A page of documents in every form, in two locations.
fn page() -> impl Strategy<Value = Vec<Document>> {
    let content = (prop::collection::vec(document(), 0..5), 0..3_u8).prop_map(|(texts, form)| match form {
        0 => Content::Lines { text: texts.join("\n"), first: 1 },
        1 => Content::Text(texts.join("\n---\n")),
        _ => {
            Content::Entity(texts.first().and_then(|it| serde_json::from_str(it).ok()).unwrap_or(Value::Null))
        }
    });
    let located = (prop::sample::select(vec!["x", "y"]), content);
    let document =
        located.prop_map(|(location, content)| Document { location: location.to_owned(), content });
    prop::collection::vec(document, 0..3)
}

fn source(pages: &[Vec<Document>]) -> Script {
    let last = pages.len().saturating_sub(1);
    let pages = pages.iter().enumerate().map(|(number, documents)| {
        let mut page = Page::complete(documents.clone());
        page.next = (number < last).then(|| idp_core::Cursor(number.to_string()));
        Ok(page)
    });
    Script::new("s", pages)
}

/// Everything that is asked of an index and of a network.
fn answers(catalog: &Catalog) -> Vec<String> {
    let snapshot = catalog.snapshot();
    let fields = ["metadata.name", "metadata.tags", "metadata.tags.b", "spec.owner", "relations.dependsOn"];
    let facets =
        fields.map(|field| format!("{:?}", snapshot.facets(&Query::all(), &[FacetRequest::new(field)])));
    let ordered = fields.map(|field| {
        let query = Query::matching(Predicate::exists(field)).order_by(field, Direction::Descending);
        let page = snapshot.query(&query).unwrap();
        format!("{:?}", page.items.iter().map(|it| it.entity_ref().to_string()).collect::<Vec<_>>())
    });
    let reached = snapshot.iter().map(|record| {
        let reach = snapshot.reach(record.entity_ref(), &Follow::all(Way::Both).depth(2).limit(100));
        format!("{:?} {reach:?}", record.relations())
    });
    facets.into_iter().chain(ordered).chain(reached).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn what_was_drafted_is_what_is_read_from_the_log(
        first in prop::collection::vec(page(), 1..4),
        then in prop::collection::vec(page(), 1..3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let log = Arc::new(MemoryLog::new());
            let catalog = Catalog::open(log.clone()).await.unwrap();
            for pages in [&first, &then] {
                feed(&catalog, source(pages)).await;
                let plain = Catalog::open(log.clone()).await.unwrap();
                prop_assert_eq!(&*catalog.snapshot(), &*plain.snapshot());
                prop_assert_eq!(answers(&catalog), answers(&plain));
            }
            Ok(())
        })?;
    }
}

/// Entities one a line, in shares that are judged by several threads, and over several pages.
fn many(count: usize) -> Vec<Vec<Document>> {
    let entity = |number: usize| {
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Resource",
            "metadata": {"name": format!("r{}", (number * 7_919) % count)},
            "spec": {"type": format!("t{}", number % 7), "owner": format!("team-{}", number % 31),
                "dependsOn": [format!("resource:r{}", number / 2), "resource:gone"]},
        })
    };
    let texts: Vec<String> = (0..count).map(|number| entity(number).to_string()).collect();
    let page = |texts: &[String]| {
        let content = Content::Lines { text: texts.join("\n"), first: 1 };
        vec![Document { location: "x".to_owned(), content }]
    };
    texts.chunks(count / 3 + 1).map(page).collect()
}

#[tokio::test]
async fn of_many_too() {
    let log = Arc::new(MemoryLog::new());
    let catalog = Catalog::open(log.clone()).await.unwrap();
    feed(&catalog, source(&many(1_500))).await;
    let plain = Catalog::open(log.clone()).await.unwrap();
    assert_eq!(catalog.snapshot().len(), 1_500);
    assert_eq!(*catalog.snapshot(), *plain.snapshot());
    assert_eq!(answers(&catalog), answers(&plain));
}

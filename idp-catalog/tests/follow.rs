//! What following costs, and where it stops.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::script::{Script, empty, resource};
use idp_catalog::{Catalog, DirectorySource, FollowLimits, Following, IngestOptions, IngestReport};
use idp_core::{
    Cancel, Completeness, Document, ErrorKind, FetchRequest, Fetched, Fetcher, Hosts, Node, Page,
    ProviderContext, Result, TreePath,
};
use idp_plugin_sdk::async_trait;
use serde_json::json;
use url::Url;

/// Answers every URL with a resource of the URL's last part, and counts.
#[derive(Debug, Default)]
struct Counting {
    asked: Mutex<BTreeMap<String, usize>>,
    now: Mutex<BTreeMap<String, usize>>,
    most_of_a_host: AtomicUsize,
    most: AtomicUsize,
}

#[derive(Debug, Clone, Default)]
struct CountingFetcher(Arc<Counting>);

#[async_trait]
impl Fetcher for CountingFetcher {
    fn name(&self) -> &str {
        "counting"
    }

    fn handles(&self, url: &Url) -> bool {
        url.scheme() == "https"
    }

    async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        cx.cancel.check()?;
        let host = request.url.host_str().unwrap().to_owned();
        *self.0.asked.lock().unwrap().entry(request.url.to_string()).or_default() += 1;
        {
            let mut now = self.0.now.lock().unwrap();
            *now.entry(host.clone()).or_default() += 1;
            self.0.most_of_a_host.fetch_max(now[&host], Ordering::SeqCst);
            self.0.most.fetch_max(now.values().sum(), Ordering::SeqCst);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        *self.0.now.lock().unwrap().get_mut(&host).unwrap() -= 1;
        let name = request.url.path().rsplit('/').next().unwrap();
        let node = Node::file(resource(name, "x").into_bytes());
        Ok(Fetched::File { name: TreePath::new(name).unwrap(), node, validator: None })
    }
}

fn location(name: &str, targets: &[String]) -> Document {
    let location = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Location",
        "metadata": {"name": name}, "spec": {"targets": targets},
    });
    Document::entity(name, location)
}

async fn ingest(catalog: &Catalog, documents: Vec<Document>, following: Following) -> IngestReport {
    let options = IngestOptions::default().following(Arc::new(following));
    catalog.ingest_with(&Script::says("s", documents), &options).await.unwrap()
}

fn following(fetcher: &CountingFetcher, limits: FollowLimits) -> Following {
    Following::new([Arc::new(fetcher.clone()) as _]).hosts(Hosts::any()).limits(limits)
}

#[tokio::test]
async fn many_targets_are_fetched_at_a_time_and_few_of_one_host() {
    let (catalog, fetcher) = (empty().await, CountingFetcher::default());
    let targets: Vec<String> = (0..60).map(|it| format!("https://h{}.org/r{it}", it % 5)).collect();
    let mut limits = FollowLimits::default();
    (limits.concurrency, limits.per_host) = (8, 3);
    // Two locations name the same targets: each is fetched once.
    let documents = vec![location("a", &targets), location("b", &targets)];
    let report = ingest(&catalog, documents, following(&fetcher, limits)).await;
    assert_eq!((report.counts.added, report.completeness), (62, Completeness::Complete));
    assert_eq!(fetcher.0.asked.lock().unwrap().values().copied().max(), Some(1));
    assert_eq!(fetcher.0.most.load(Ordering::SeqCst), 8);
    assert_eq!(fetcher.0.most_of_a_host.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn limits_on_count_and_bytes_make_the_answer_partial() {
    let targets: Vec<String> = (0..6).map(|it| format!("https://h.org/r{it}")).collect();
    let size = resource("r0", "x").len() as u64;
    let (mut count, mut bytes) = (FollowLimits::default(), FollowLimits::default());
    count.fetches = 4;
    bytes.bytes = 4 * size;
    for limits in [count, bytes] {
        let (catalog, fetcher) = (empty().await, CountingFetcher::default());
        let report = ingest(&catalog, vec![location("a", &targets)], following(&fetcher, limits)).await;
        assert_eq!((report.counts.added, report.completeness), (5, Completeness::Partial));
        assert_eq!(report.problems.len(), 2, "{:?}", report.problems);
        assert!(report.problems[0].message.contains("more than"), "{:?}", report.problems);
    }
}

#[tokio::test]
async fn a_raised_flag_ends_the_pass() {
    let (catalog, fetcher) = (empty().await, CountingFetcher::default());
    let cancel = Cancel::new();
    let options = IngestOptions::default()
        .following(Arc::new(following(&fetcher, FollowLimits::default())))
        .cancelled_by(cancel.clone());
    let targets: Vec<String> = (0..500).map(|it| format!("https://h.org/r{it}")).collect();
    let source = Script::says("s", vec![location("a", &targets)]);
    let (report, ()) = tokio::join!(catalog.ingest_with(&source, &options), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        cancel.cancel();
    });
    let report = report.unwrap();
    assert_eq!(report.failure.unwrap().kind(), ErrorKind::Cancelled);
    assert_eq!(report.completeness, Completeness::Partial);
    assert!(fetcher.0.asked.lock().unwrap().len() < 500);
}

#[tokio::test]
async fn an_entity_without_a_place_cannot_name_files_beside_it() {
    let catalog = empty().await;
    let api = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "API", "metadata": {"name": "a"},
        "spec": {"type": "openapi", "lifecycle": "production", "owner": "x", "definition": {"$text": "./f"}},
    });
    let report = ingest(&catalog, vec![Document::entity("a", api.clone())], Following::new([])).await;
    assert_eq!(report.counts.quarantined, 1);
    let snapshot = catalog.snapshot();
    let findings: Vec<_> = snapshot.findings().flat_map(|it| &it.diagnostics).map(|it| &*it.code).collect();
    assert_eq!(findings, ["no-base"]);

    // Without following, a substitution is left as it is.
    let source = Script::new("t", [Ok(Page::complete(vec![Document::entity("a", api)]))]);
    assert_eq!(catalog.ingest(&source).await.unwrap().counts.quarantined, 0);
    let snapshot = catalog.snapshot();
    let record = snapshot.get(&"api:a".parse().unwrap()).unwrap();
    assert_eq!(record.entity().at("spec.definition"), Some(&json!({"$text": "./f"})));
}

#[tokio::test]
async fn substitutions_read_git_and_excluded_files() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        (".git/config", "token".to_owned()),
        ("secrets/key.txt", "token".to_owned()),
        ("a.yaml", resource("a", "{$text: ./.git/config}")),
        ("b.yaml", resource("b", "{$text: ./secrets/key.txt}")),
    ] {
        let file = folder.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let source = DirectorySource::new("d", folder.path()).unwrap().excluding(&["secrets"]).unwrap();
    let options = IngestOptions::default().following(Arc::new(Following::new([])));
    let catalog = empty().await;
    let report = catalog.ingest_with(&source, &options).await.unwrap();
    assert_eq!(report.counts.quarantined, 2);
    let snapshot = catalog.snapshot();
    for record in snapshot.iter() {
        let problem = &record.diagnostics()[0].message;
        assert!(problem.contains("the path is left out of the folder"), "{problem}");
        assert_ne!(record.entity().at("spec.type"), Some(&json!("token")));
    }
}

#[tokio::test]
async fn one_document_used_up_the_fetches_of_all() {
    let (catalog, fetcher) = (empty().await, CountingFetcher::default());
    let parts: Vec<_> = (0..=100).map(|it| json!({"$text": format!("https://h.org/{it}")})).collect();
    let greedy = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": {"name": "a"},
        "spec": {"type": "x", "owner": "x", "parts": parts},
    });
    let report =
        ingest(&catalog, vec![Document::entity("a", greedy)], following(&fetcher, FollowLimits::default()))
            .await;
    assert_eq!(report.counts.quarantined, 1);
    assert!(fetcher.0.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_targets_of_a_location_were_unbounded() {
    let mut limits = FollowLimits::default();
    (limits.targets, limits.problems) = (5, 3);
    for (base, asked, codes) in [
        ("https://h.org", 5, &["too-many-targets"][..]),
        (".", 0, &["too-many-targets", "no-base", "no-base", "more-problems"]),
    ] {
        let (catalog, fetcher) = (empty().await, CountingFetcher::default());
        let targets: Vec<String> = (0..50).map(|it| format!("{base}/{it}")).collect();
        let report =
            ingest(&catalog, vec![location("a", &targets)], following(&fetcher, limits.clone())).await;
        assert_eq!(fetcher.0.asked.lock().unwrap().len(), asked);
        let told: Vec<_> = report.problems.iter().map(|it| &*it.code).collect();
        assert_eq!((told, report.completeness), (codes.to_vec(), Completeness::Partial));
    }
}

#[tokio::test]
async fn what_was_put_into_documents_was_unbounded() {
    let parts: Vec<_> = (0..10).map(|_| json!({"$text": "https://h.org/one"})).collect();
    let document = |name: &str| {
        Document::entity(
            name,
            json!({
                "apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": {"name": name},
                "spec": {"type": "x", "owner": "x", "parts": parts},
            }),
        )
    };
    let size = resource("one", "x").len();
    for (of_one, of_all, quarantined) in
        [(10 * size, 20 * size, 0), (10 * size - 1, 20 * size, 2), (10 * size, 20 * size - 1, 1)]
    {
        let mut limits = FollowLimits::default();
        (limits.document_bytes, limits.substituted_bytes) = (of_one, of_all);
        let following = following(&CountingFetcher::default(), limits);
        let report = ingest(&empty().await, vec![document("a"), document("b")], following).await;
        assert_eq!(report.counts.quarantined, quarantined, "{of_one} {of_all}");
    }
}

#[tokio::test]
async fn an_earlier_description_counted_because_it_waited_for_a_file() {
    let texts = [resource("a", "{$text: 'https://h.org/first'}"), resource("a", "last")];
    let document = common::script::file("https://h.org/x/a.yaml", &texts);
    let catalog = empty().await;
    let report =
        ingest(&catalog, vec![document], following(&CountingFetcher::default(), FollowLimits::default()))
            .await;
    assert_eq!(report.counts.added, 1);
    let snapshot = catalog.snapshot();
    let record = snapshot.get(&"resource:a".parse().unwrap()).unwrap();
    assert_eq!(record.entity().at("spec.type"), Some(&json!("last")));
}

//! A web server on loopback, held to the contract.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

mod site;

use std::collections::BTreeMap;

use idp_plugin_http::{HttpConfig, HttpFetcher};
use idp_plugin_sdk::testkit::BoxFuture;
use idp_plugin_sdk::testkit::fetcher::FetcherSubject;
use idp_plugin_sdk::{Fetcher, Tree, Url, async_trait};
use site::{Known, Site};

struct Web {
    site: Site,
    runtime: tokio::runtime::Runtime,
    fetcher: HttpFetcher,
}

impl Web {
    fn new(known: Known) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let site = runtime.block_on(Site::start(known));
        let config = HttpConfig::default().allow("127.0.0.1").unwrap();
        Self { site, runtime, fetcher: HttpFetcher::new(config).unwrap() }
    }

    /// The pages of a Git host, whose bytes are at the site.
    fn raw(known: Known) -> Self {
        let web = Self::new(known);
        let raw = BTreeMap::from([(
            "git.example.invalid".to_owned(),
            web.site.url("{path}").replace("%7B", "{").replace("%7D", "}"),
        )]);
        let hosts = HttpConfig::default().allow("127.0.0.1").unwrap().hosts;
        let config = HttpConfig { raw, hosts, ..HttpConfig::default() };
        Self { fetcher: HttpFetcher::new(config).unwrap(), ..web }
    }
}

#[async_trait]
impl FetcherSubject for Web {
    fn fetcher(&self) -> &dyn Fetcher {
        &self.fetcher
    }

    async fn put(&self, files: &Tree) {
        self.site.put(files);
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&self.site.url(path)).unwrap()
    }

    fn unreachable(&self) -> Option<Url> {
        Some(Url::parse("http://127.0.0.1:1/a").unwrap())
    }

    fn reads_folders(&self) -> bool {
        false
    }

    fn has_links(&self) -> bool {
        false
    }

    async fn fingerprint(&self) -> String {
        self.site.files()
    }

    fn run(&self, clause: BoxFuture<'_, ()>) {
        self.runtime.block_on(clause);
    }
}

mod by_tag {
    use super::*;
    idp_plugin_sdk::fetcher_conformance!(Web::new(Known::ByTag));
}

mod by_date {
    use super::*;
    idp_plugin_sdk::fetcher_conformance!(Web::new(Known::ByDate));
}

mod not_at_all {
    use super::*;
    idp_plugin_sdk::fetcher_conformance!(Web::new(Known::NotAtAll));
}

mod tags_without_conditions {
    use super::*;
    idp_plugin_sdk::fetcher_conformance!(Web::new(Known::ByTagUnconditionally));
}

#[test]
fn pages_of_a_git_host_are_read_where_its_bytes_are() {
    let web = Web::raw(Known::ByTag);
    let mut tree = Tree::new();
    tree.insert("main/a/x.yaml".parse().unwrap(), idp_plugin_sdk::Node::file(*b"kind: X")).unwrap();
    web.site.put(&tree);
    let url = Url::parse("https://git.example.invalid/acme/orders/blob/main/a/x.yaml").unwrap();
    assert!(web.fetcher.handles(&url));
    let request = idp_plugin_sdk::FetchRequest::new(url);
    let fetched = web.runtime.block_on(web.fetcher.fetch(&web.context(), &request)).unwrap();
    assert_eq!(fetched.into_tree().unwrap().read(&"x.yaml".parse().unwrap()).unwrap()[..], *b"kind: X");
}

//! The fetcher kit itself: each broken fetcher breaks its own clause.
#![cfg(feature = "testkit")]
#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use idp_plugin_sdk::testkit::fetcher::{FetcherSubject, clauses, judge};
use idp_plugin_sdk::{
    Error, ErrorKind, FetchRequest, Fetched, Fetcher, Node, ProviderContext, Result, Tree, TreePath, Url,
    Validator, async_trait,
};

/// What is wrong with a fetcher; named after the clause it breaks.
type Bug = &'static str;

/// A place in memory.
#[derive(Debug)]
struct Memory {
    bug: Bug,
    place: Mutex<Tree>,
    touched: AtomicUsize,
}

impl Memory {
    fn has(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    fn answer(&self, request: &FetchRequest) -> Result<Fetched> {
        let missing = || Error::new(ErrorKind::NotFound, "nothing there");
        let place = self.place.lock().unwrap().clone();
        let text =
            percent_encoding::percent_decode_str(request.url.path()).decode_utf8().unwrap().into_owned();
        let path = TreePath::new(text.trim_start_matches('/')).map_err(Error::from)?;
        if let Some(node) = place.get(&path) {
            let digest = place.digest().to_string();
            let node = match node {
                Node::Symlink { .. } if self.has("links_are_kept_as_links") => Node::file(*b"followed"),
                Node::File { bytes, .. } if self.has("files_round_trip") => {
                    Node::file(String::from_utf8_lossy(bytes).into_owned().into_bytes())
                }
                node => node.clone(),
            };
            let name = TreePath::new(path.file_name()).map_err(Error::from)?;
            return Ok(Fetched::File { name, node, validator: Some(Validator::new(digest)) });
        }
        if !place.is_folder(&path) {
            return if self.has("nothing_there_is_not_found") && request.known.is_none() {
                Ok(Fetched::Folder { tree: Tree::new(), validator: None })
            } else {
                Err(missing())
            };
        }
        let mut tree = Tree::with_limits(request.limits);
        for (inner, node) in place.subtree(Some(&path)).iter() {
            let cut = self.has("folders_round_trip") && inner.as_str().contains("c/y");
            if !cut && (request.wants(inner) || self.has("only_what_is_wanted")) {
                let node = match node {
                    Node::Symlink { .. } if self.has("links_are_kept_as_links") => Node::file(*b"followed"),
                    node => node.clone(),
                };
                match tree.insert(inner.clone(), node) {
                    Err(error) if !self.has("limits_are_kept") => return Err(error.into()),
                    _ => {}
                }
            }
        }
        let validator = Some(Validator::new(place.digest().to_string()));
        Ok(Fetched::Folder { tree, validator })
    }
}

#[async_trait]
impl Fetcher for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    fn handles(&self, url: &Url) -> bool {
        url.scheme() == "memory" || self.has("answers_only_what_it_handles")
    }

    async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        if !self.has("cancelled_call_ends") {
            cx.cancel.check()?;
        }
        if !self.handles(&request.url) {
            return Err(Error::new(ErrorKind::Unsupported, "not mine"));
        }
        if request.url.host_str() == Some("down") {
            let kind = if self.has("unreachable_is_not_gone") {
                ErrorKind::NotFound
            } else {
                ErrorKind::Unavailable
            };
            return Err(Error::new(kind, "down"));
        }
        if self.has("fetching_changes_nothing") {
            self.touched.fetch_add(1, Ordering::SeqCst);
        }
        if self.has("what_is_gone_is_not_unchanged")
            && request.known.is_some()
            && self.answer(request).is_err()
        {
            return Ok(Fetched::Unchanged);
        }
        let fetched = self.answer(request)?;
        if let Fetched::File { node: Node::File { bytes, .. }, .. } = &fetched
            && bytes.len() as u64 > request.limits.bytes
            && !self.has("limits_are_kept")
        {
            return Err(Error::new(ErrorKind::LimitExceeded, "too large"));
        }
        let known = request.known.as_ref().is_some_and(|known| match self.bug {
            "known_validator_is_unchanged" => false,
            "changed_content_is_told" => known.as_str().starts_with("sha256:"),
            "foreign_validator_gives_content" => {
                !known.as_str().starts_with("sha256:") || Some(known) == fetched.validator()
            }
            _ => Some(known) == fetched.validator(),
        });
        Ok(if known { Fetched::Unchanged } else { fetched })
    }
}

struct Subject(Arc<Memory>);

impl Subject {
    fn with(bug: Bug) -> Self {
        Self(Arc::new(Memory { bug, place: Mutex::default(), touched: AtomicUsize::new(0) }))
    }
}

#[async_trait]
impl FetcherSubject for Subject {
    fn fetcher(&self) -> &dyn Fetcher {
        &*self.0
    }

    async fn put(&self, files: &Tree) {
        *self.0.place.lock().unwrap() = files.clone();
    }

    fn url(&self, path: &str) -> Url {
        Url::parse("memory://up/").unwrap().join(path).unwrap()
    }

    fn unreachable(&self) -> Option<Url> {
        Url::parse("memory://down/a").ok()
    }

    async fn fingerprint(&self) -> String {
        format!("{:?} {}", self.0.touched, self.0.place.lock().unwrap().digest())
    }
}

idp_plugin_sdk::fetcher_conformance!(Subject::with("nothing"));

#[test]
fn each_bug_breaks_its_own_clause() {
    for (bug, _) in clauses::<Subject>() {
        let verdicts =
            clauses::<Subject>().into_iter().map(|(name, _)| (name, judge(&Subject::with(bug), name)));
        let broken: Vec<_> = verdicts.filter_map(|(name, verdict)| Some((name, verdict.err()?))).collect();
        let names: Vec<_> = broken.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [bug], "{broken:?}");
    }
}

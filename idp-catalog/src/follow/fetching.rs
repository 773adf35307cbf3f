//! Fetching many things at a time, few of them from one host.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use idp_core::{Error, ErrorKind, FetchRequest, Fetcher, ProviderContext, Result};
use url::Url;

use super::FollowLimits;
use super::files::{Files, Kept};

/// The means of one pass, and what it has used up.
#[derive(Debug)]
pub(super) struct Fetching<'a> {
    pub(super) cx: ProviderContext,
    pub(super) fetchers: Vec<Arc<dyn Fetcher>>,
    pub(super) limits: &'a FollowLimits,
    pub(super) root: Option<&'a Arc<Url>>,
    /// What the pass before had.
    pub(super) kept: Kept,
    /// What this pass has.
    pub(super) fresh: Kept,
    fetches: usize,
    bytes: u64,
}

/// Something to fetch, and the name it is kept under.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) key: String,
    pub(super) request: FetchRequest,
}

impl<'a> Fetching<'a> {
    pub(super) fn new(
        cx: ProviderContext,
        fetchers: Vec<Arc<dyn Fetcher>>,
        limits: &'a FollowLimits,
        root: Option<&'a Arc<Url>>,
        kept: Kept,
    ) -> Self {
        Self { cx, fetchers, limits, root, kept, fresh: Kept::new(), fetches: 0, bytes: 0 }
    }

    /// Fetches everything, and answers in the order of the wishes. What this pass has read already is not read again.
    pub(super) async fn all(&mut self, wishes: Vec<Wish>) -> Vec<Result<Arc<Files>>> {
        let mut answers: Vec<Option<Result<Arc<Files>>>> = wishes.iter().map(|it| self.known(it)).collect();
        let mut queues: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for (index, wish) in wishes.iter().enumerate().filter(|(index, _)| answers[*index].is_none()) {
            queues.entry(host(&wish.request.url)).or_default().push_back(index);
        }
        let mut busy: BTreeMap<String, usize> = BTreeMap::new();
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < self.limits.concurrency.max(1)
                && let Some((host, index)) = next(&mut queues, &busy, self.limits.per_host.max(1))
            {
                *busy.entry(host.clone()).or_default() += 1;
                let (fetch, known) = self.start(&wishes[index]);
                running.push(async move { (host, index, known, fetch.await) });
            }
            let Some((host, index, known, answer)) = running.next().await else { break };
            busy.entry(host).and_modify(|it| *it -= 1);
            answers[index] = Some(self.take(&wishes[index], known, answer));
        }
        let lost = || Err(Error::internal("a fetch was not made"));
        answers.into_iter().map(|it| it.unwrap_or_else(lost)).collect()
    }

    fn known(&mut self, wish: &Wish) -> Option<Result<Arc<Files>>> {
        if let Some(files) = self.fresh.get(&wish.key) {
            return Some(Ok(Arc::clone(files)));
        }
        self.fetches += 1;
        (self.fetches > self.limits.fetches)
            .then(|| Err(exceeded(&format!("more than {} files and folders to fetch", self.limits.fetches))))
    }

    /// The fetch of a wish, conditional where an earlier pass has an answer.
    fn start(
        &self,
        wish: &Wish,
    ) -> (impl Future<Output = Result<idp_core::Fetched>> + Send + use<>, Option<Arc<Files>>) {
        let known = self.kept.get(&wish.key).filter(|it| it.validator.is_some()).cloned();
        let mut request = wish.request.clone().known(known.as_ref().and_then(|it| it.validator.clone()));
        request.limits.bytes = self.limits.file_bytes;
        let fetcher = self.fetchers.iter().rev().find(|it| it.handles(&request.url)).cloned();
        let cx = self.cx.clone();
        let fetch = async move {
            cx.cancel.check()?;
            let nobody =
                || Error::new(ErrorKind::Unsupported, "no plugin fetches this URL").with("url", &request.url);
            fetcher.ok_or_else(nobody)?.fetch(&cx, &request).await
        };
        (fetch, known)
    }

    fn take(
        &mut self,
        wish: &Wish,
        known: Option<Arc<Files>>,
        answer: Result<idp_core::Fetched>,
    ) -> Result<Arc<Files>> {
        let files = match Files::read(answer?, &wish.request.url, self.root)? {
            Some(files) => Arc::new(files),
            None => known.ok_or_else(|| Error::internal("a fetcher answers `unchanged`, unasked"))?,
        };
        self.bytes += files.bytes();
        if self.bytes > self.limits.bytes {
            return Err(exceeded(&format!("more than {} bytes to fetch", self.limits.bytes)));
        }
        self.fresh.insert(wish.key.clone(), Arc::clone(&files));
        Ok(files)
    }

    /// What to keep for the next pass: what this one has read and, where it missed something, what may stand behind that.
    pub(super) fn finish(mut self, missed: bool) -> Kept {
        if missed {
            let room = self.limits.fetches.saturating_sub(self.fresh.len());
            let older = self.kept.into_iter().filter(|(key, _)| !self.fresh.contains_key(key));
            let older: Vec<_> = older.take(room).collect();
            self.fresh.extend(older);
        }
        self.fresh
    }
}

/// The next fetch of a host that is not too busy.
fn next(
    queues: &mut BTreeMap<String, VecDeque<usize>>,
    busy: &BTreeMap<String, usize>,
    per_host: usize,
) -> Option<(String, usize)> {
    let free = |host: &str| busy.get(host).is_none_or(|it| *it < per_host);
    let (host, queue) = queues.iter_mut().find(|(host, queue)| !queue.is_empty() && free(host))?;
    Some((host.clone(), queue.pop_front()?))
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn exceeded(message: &str) -> Error {
    Error::new(ErrorKind::LimitExceeded, message)
}

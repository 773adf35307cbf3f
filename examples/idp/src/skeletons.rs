//! Skeletons at absolute URLs, for the checker.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use idp_core::{
    Error, ErrorKind, FetchRequest, Fetched, ProviderContext, Registry, Result, Tree, TreeLimits,
};
use tempfile::TempDir;
use tokio::runtime::Handle;
use url::Url;

use crate::host::EnvironmentSecrets;

/// What was read, or why it could not be.
type Answer = std::result::Result<Tree, (ErrorKind, String)>;

/// Reads skeletons as a run would, each URL once.
pub(crate) struct Skeletons {
    registry: Registry,
    context: ProviderContext,
    network: bool,
    read: Mutex<HashMap<Url, Answer>>,
    runtime: Handle,
    _scratch: TempDir,
}

impl Skeletons {
    /// Read by the plugins of a registry. Without `network` only `file:` is read.
    pub(crate) fn new(registry: Registry, network: bool) -> Result<Self> {
        let scratch = tempfile::Builder::new().prefix("idp-").tempdir();
        let scratch =
            scratch.map_err(|error| Error::internal("cannot make a scratch folder").because(error))?;
        let mut context = ProviderContext::default().with_scratch(scratch.path());
        context.secrets = Arc::new(EnvironmentSecrets);
        let (read, runtime) = (Mutex::default(), Handle::current());
        Ok(Self { registry, context, network, read, runtime, _scratch: scratch })
    }

    /// The files at a URL.
    pub(crate) fn read(&self, url: &Url, limits: TreeLimits) -> Result<Tree> {
        if !self.network && url.scheme() != "file" {
            return Err(Error::new(ErrorKind::Unsupported, "it is read with `--fetch` only"));
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = read.entry(url.clone()).or_insert_with(|| self.fetch(url, limits));
        answer.clone().map_err(|(kind, message)| Error::new(kind, message))
    }

    fn fetch(&self, url: &Url, limits: TreeLimits) -> Answer {
        let request = FetchRequest::new(url.clone()).within(limits);
        let fetched = self.runtime.block_on(self.registry.fetch(&self.context, &request));
        fetched.and_then(Fetched::into_tree).map_err(|error| (error.kind(), error.chain()))
    }
}

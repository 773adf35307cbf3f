//! What the kit has to know of a fetcher and of the place it reads.

use async_trait::async_trait;
use idp_core::{FetchRequest, Fetched, Fetcher, Node, ProviderContext, Tree, TreePath};
use url::Url;

use crate::testkit::run::unexpected;
use crate::testkit::{BoxFuture, block_on};

/// A fetcher, a place that it reads, and the means to change that place.
#[async_trait]
pub trait FetcherSubject: Send + Sync {
    /// The fetcher under test.
    fn fetcher(&self) -> &dyn Fetcher;

    /// Makes the place hold these files, and nothing else.
    async fn put(&self, files: &Tree);

    /// The URL of a path in the place.
    fn url(&self, path: &str) -> Url;

    /// A URL that the fetcher handles and whose server does not answer. None where there is no server.
    fn unreachable(&self) -> Option<Url> {
        None
    }

    /// Whether it reads folders.
    fn reads_folders(&self) -> bool {
        true
    }

    /// Whether the place can hold symbolic links.
    fn has_links(&self) -> bool {
        true
    }

    /// A text that is another one whenever anything outside of the scratch folder has changed.
    async fn fingerprint(&self) -> String;

    /// What the fetcher is given.
    fn context(&self) -> ProviderContext {
        ProviderContext::default()
    }

    /// Runs a clause. For a fetcher that needs a runtime, in that runtime.
    fn run(&self, clause: BoxFuture<'_, ()>) {
        block_on(clause);
    }
}

/// A tree of files with these contents.
pub(super) fn tree(files: &[(&str, &[u8])]) -> Result<Tree, String> {
    let mut tree = Tree::new();
    for (path, bytes) in files {
        insert(&mut tree, path, Node::file(*bytes))?;
    }
    Ok(tree)
}

pub(super) fn insert(tree: &mut Tree, path: &str, node: Node) -> Result<(), String> {
    let path = TreePath::new(path).map_err(|error| error.to_string())?;
    tree.insert(path, node).map(drop).map_err(|error| error.to_string())
}

pub(super) fn request<S: FetcherSubject + ?Sized>(subject: &S, path: &str) -> FetchRequest {
    FetchRequest::new(subject.url(path))
}

/// Fetches what has to be there.
pub(super) async fn fetch<S: FetcherSubject>(subject: &S, request: &FetchRequest) -> Result<Fetched, String> {
    subject.fetcher().fetch(&subject.context(), request).await.map_err(unexpected("fetch"))
}

/// The bytes of a single file.
pub(super) fn bytes(fetched: &Fetched) -> Result<(&str, &[u8]), String> {
    match fetched {
        Fetched::File { name, node: Node::File { bytes, .. }, .. } => Ok((name.as_str(), bytes)),
        other => Err(format!("a file was asked for, the answer is {other:?}")),
    }
}

/// The files of a folder, by path.
pub(super) fn paths(fetched: &Fetched) -> Result<Vec<&str>, String> {
    match fetched {
        Fetched::Folder { tree, .. } => {
            let files = tree.iter().filter(|(_, node)| **node != Node::Folder);
            Ok(files.map(|(path, _)| path.as_str()).collect())
        }
        other => Err(format!("a folder was asked for, the answer is {other:?}")),
    }
}

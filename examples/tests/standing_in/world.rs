//! Everything that is read over the network: the repositories of the corpus are as far there as the corpus has them.

use std::path::PathBuf;

use idp_plugin_sdk::{
    FetchRequest, Fetched, Fetcher, Node, ProviderContext, Result, Tree, TreePath, Url, async_trait,
};
use idp_scaffolder::read_folder;

/// Reads any `https` URL: from the corpus where it has the file or folder, else a file that says so.
#[derive(Debug)]
pub(crate) struct World(pub(crate) PathBuf);

impl World {
    /// Where the corpus has what stands at a URL of a Git host: `/owner/name/tree/branch/path`.
    fn place(&self, url: &Url) -> Option<PathBuf> {
        let segments: Vec<_> = url.path_segments()?.filter(|it| !it.is_empty()).collect();
        let [owner, name, _, _, path @ ..] = &segments[..] else { return None };
        let repository = self.0.join(format!("templates/{owner}__{name}")).canonicalize().ok()?;
        let place = Url::from_directory_path(repository).ok()?.join(&path.join("/")).ok()?;
        place.to_file_path().ok().filter(|it| it.exists())
    }
}

#[async_trait]
impl Fetcher for World {
    fn name(&self) -> &str {
        "world"
    }

    fn handles(&self, url: &Url) -> bool {
        matches!(url.scheme(), "http" | "https")
    }

    async fn fetch(&self, _: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        let name = request.url.path_segments().and_then(Iterator::last).unwrap_or_default();
        match self.place(&request.url) {
            Some(place) if place.is_file() => file(name, std::fs::read(&place).unwrap()),
            Some(place) => folder(read_folder(&place, request.limits)?),
            None if name.contains('.') => file(name, text(&request.url)),
            None => {
                let mut tree = Tree::new();
                tree.insert(TreePath::new("README.md")?, Node::file(text(&request.url)))?;
                folder(tree)
            }
        }
    }
}

fn text(url: &Url) -> Vec<u8> {
    format!("This stands in for {url}.\n").into_bytes()
}

fn file(name: &str, bytes: Vec<u8>) -> Result<Fetched> {
    Ok(Fetched::File { name: TreePath::new(name)?, node: Node::file(bytes), validator: None })
}

fn folder(tree: Tree) -> Result<Fetched> {
    Ok(Fetched::Folder { tree, validator: None })
}

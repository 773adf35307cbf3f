//! Folders as fetchers, held to the contract.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::PathBuf;

use idp_catalog::FolderFetcher;
use idp_core::{ErrorKind, FetchRequest, Fetched, Fetcher, Node, ProviderContext, Tree};
use idp_plugin_sdk::async_trait;
use idp_plugin_sdk::testkit::fetcher::FetcherSubject;
use tempfile::TempDir;
use url::Url;

struct Folder {
    outer: TempDir,
    base: Url,
    fetcher: FolderFetcher,
}

impl Folder {
    fn new() -> Self {
        let outer = tempfile::tempdir().unwrap();
        fs::create_dir(outer.path().join("root")).unwrap();
        let root = outer.path().join("root").canonicalize().unwrap();
        let base = Url::from_directory_path(&root).unwrap();
        Self { fetcher: FolderFetcher::new(root).unwrap(), base, outer }
    }

    fn mirror() -> Self {
        let base = Url::parse("https://git.example.org:8443/acme").unwrap();
        let folder = Self::new();
        let fetcher = FolderFetcher::mirror(base.clone(), folder.root()).unwrap();
        let base = Url::parse(&format!("{base}/")).unwrap();
        Self { fetcher, base, ..folder }
    }

    fn root(&self) -> PathBuf {
        self.outer.path().join("root")
    }
}

#[async_trait]
impl FetcherSubject for Folder {
    fn fetcher(&self) -> &dyn Fetcher {
        &self.fetcher
    }

    async fn put(&self, files: &Tree) {
        fs::remove_dir_all(self.root()).unwrap();
        fs::create_dir(self.root()).unwrap();
        for (path, node) in files.iter() {
            let at = self.root().join(path.as_str());
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            match node {
                Node::File { bytes, .. } => fs::write(at, bytes).unwrap(),
                Node::Symlink { target } => std::os::unix::fs::symlink(target, at).unwrap(),
                Node::Folder => {}
            }
        }
    }

    fn url(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    async fn fingerprint(&self) -> String {
        idp_plugin_sdk::testkit::fingerprint(self.outer.path(), "").unwrap()
    }
}

mod by_file_url {
    idp_plugin_sdk::fetcher_conformance!(super::Folder::new());
}

mod as_mirror {
    idp_plugin_sdk::fetcher_conformance!(super::Folder::mirror());
}

async fn fetch(folder: &Folder, url: &str) -> Result<Fetched, ErrorKind> {
    let url = folder.base.join(url).unwrap();
    let fetched = folder.fetcher.fetch(&ProviderContext::default(), &FetchRequest::new(url)).await;
    fetched.map_err(|error| error.kind())
}

#[tokio::test]
async fn nothing_outside_the_folder_is_read() {
    let folder = Folder::new();
    fs::write(folder.outer.path().join("secret"), "x").unwrap();
    fs::create_dir_all(folder.root().join("real")).unwrap();
    fs::write(folder.root().join("real/file"), "x").unwrap();
    for (link, target) in [("out", folder.outer.path().to_owned()), ("in", folder.root().join("real"))] {
        std::os::unix::fs::symlink(target, folder.root().join(link)).unwrap();
    }
    for (url, kind) in [
        ("../secret", ErrorKind::Unsupported),
        ("%2e%2e/secret", ErrorKind::Unsupported),
        ("..%2fsecret", ErrorKind::PermissionDenied),
        ("/etc/passwd", ErrorKind::Unsupported),
        ("file://other-host/etc/passwd", ErrorKind::Unsupported),
        ("out/secret", ErrorKind::PermissionDenied),
        ("in/file", ErrorKind::PermissionDenied),
    ] {
        assert_eq!(fetch(&folder, url).await.unwrap_err(), kind, "{url}");
    }
    assert!(matches!(fetch(&folder, "real/file").await.unwrap(), Fetched::File { .. }));
}

#[tokio::test]
async fn git_and_excluded_files_were_read_by_name() {
    let folder = Folder::new();
    for file in [".git/config", "secrets/key.txt", "open/file"] {
        let file = folder.root().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "x").unwrap();
    }
    let fetcher = folder.fetcher.clone().excluding(&["**/secrets"]).unwrap();
    let folder = Folder { fetcher, ..folder };
    for url in
        [".git/config", "%2Egit/config", ".git", "secrets/key.txt", "open/../secrets/key.txt", "secrets"]
    {
        assert_eq!(fetch(&folder, url).await.unwrap_err(), ErrorKind::PermissionDenied, "{url}");
    }
    let Fetched::Folder { tree, .. } = fetch(&folder, "").await.unwrap() else { panic!("not a folder") };
    assert_eq!(tree.iter().filter(|(_, it)| **it != Node::Folder).count(), 1);
}

//! Repositories on disk, held to the contract.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::path::PathBuf;
use std::process::Command;

use idp_plugin_git::{GitConfig, GitProvider};
use idp_plugin_sdk::git::{Credential, GitSettings};
use idp_plugin_sdk::resources::Repository;
use idp_plugin_sdk::testkit::BoxFuture;
use idp_plugin_sdk::testkit::provider::ProviderSubject;
use idp_plugin_sdk::{Node, Secret, Tree, TreePath, TreeRef, async_trait};

struct OnDisk {
    folder: tempfile::TempDir,
    provider: GitProvider,
}

impl OnDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let credential =
            Credential { url: "file://".to_owned(), user: "bot".to_owned(), secret: "token".to_owned() };
        let config = GitConfig {
            git: GitSettings { credentials: vec![credential], ..GitSettings::default() },
            ..GitConfig::default()
        };
        Self { folder, provider: GitProvider::new(config) }
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("srv/acme/orders.git")
    }

    fn want(&self, text: &str) -> Repository {
        let mut want = Repository::new(self.place().to_str().unwrap()).with_content(TreeRef::of(&tree(text)));
        want.description = Some(format!("about {text}"));
        want
    }

    fn git(&self, args: &[&str]) {
        let status = Command::new("git")
            .current_dir(self.folder.path())
            .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
            .args(args)
            .status()
            .unwrap();
        assert!(status.success(), "{args:?}");
    }
}

fn tree(text: &str) -> Tree {
    let mut tree = Tree::new();
    tree.insert(TreePath::new("README.md").unwrap(), Node::file(text.as_bytes())).unwrap();
    tree.insert(TreePath::new("src").unwrap(), Node::Folder).unwrap();
    tree
}

#[async_trait]
impl ProviderSubject for OnDisk {
    type Resource = Repository;
    type Provider = GitProvider;

    fn provider(&self) -> &GitProvider {
        &self.provider
    }

    fn first(&self) -> Repository {
        self.want("first")
    }

    fn second(&self) -> Repository {
        self.want("second")
    }

    async fn tamper(&self) {
        let clone = self.folder.path().join("clone");
        self.git(&["clone", "-q", self.place().to_str().unwrap(), clone.to_str().unwrap()]);
        std::fs::write(clone.join("by-hand"), "x").unwrap();
        let clone = clone.to_str().unwrap();
        self.git(&["-C", clone, "add", "."]);
        self.git(&["-C", clone, "commit", "-qm", "by hand"]);
        self.git(&["-C", clone, "push", "-q"]);
    }

    async fn fingerprint(&self) -> String {
        idp_plugin_sdk::testkit::fingerprint(self.folder.path(), "scratch").unwrap()
    }

    async fn count(&self) -> usize {
        let folder = self.place().parent().unwrap().to_owned();
        std::fs::read_dir(folder).map_or(0, Iterator::count)
    }

    fn trees(&self) -> Vec<Tree> {
        vec![tree("first"), tree("second")]
    }

    fn secrets(&self) -> Vec<(String, Secret)> {
        vec![("token".to_owned(), Secret::new("gh-token-0123456789"))]
    }

    fn scratch(&self) -> Option<PathBuf> {
        Some(self.folder.path().join("scratch"))
    }

    fn run(&self, clause: BoxFuture<'_, ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(clause);
    }
}

idp_plugin_sdk::provider_conformance!(OnDisk::new());

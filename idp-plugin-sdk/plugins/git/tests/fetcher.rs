//! Files of repositories, held to the contract: in a repository on disk, and behind a URL.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::path::PathBuf;
use std::process::Command;

use idp_plugin_git::{GitConfig, GitFetcher};
use idp_plugin_sdk::git::GitSettings;
use idp_plugin_sdk::testkit::BoxFuture;
use idp_plugin_sdk::testkit::fetcher::FetcherSubject;
use idp_plugin_sdk::{Fetcher, Node, ProviderContext, Tree, Url, async_trait};

struct Repository {
    folder: tempfile::TempDir,
    fetcher: GitFetcher,
    base: String,
}

impl Repository {
    fn on_disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = format!("file://{}/acme/orders.git", folder.path().display());
        Self::new(folder, GitConfig::default(), base)
    }

    /// The server is a folder: the program is a script that sends Git there.
    fn behind_a_url() -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("git.sh");
        let instead =
            format!("url.file://{}/.insteadOf=https://git.example.invalid/", folder.path().display());
        std::fs::write(&script, format!("#!/bin/sh\nexec git -c '{instead}' \"$@\"\n")).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let git = GitSettings { program: Some(script), ..GitSettings::default() };
        let config = GitConfig { git, ..GitConfig::default() };
        Self::new(folder, config, "https://git.example.invalid/acme/orders.git".to_owned())
    }

    fn new(folder: tempfile::TempDir, config: GitConfig, base: String) -> Self {
        let this = Self { folder, fetcher: GitFetcher::new(config), base };
        std::fs::create_dir_all(this.bare()).unwrap();
        this.git(&["init", "-q", "--bare", "--initial-branch=main", this.bare().to_str().unwrap()]);
        this
    }

    fn bare(&self) -> PathBuf {
        self.folder.path().join("acme/orders.git")
    }

    fn git(&self, args: &[&str]) {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
        let status =
            Command::new("git").current_dir(self.folder.path()).args(identity).args(args).status().unwrap();
        assert!(status.success(), "{args:?}");
    }
}

#[async_trait]
impl FetcherSubject for Repository {
    fn fetcher(&self) -> &dyn Fetcher {
        &self.fetcher
    }

    async fn put(&self, files: &Tree) {
        let work = self.folder.path().join("work");
        let _ = std::fs::remove_dir_all(&work);
        for (path, node) in files.iter() {
            let at = work.join(path.as_str());
            std::fs::create_dir_all(at.parent().unwrap()).unwrap();
            match node {
                Node::File { bytes, .. } => std::fs::write(at, bytes).unwrap(),
                Node::Symlink { target } => std::os::unix::fs::symlink(target, at).unwrap(),
                Node::Folder => {}
            }
        }
        let (git_dir, work_tree) =
            (format!("--git-dir={}", self.bare().display()), format!("--work-tree={}", work.display()));
        self.git(&[&git_dir, &work_tree, "add", "--all", "."]);
        self.git(&[&git_dir, &work_tree, "commit", "-qm", "x"]);
        std::fs::remove_dir_all(&work).unwrap();
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}/blob/main/{path}", self.base)).unwrap()
    }

    fn unreachable(&self) -> Option<Url> {
        Some(Url::parse("http://127.0.0.1:1/acme/orders.git/blob/main/a").unwrap())
    }

    async fn fingerprint(&self) -> String {
        idp_plugin_sdk::testkit::fingerprint(self.folder.path(), "scratch").unwrap()
    }

    fn context(&self) -> ProviderContext {
        ProviderContext::default().with_scratch(self.folder.path().join("scratch"))
    }

    fn run(&self, clause: BoxFuture<'_, ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(clause);
    }
}

mod on_disk {
    idp_plugin_sdk::fetcher_conformance!(super::Repository::on_disk());
}

mod behind_a_url {
    idp_plugin_sdk::fetcher_conformance!(super::Repository::behind_a_url());
}

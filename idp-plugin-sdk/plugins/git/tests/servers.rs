//! Repositories behind a URL. The server is a folder: the program is a script that sends Git there.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use idp_plugin_git::{GitConfig, GitFetcher, GitProvider};
use idp_plugin_sdk::git::GitSettings;
use idp_plugin_sdk::resources::Repository;
use idp_plugin_sdk::{
    Change, ErrorKind, FetchRequest, Fetcher, IdempotencyKey, Node, Operation, Provider, ProviderContext,
    Receipt, Resource, Tree, TreePath, TreeRef, Url,
};

const URL: &str = "https://git.example.invalid/acme/orders.git";

struct Server {
    folder: tempfile::TempDir,
    config: GitConfig,
    provider: GitProvider,
}

impl Server {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("git.sh");
        let instead =
            format!("url.file://{}/.insteadOf=https://git.example.invalid/", folder.path().display());
        std::fs::write(&script, format!("#!/bin/sh\nexec git -c '{instead}' \"$@\"\n")).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let git = GitSettings { program: Some(script), ..GitSettings::default() };
        let config = GitConfig { git, ..GitConfig::default() };
        Self { folder, provider: GitProvider::new(config.clone()), config }
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("acme/orders.git")
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git").arg("-C").arg(self.repository()).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn create(&self) {
        std::fs::create_dir_all(self.repository()).unwrap();
        self.git(&["init", "-q", "--bare", "--initial-branch=main"]);
    }

    fn cx(&self) -> ProviderContext {
        let cx = ProviderContext::default().with_scratch(self.folder.path().join("scratch"));
        ["1", "2"].into_iter().fold(cx, |cx, text| cx.with_tree(tree(text)))
    }

    async fn receipt(&self, text: &str) -> Receipt {
        let (cx, want) = (self.cx(), want(text));
        let have = self.provider.observe(&cx, &want.id()).await.unwrap();
        let change = self.provider.propose(&cx, &want, have.as_ref()).await.unwrap();
        let before = have.map(|it| serde_json::to_value(it).unwrap());
        Receipt { resource: want.id(), before, change, key: IdempotencyKey::new(&[text]) }
    }

    async fn apply(&self, text: &str, change: &Change) -> idp_plugin_sdk::Result<String> {
        let key = IdempotencyKey::new(&[text]);
        let state = self.provider.apply(&self.cx(), &want(text), change, &key).await?;
        Ok(state.commit.unwrap().known().unwrap().clone())
    }
}

fn tree(text: &str) -> Tree {
    let mut tree = Tree::new();
    tree.insert(TreePath::new("docs/file").unwrap(), Node::file(text.as_bytes())).unwrap();
    tree
}

fn want(text: &str) -> Repository {
    Repository::new(URL).with_content(TreeRef::of(&tree(text)))
}

#[tokio::test]
async fn an_empty_repository_is_filled_and_brought_forward_and_back() {
    let server = Server::new();
    server.create();
    let first = server.receipt("1").await;
    assert_eq!(first.change.operation, Operation::Update);
    let one = server.apply("1", &first.change).await.unwrap();
    assert_eq!(server.apply("1", &first.change).await.unwrap(), one, "twice with one key");
    assert!(server.receipt("1").await.change.is_nothing());

    let second = server.receipt("2").await;
    let two = server.apply("2", &second.change).await.unwrap();
    assert_eq!(server.git(&["rev-parse", "main", "main~1"]), format!("{two}\n{one}"));

    let fetcher = GitFetcher::new(server.config.clone());
    let url = Url::parse(&format!("{URL}/tree/main/docs")).unwrap();
    assert_eq!(
        fetcher.fetch(&server.cx(), &FetchRequest::new(url)).await.unwrap().into_tree().unwrap(),
        tree("2").subtree(Some(&"docs".parse().unwrap()))
    );

    server.provider.undo(&server.cx(), &second).await.unwrap();
    server.provider.undo(&server.cx(), &second).await.unwrap();
    assert_eq!(server.git(&["rev-parse", "main"]), one);
    // Where it was: a change made on what is no longer there is refused, and what others pushed stays.
    let third = server.receipt("2").await;
    let clone = server.folder.path().join("clone");
    server.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
    let script =
        "echo x > x && git add . && git -c user.name=x -c user.email=x@y commit -qm x && git push -q";
    assert!(Command::new("sh").current_dir(&clone).args(["-c", script]).status().unwrap().success());
    assert_eq!(server.apply("2", &third.change).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(server.provider.undo(&server.cx(), &first).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn what_is_not_there_is_not_created_by_plain_git() {
    let server = Server::new();
    let (cx, want) = (server.cx(), want("1"));
    assert_eq!(server.provider.observe(&cx, &want.id()).await.unwrap(), None);
    let error = server.provider.propose(&cx, &want, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("create it there first"), "{error}");
}

#[tokio::test]
async fn another_default_branch_is_refused_while_planning() {
    let server = Server::new();
    server.create();
    let first = server.receipt("1").await;
    server.apply("1", &first.change).await.unwrap();
    let other = Repository { default_branch: "trunk".to_owned(), ..want("2") };
    let have = server.provider.observe(&server.cx(), &other.id()).await.unwrap();
    let error = server.provider.propose(&server.cx(), &other, have.as_ref()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

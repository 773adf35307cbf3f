//! The wrapper of the system's Git.
#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]
#![cfg(feature = "git")]

use std::path::Path;

use idp_plugin_sdk::git::{Commit, Git, GitUrl, LocalRepository, Signature};
use idp_plugin_sdk::{Cancel, ErrorKind, Node, Timestamp, Tree, TreeLimits, TreePath};

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(TreePath::new(path).unwrap(), Node::file(text.as_bytes())).unwrap();
    }
    tree
}

fn commit(parent: Option<&str>, tree: Tree) -> Commit {
    let time = Timestamp::from_millis(1_772_366_400_000);
    let author = Signature { name: "Ada".to_owned(), email: "ada@example.org".to_owned(), time };
    Commit {
        branch: "main".to_owned(),
        parent: parent.map(str::to_owned),
        tree,
        author,
        message: "say it".to_owned(),
    }
}

async fn bare(path: &Path) -> GitUrl {
    Git::new().init_bare(&Cancel::new(), path, "main").await.unwrap();
    GitUrl::parse(path.to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_commit_reads_back_and_has_the_same_hash_every_time() {
    let (folder, cancel, git) = (tempfile::tempdir().unwrap(), Cancel::new(), Git::new());
    let mut files = tree(&[("a b/\"q\" ä\n", "1"), ("empty", ""), ("x", "line\n")]);
    files.insert(TreePath::new("run").unwrap(), Node::File { bytes: (*b"#!").into(), mode: 0o755 }).unwrap();
    files.insert(TreePath::new("link").unwrap(), Node::Symlink { target: "/etc/passwd".to_owned() }).unwrap();
    let mut ids = Vec::new();
    for name in ["one", "two"] {
        let path = folder.path().join(name);
        bare(&path).await;
        let id = git.commit(&cancel, &path, &commit(None, files.clone())).await.unwrap();
        let read = git.read_tree(&cancel, &path, &id, TreeLimits::default()).await.unwrap();
        assert_eq!(read.digest(), files.digest());
        let local = LocalRepository::open(&path).unwrap().unwrap();
        assert_eq!(local.default_branch().unwrap().as_deref(), Some("main"));
        assert_eq!(local.branch("main").unwrap(), Some(id.clone()));
        ids.push(id);
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_push_never_overwrites_what_others_did() {
    let (folder, cancel, git) = (tempfile::tempdir().unwrap(), Cancel::new(), Git::new());
    let url = bare(&folder.path().join("remote.git")).await;
    let work = git.scratch(&cancel, folder.path()).await.unwrap();
    let work = work.path();
    let first = git.commit(&cancel, work, &commit(None, tree(&[("a", "1")]))).await.unwrap();
    git.push(&cancel, work, &url, "main", None, Some(&first)).await.unwrap();
    let second = git.commit(&cancel, work, &commit(Some(&first), tree(&[("a", "2")]))).await.unwrap();
    let other = git.commit(&cancel, work, &commit(Some(&first), tree(&[("a", "3")]))).await.unwrap();
    git.push(&cancel, work, &url, "main", Some(&first), Some(&second)).await.unwrap();
    for expected in [None, Some(first.as_str())] {
        let error = git.push(&cancel, work, &url, "main", expected, Some(&other)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
    let refs = git.branches(&cancel, &url).await.unwrap();
    assert_eq!(refs.branches["main"], second);
    assert_eq!(refs.default_branch.as_deref(), Some("main"));
    let reader = git.scratch(&cancel, folder.path()).await.unwrap();
    let reader = reader.path();
    assert_eq!(git.fetch(&cancel, reader, &url, "main", true).await.unwrap(), second);
    let line = git.line(&cancel, reader, Some(&first), &second).await.unwrap();
    assert_eq!(line, Some(vec![second]));
}

#[tokio::test]
async fn absent_things_are_not_found() {
    let (folder, cancel, git) = (tempfile::tempdir().unwrap(), Cancel::new(), Git::new());
    let nowhere = GitUrl::parse(folder.path().join("nowhere.git").to_str().unwrap()).unwrap();
    assert_eq!(git.branches(&cancel, &nowhere).await.unwrap_err().kind(), ErrorKind::NotFound);
    let url = bare(&folder.path().join("remote.git")).await;
    let work = git.scratch(&cancel, folder.path()).await.unwrap();
    let work = work.path();
    assert_eq!(git.fetch(&cancel, work, &url, "main", false).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(git.branches(&cancel, &url).await.unwrap().branches.is_empty());
}

#[tokio::test]
async fn names_that_git_keeps_for_itself_are_refused() {
    let (folder, cancel, git) = (tempfile::tempdir().unwrap(), Cancel::new(), Git::new());
    bare(&folder.path().join("r.git")).await;
    let evil = commit(None, tree(&[("a/.GIT/config", "x")]));
    let error = git.commit(&cancel, &folder.path().join("r.git"), &evil).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

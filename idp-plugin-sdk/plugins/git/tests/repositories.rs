//! Real repositories on disk, through the provider and the fetcher.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::path::Path;
use std::process::Command;

use idp_plugin_git::{GitConfig, GitFetcher, GitProvider};
use idp_plugin_sdk::git::GitSettings;
use idp_plugin_sdk::resources::{Repository, RepositoryState};
use idp_plugin_sdk::{
    Change, ErrorKind, FetchRequest, Fetcher, IdempotencyKey, Node, Operation, Provider, ProviderContext,
    Receipt, Resource, RunInfo, Timestamp, Tree, TreePath, TreeRef, Url,
};

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(TreePath::new(path).unwrap(), Node::file(text.as_bytes())).unwrap();
    }
    tree
}

struct World {
    folder: tempfile::TempDir,
    provider: GitProvider,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), provider: GitProvider::default() }
    }

    fn url(&self) -> String {
        format!("file://{}", self.folder.path().join("srv/acme/orders.git").display())
    }

    fn cx(&self, trees: &[&Tree]) -> ProviderContext {
        let run = RunInfo::new("run-1", Timestamp::from_millis(1_772_366_400_000));
        let cx = ProviderContext::new(run).with_scratch(self.folder.path().join("scratch"));
        trees.iter().fold(cx, |cx, tree| cx.with_tree((*tree).clone()))
    }

    fn want(&self, tree: &Tree) -> Repository {
        Repository::new(self.url()).with_content(TreeRef::of(tree))
    }

    async fn ensure(&self, tree: &Tree, key: &str) -> (Receipt, RepositoryState) {
        let (cx, want) = (self.cx(&[tree]), self.want(tree));
        let before = self.provider.observe(&cx, &want.id()).await.unwrap();
        let change = self.provider.propose(&cx, &want, before.as_ref()).await.unwrap();
        let key = IdempotencyKey::new(&[key]);
        let state = self.provider.apply(&cx, &want, &change, &key).await.unwrap();
        let before = before.map(|it| serde_json::to_value(it).unwrap());
        (Receipt { resource: want.id(), before, change, key }, state)
    }

    async fn propose(&self, tree: &Tree) -> Change {
        let (cx, want) = (self.cx(&[tree]), self.want(tree));
        let have = self.provider.observe(&cx, &want.id()).await.unwrap();
        self.provider.propose(&cx, &want, have.as_ref()).await.unwrap()
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git").current_dir(folder).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn create_update_and_back() {
    let world = World::new();
    let mut first = tree(&[("pom.xml", "<project/>"), ("src/App.java", "class App {}")]);
    first.insert(TreePath::new("empty").unwrap(), Node::Folder).unwrap();
    let (created, state) = world.ensure(&first, "1").await;
    assert_eq!(created.change.operation, Operation::Create);
    assert_eq!(created.change.summary, "create repository with 2 files on main");
    assert!(world.propose(&first).await.is_nothing());

    let bare = world.folder.path().join("srv/acme/orders.git");
    let log = git(&bare, &["log", "--format=%an <%ae> %ct %s"]);
    assert_eq!(log, "Scaffolder <scaffolder@backstage.io> 1772366400 initial commit\n");
    git(&bare, &["fsck", "--strict"]);

    let second = tree(&[("pom.xml", "<project>2</project>")]);
    let (updated, _) = world.ensure(&second, "2").await;
    assert_eq!(updated.change.operation, Operation::Update);
    assert_eq!(updated.change.details, ["~ pom.xml", "- src/App.java"]);
    assert_eq!(git(&bare, &["rev-list", "--count", "main"]), "2\n");

    let cx = world.cx(&[]);
    world.provider.undo(&cx, &updated).await.unwrap();
    assert_eq!(world.provider.observe(&cx, &created.resource).await.unwrap(), Some(state));
    world.provider.undo(&cx, &created).await.unwrap();
    world.provider.undo(&cx, &created).await.unwrap();
    assert_eq!(world.provider.observe(&cx, &created.resource).await.unwrap(), None);
    assert_eq!(std::fs::read_dir(bare.parent().unwrap()).unwrap().count(), 0, "nothing is left beside it");
}

#[tokio::test]
async fn what_people_pushed_is_not_deleted() {
    let world = World::new();
    let (created, _) = world.ensure(&tree(&[("a", "1")]), "1").await;
    let clone = world.folder.path().join("clone");
    git(world.folder.path(), &["clone", "-q", &world.url(), "clone"]);
    std::fs::write(clone.join("b"), "2").unwrap();
    git(&clone, &["add", "."]);
    git(&clone, &["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "by hand"]);
    git(&clone, &["push", "-q"]);
    let error = world.provider.undo(&world.cx(&[]), &created).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    // What somebody else wrote is observed by reading it.
    let have = world.provider.observe(&world.cx(&[]), &created.resource).await.unwrap().unwrap();
    assert_eq!(have.tree, Some(tree(&[("a", "1"), ("b", "2")]).digest()));
}

#[tokio::test]
async fn own_and_absent_repositories_are_observed_without_a_process() {
    let world = World::new();
    let no_git = GitSettings { program: Some("/no/such/git".into()), ..GitSettings::default() };
    let blind = GitProvider::new(GitConfig { git: no_git, ..GitConfig::default() });
    let (cx, files) = (world.cx(&[]), tree(&[("a", "1")]));
    let id = world.want(&files).id();
    assert_eq!(blind.observe(&cx, &id).await.unwrap(), None);
    let (_, state) = world.ensure(&files, "1").await;
    assert_eq!(blind.observe(&cx, &id).await.unwrap(), Some(state.clone()));
    git(&world.folder.path().join("srv/acme/orders.git"), &["pack-refs", "--all"]);
    assert_eq!(blind.observe(&cx, &id).await.unwrap(), Some(state));
}

#[tokio::test]
async fn files_by_url() {
    let world = World::new();
    let files = tree(&[("catalog-info.yaml", "kind: Component"), ("docs/index.md", "# hi")]);
    world.ensure(&files, "1").await;
    let (fetcher, cx) = (GitFetcher::default(), world.cx(&[]));
    let fetch = async |rest: &str| {
        let url = Url::parse(&format!("{}{rest}", world.url())).unwrap();
        assert!(fetcher.handles(&url));
        fetcher.fetch(&cx, &FetchRequest::new(url)).await?.into_tree()
    };
    assert_eq!(
        fetch("/blob/main/catalog-info.yaml").await.unwrap(),
        tree(&[("catalog-info.yaml", "kind: Component")])
    );
    assert_eq!(fetch("/tree/main/docs").await.unwrap(), tree(&[("index.md", "# hi")]));
    assert_eq!(fetch("").await.unwrap(), files);
    for absent in ["/blob/main/nothing", "/blob/other/docs"] {
        assert_eq!(fetch(absent).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_server_without_the_repository_is_said_to_be_out_of_reach() {
    let world = World::new();
    let want = Repository::new("https://git.example.invalid/acme/orders.git");
    let error = world.provider.propose(&world.cx(&[]), &want, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

//! Stacks through the real program, held to the contract.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests stop where they cannot go on, and say why"
)]

use std::path::PathBuf;
use std::process::Command;

use idp_plugin_sdk::resources::Stack;
use idp_plugin_sdk::testkit::BoxFuture;
use idp_plugin_sdk::testkit::provider::{ProviderSubject, clauses, judge};
use idp_plugin_sdk::{
    ErrorKind, IdempotencyKey, Node, Operation, Provider, ProviderContext, Resource, Secret, Tree, TreePath,
    TreeRef, async_trait,
};
use idp_plugin_terraform::{TerraformConfig, TerraformProvider};
use serde_json::{Value, json};

const CODE: &str = r#"
terraform {
  backend "s3" {}
}
variable "size" { type = string }
variable "password" {
  type      = string
  sensitive = true
}
resource "terraform_data" "box" {
  input = { size = var.size, password = var.password }
}
output "size" { value = terraform_data.box.input.size }
output "leak" { value = "is ${nonsensitive(var.password)}" }
output "password" {
  value     = var.password
  sensitive = true
}
"#;

struct World {
    folder: tempfile::TempDir,
    provider: TerraformProvider,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = TerraformConfig::new(folder.path().join("stacks"));
        config.secrets.insert("TF_VAR_password".to_owned(), "password".to_owned());
        Self { provider: TerraformProvider::new(config), folder }
    }

    fn want(&self, size: &str) -> Stack {
        let mut want = Stack::new("orders", TreeRef::of(&code()));
        want.environment = Some("dev".to_owned());
        want.variables.insert("size".to_owned(), json!(size));
        want
    }

    fn state_file(&self) -> PathBuf {
        self.folder.path().join("stacks/dev/orders/terraform.tfstate")
    }

    fn state(&self) -> Option<Value> {
        Some(serde_json::from_slice(&std::fs::read(self.state_file()).ok()?).unwrap())
    }
}

fn code() -> Tree {
    let mut tree = Tree::new();
    tree.insert(TreePath::new("main.tf").unwrap(), Node::file(CODE.as_bytes())).unwrap();
    tree
}

#[async_trait]
impl ProviderSubject for World {
    type Resource = Stack;
    type Provider = TerraformProvider;

    fn provider(&self) -> &TerraformProvider {
        &self.provider
    }

    fn first(&self) -> Stack {
        self.want("small")
    }

    fn second(&self) -> Stack {
        self.want("large")
    }

    /// Somebody runs the program by hand.
    async fn tamper(&self) {
        let mut state = self.state().unwrap();
        state["serial"] = json!(state["serial"].as_u64().unwrap() + 1);
        state["outputs"]["size"]["value"] = json!("by hand");
        std::fs::write(self.state_file(), state.to_string()).unwrap();
    }

    async fn fingerprint(&self) -> String {
        idp_plugin_sdk::testkit::fingerprint(self.folder.path(), "scratch").unwrap()
    }

    async fn count(&self) -> usize {
        self.state().map_or(0, |it| it["resources"].as_array().unwrap().len())
    }

    fn trees(&self) -> Vec<Tree> {
        vec![code()]
    }

    fn secrets(&self) -> Vec<(String, Secret)> {
        vec![("password".to_owned(), Secret::new("correct-horse-battery"))]
    }

    fn scratch(&self) -> Option<PathBuf> {
        Some(self.folder.path().join("scratch"))
    }

    fn run(&self, clause: BoxFuture<'_, ()>) {
        run(clause);
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Whether the program is there; says so where it is not.
fn is_installed() -> bool {
    let found = ["terraform", "tofu"].iter().any(|it| Command::new(it).arg("version").output().is_ok());
    if !found {
        eprintln!("skipped: neither `terraform` nor `tofu` is in PATH");
    }
    found
}

/// One test for all, as each is skipped for the same reason.
#[test]
fn every_clause() {
    if !is_installed() {
        return;
    }
    std::thread::scope(|scope| {
        let judges: Vec<_> = clauses::<World>()
            .into_iter()
            .map(|(name, _)| (name, scope.spawn(move || judge(&World::new(), name))))
            .collect();
        let broken: Vec<_> =
            judges.into_iter().filter_map(|(name, it)| Some((name, it.join().unwrap().err()?))).collect();
        assert!(broken.is_empty(), "{broken:#?}");
    });
}

#[test]
fn a_plan_shows_what_the_program_says() {
    if !is_installed() {
        return;
    }
    let world = World::new();
    let cx = ProviderContext::default().with_scratch(world.folder.path().join("scratch")).with_tree(code());
    let mut cx = cx;
    cx.secrets = std::sync::Arc::new(idp_plugin_sdk::GivenSecrets::new(world.secrets()));
    let want = world.first();
    let change = run(world.provider.propose(&cx, &want, None)).unwrap();
    assert_eq!(change.operation, Operation::Create);
    assert_eq!(change.summary, "create stack orders: 1 to add, 0 to change, 0 to destroy");
    assert_eq!(change.details, ["+ terraform_data.box"]);
    assert_eq!(change.after["outputs"]["leak"], "is ***");
    assert_eq!(change.after["outputs"].get("password"), None);
    let key = IdempotencyKey::new(&["1"]);
    let state = run(world.provider.apply(&cx, &want, &change, &key)).unwrap();
    assert_eq!(state.resources, ["terraform_data.box"]);
    assert_eq!(state.outputs["size"], "small");
    assert!(!world.folder.path().join("stacks/dev/orders/idp.json.new").exists());
}

#[test]
fn code_that_is_wrong_says_why_and_changes_nothing() {
    if !is_installed() {
        return;
    }
    let world = World::new();
    let mut tree = Tree::new();
    tree.insert(TreePath::new("main.tf").unwrap(), Node::file(*b"resource \"nothing\" {")).unwrap();
    let mut cx =
        ProviderContext::default().with_scratch(world.folder.path().join("scratch")).with_tree(tree.clone());
    cx.secrets = std::sync::Arc::new(idp_plugin_sdk::GivenSecrets::new(world.secrets()));
    let want = Stack::new("orders", TreeRef::of(&tree));
    let error = run(world.provider.propose(&cx, &want, None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("main.tf"), "{error}");
    assert!(run(world.provider.observe(&cx, &want.id())).unwrap().is_none());
}

#[test]
fn without_the_program_the_plan_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = TerraformConfig::new(folder.path().join("stacks"));
    config.program = Some("/no/such/terraform".into());
    let provider = TerraformProvider::new(config);
    let cx = ProviderContext::default().with_scratch(folder.path().join("scratch")).with_tree(code());
    let want = Stack::new("orders", TreeRef::of(&code()));
    assert!(run(provider.observe(&cx, &want.id())).unwrap().is_none());
    let error = run(provider.propose(&cx, &want, None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert!(error.to_string().contains("install Terraform"), "{error}");
}

#[test]
fn names_do_not_lead_elsewhere() {
    let provider = TerraformProvider::new(TerraformConfig::new("/nonexistent"));
    for name in ["", "..", "a/../b", "a/b/c", "_"] {
        let want = Stack::new(name, TreeRef::of(&code()));
        let error = run(provider.observe(&ProviderContext::default(), &want.id())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
    }
}

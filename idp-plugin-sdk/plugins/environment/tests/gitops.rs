//! What is written, to whom, and what happens when two write at once.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::process::Command;

use idp_plugin_environment::{EnvironmentConfig, EnvironmentProvider};
use idp_plugin_sdk::git::GitSettings;
use idp_plugin_sdk::resources::{Amount, GitOpsPlace, Limits, Manifest, Namespace, Quota};
use idp_plugin_sdk::{
    EffectState, ErrorKind, IdempotencyKey, Provider, ProviderContext, Resource, RunInfo, Timestamp,
};
use serde_json::json;

fn cx(folder: &tempfile::TempDir) -> ProviderContext {
    let run = RunInfo::new("run-1", Timestamp::from_millis(1_772_366_400_000));
    ProviderContext::new(run).with_scratch(folder.path().join("scratch"))
}

fn namespace(folder: &tempfile::TempDir, name: &str) -> Namespace {
    let mut want = Namespace::new("dev", name);
    want.gitops = Some(GitOpsPlace::new(folder.path().join("gitops.git").to_str().unwrap()));
    want
}

async fn ensure(
    provider: &EnvironmentProvider,
    cx: &ProviderContext,
    want: &Namespace,
) -> idp_plugin_sdk::Result<()> {
    let have = Provider::<Namespace>::observe(provider, cx, &want.id()).await?;
    let change = provider.propose(cx, want, have.as_ref()).await?;
    provider.apply(cx, want, &change, &IdempotencyKey::new(&[&want.name])).await.map(drop)
}

fn git(folder: &tempfile::TempDir, args: &[&str]) -> String {
    let output =
        Command::new("git").current_dir(folder.path().join("gitops.git")).args(args).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_namespace_is_three_files_and_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let mut want = namespace(&folder, "orders");
    want.quota = Some(Quota { memory: Some("8Gi".to_owned()), pods: Some(20), ..Quota::default() });
    let amount = Amount { cpu: Some("500m".to_owned()), memory: None };
    want.limits = Some(Limits { default: Some(amount), default_request: None });
    ensure(&EnvironmentProvider::default(), &cx(&folder), &want).await.unwrap();
    let show = |name: &str| git(&folder, &["show", &format!("main:dev/orders/namespace/{name}.yaml")]);
    assert_eq!(show("namespace"), "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: orders\n");
    assert_eq!(
        show("resource-quota"),
        "apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: quota\n  namespace: orders\nspec:\n  hard:\n    \
         limits.memory: 8Gi\n    pods: \"20\"\n    requests.memory: 8Gi\n"
    );
    assert!(show("limit-range").contains("cpu: 500m"));
    assert_eq!(git(&folder, &["log", "--format=%an: %s"]), "Scaffolder: Create namespace orders in dev\n");
}

#[tokio::test]
async fn own_and_absent_things_are_observed_without_a_process() {
    let folder = tempfile::tempdir().unwrap();
    let git = GitSettings { program: Some("/no/such/git".into()), ..GitSettings::default() };
    let blind = EnvironmentProvider::new(EnvironmentConfig { git, ..EnvironmentConfig::default() });
    let (one, two) = (namespace(&folder, "one"), namespace(&folder, "two"));
    let seen = async |want: &Namespace| {
        Provider::<Namespace>::observe(&blind, &cx(&folder), &want.id()).await.unwrap().is_some()
    };
    assert!(!seen(&one).await);
    ensure(&EnvironmentProvider::default(), &cx(&folder), &one).await.unwrap();
    assert_eq!((seen(&one).await, seen(&two).await), (true, false));
    ensure(&EnvironmentProvider::default(), &cx(&folder), &two).await.unwrap();
    assert_eq!((seen(&one).await, seen(&two).await), (true, true));
}

#[tokio::test]
async fn two_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let provider = EnvironmentProvider::default();
    ensure(&provider, &cx(&folder), &namespace(&folder, "first")).await.unwrap();
    let (one, two) = (namespace(&folder, "one"), namespace(&folder, "two"));
    let patiently = async |want: &Namespace| {
        while let Err(error) = ensure(&provider, &cx(&folder), want).await {
            assert_eq!(
                (error.kind(), error.effect_state()),
                (ErrorKind::Conflict, EffectState::NotStarted),
                "{error:?}"
            );
            assert!(error.is_retryable(), "{error:?}");
        }
    };
    tokio::join!(patiently(&one), patiently(&two));
    assert_eq!(git(&folder, &["rev-list", "--count", "main"]), "3\n");
    for want in [one, two] {
        assert!(Provider::<Namespace>::observe(&provider, &cx(&folder), &want.id()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_is_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let provider = EnvironmentProvider::default();
    for name in ["", "Orders", "../x", "a/b", "-a", &"x".repeat(64)] {
        let refused = ensure(&provider, &cx(&folder), &namespace(&folder, name)).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput, "{name}");
    }
    let nowhere = Namespace::new("dev", "orders");
    assert_eq!(ensure(&provider, &cx(&folder), &nowhere).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let secret = Manifest {
        environment: "dev".to_owned(),
        cluster: None,
        namespace: "orders".to_owned(),
        name: "secret".to_owned(),
        objects: vec![json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}})],
        gitops: Some(GitOpsPlace::new("/tmp/nowhere.git")),
    };
    let refused = provider.propose(&cx(&folder), &secret, None).await.unwrap_err();
    assert!(refused.message().contains("Secret"), "{refused}");
}

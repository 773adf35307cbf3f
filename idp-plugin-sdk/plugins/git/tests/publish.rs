//! The `publish:*` actions, with an engine's stand-in.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use idp_plugin_git::{GitConfig, GitPlugin};
use idp_plugin_sdk::testkit::{RecordingEffects, block_on, run_action};
use idp_plugin_sdk::{ErrorKind, Registry, Result, Tree, TreeRef, Workspace, unknown};
use serde_json::{Value, json};

fn publish(action: &str, input: Value) -> (Result<Value>, RecordingEffects, Workspace) {
    let config = GitConfig::default()
        .with_host("github.com", "file:///srv/git/{owner}/{repo}.git")
        .with_host("dev.azure.com", "file:///srv/azure/{organization}/{project}/{repo}.git");
    let mut registry = Registry::new();
    registry.install(&GitPlugin::new(config)).unwrap();
    let workspace = Workspace::new(Tree::new());
    workspace.write("out/pom.xml", "<project/>").unwrap();
    let effects = RecordingEffects::new(|request| {
        Ok(json!({"remoteUrl": request.want["url"], "commit": unknown("repository.commit")}))
    });
    let action = registry.find_action(action).unwrap();
    (block_on(run_action(&**action, &workspace, &effects, input)), effects, workspace)
}

#[test]
fn github_with_everything_a_template_gives() {
    let (output, effects, workspace) = publish(
        "publish:github",
        json!({
            "repoUrl": "github.com?owner=acme&repo=orders",
            "description": "Orders",
            "sourcePath": "./out",
            "gitAuthorName": "Ada",
            "gitAuthorEmail": "",
            "repoVisibility": "internal",
            "topics": ["java"],
            "protectDefaultBranch": false,
        }),
    );
    assert_eq!(
        output.unwrap(),
        json!({
            "remoteUrl": "file:///srv/git/acme/orders.git",
            "repoContentsUrl": "file:///srv/git/acme/orders.git/blob/main",
            "commitHash": {"$unknown": "repository.commit"},
        })
    );
    let [request] = &effects.requests()[..] else { panic!("one request") };
    assert_eq!(request.kind, "repository");
    let content = workspace.tree().subtree(Some(&"out".parse().unwrap()));
    assert_eq!(
        request.want,
        json!({
            "url": "file:///srv/git/acme/orders.git",
            "defaultBranch": "main",
            "description": "Orders",
            "commit": {
                "message": "initial commit",
                "author": {"name": "Ada", "email": "scaffolder@backstage.io"},
            },
            "content": TreeRef::of(&content),
        })
    );
}

#[test]
fn the_other_hosts_parameters() {
    let input = json!({
        "repoUrl": "dev.azure.com?organization=o&project=p&repo=r",
        "defaultBranch": "trunk",
        "sourcePath": false,
    });
    let (output, effects, _) = publish("publish:azure", input);
    assert_eq!(output.unwrap()["repoContentsUrl"], "file:///srv/azure/o/p/r.git/blob/trunk");
    assert_eq!(effects.requests()[0].want.get("content"), None);
}

#[test]
fn what_cannot_be_published() {
    for repo_url in ["gitlab.com?owner=a&repo=b", "github.com?repo=b", "github.com?owner=..&repo=b"] {
        let (output, effects, _) = publish("publish:github", json!({"repoUrl": repo_url}));
        assert_eq!(output.unwrap_err().kind(), ErrorKind::InvalidInput, "{repo_url}");
        assert!(effects.requests().is_empty());
    }
}

//! Namespaces and manifests in a repository on disk, held to the contract.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::path::{Path, PathBuf};
use std::process::Command;

use idp_plugin_environment::{EnvironmentConfig, EnvironmentProvider};
use idp_plugin_sdk::async_trait;
use idp_plugin_sdk::resources::{Amount, GitOpsPlace, Limits, Manifest, Namespace, Quota};
use idp_plugin_sdk::testkit::BoxFuture;
use idp_plugin_sdk::testkit::provider::ProviderSubject;
use serde_json::json;

struct World {
    folder: tempfile::TempDir,
    provider: EnvironmentProvider,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = GitOpsPlace {
            path: "clusters".to_owned(),
            ..GitOpsPlace::new(folder.path().join("srv/gitops.git").to_str().unwrap())
        };
        let config = EnvironmentConfig::default().with_environment("*", place);
        Self { folder, provider: EnvironmentProvider::new(config) }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A person changes a file by hand.
    fn edit(&self, file: &str) {
        self.sh(&format!(
            "git clone -q srv/gitops.git clone && cd clone && echo '# by hand' >> {file} && git add . \
             && git -c user.name=x -c user.email=x@y commit -qm 'by hand' && git push -q"
        ));
    }

    fn sh(&self, script: &str) -> String {
        let output = Command::new("sh").current_dir(self.path()).args(["-c", script]).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn fingerprint(&self) -> String {
        idp_plugin_sdk::testkit::fingerprint(self.folder.path(), "scratch").unwrap()
    }

    fn count(&self, file: &str) -> usize {
        let script = format!("git -C srv/gitops.git ls-tree -r --name-only main | grep -c /{file} || true");
        self.sh(&script).trim().parse().unwrap()
    }

    fn run(&self, clause: BoxFuture<'_, ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(clause);
    }
}

mod namespaces {
    use super::*;

    struct Subject(World);

    #[async_trait]
    impl ProviderSubject for Subject {
        type Resource = Namespace;
        type Provider = EnvironmentProvider;

        fn provider(&self) -> &EnvironmentProvider {
            &self.0.provider
        }

        fn first(&self) -> Namespace {
            let mut want = Namespace::new("dev", "orders");
            want.labels.insert("team".to_owned(), "shop".to_owned());
            want.quota = Some(Quota { cpu: Some("4".to_owned()), pods: Some(20), ..Quota::default() });
            want
        }

        fn second(&self) -> Namespace {
            let amount = Amount { cpu: Some("500m".to_owned()), memory: Some("256Mi".to_owned()) };
            let limits = Limits { default: Some(amount), default_request: None };
            Namespace { limits: Some(limits), quota: None, ..self.first() }
        }

        async fn tamper(&self) {
            self.0.edit("clusters/dev/orders/namespace/namespace.yaml");
        }

        async fn fingerprint(&self) -> String {
            self.0.fingerprint()
        }

        async fn count(&self) -> usize {
            self.0.count("namespace.yaml")
        }

        fn scratch(&self) -> Option<PathBuf> {
            Some(self.0.path().join("scratch"))
        }

        fn run(&self, clause: BoxFuture<'_, ()>) {
            self.0.run(clause);
        }
    }

    idp_plugin_sdk::provider_conformance!(Subject(World::new()));
}

mod manifests {
    use super::*;

    struct Subject(World);

    #[async_trait]
    impl ProviderSubject for Subject {
        type Resource = Manifest;
        type Provider = EnvironmentProvider;

        fn provider(&self) -> &EnvironmentProvider {
            &self.0.provider
        }

        fn first(&self) -> Manifest {
            let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"on": "1"}});
            Manifest {
                environment: "dev".to_owned(),
                cluster: Some("eu-1".to_owned()),
                namespace: "orders".to_owned(),
                name: "orders.api".to_owned(),
                objects: vec![object.clone(), object],
                gitops: None,
            }
        }

        fn second(&self) -> Manifest {
            let mut want = self.first();
            want.objects.truncate(1);
            want
        }

        async fn tamper(&self) {
            self.0.edit("clusters/dev/eu-1/orders/manifests/orders.api.yaml");
        }

        async fn fingerprint(&self) -> String {
            self.0.fingerprint()
        }

        async fn count(&self) -> usize {
            self.0.count("orders.api.yaml")
        }

        fn scratch(&self) -> Option<PathBuf> {
            Some(self.0.path().join("scratch"))
        }

        fn run(&self, clause: BoxFuture<'_, ()>) {
            self.0.run(clause);
        }
    }

    idp_plugin_sdk::provider_conformance!(Subject(World::new()));
}

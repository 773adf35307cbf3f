//! A namespace of an environment.

use std::collections::BTreeMap;

use idp_core::{Digest, Resource, ResourceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{GitOpsPlace, Location};
use crate::schema_of;

/// A namespace that exists in an environment, with this quota and these limits.
///
/// Served by the `environment` plugin through a GitOps repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Namespace {
    /// The environment: `dev`, `prod`.
    pub environment: String,
    /// One of several clusters of the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The namespace's name.
    pub name: String,
    /// Labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// What everything in it may use together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// What a container gets that names nothing itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Where the desired state is kept; none where the provider's configuration says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gitops: Option<GitOpsPlace>,
}

/// What everything in a namespace may use together. Amounts are Kubernetes quantities: `2`, `500m`, `4Gi`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quota {
    /// CPU, requested and used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Memory, requested and used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Storage claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Number of pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<u32>,
    /// Any other entry of a `ResourceQuota`'s `hard`, by its own name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, String>,
}

/// What a container gets that names nothing itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// What it may use at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Amount>,
    /// What is set aside for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_request: Option<Amount>,
}

/// An amount of CPU and memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Amount {
    /// `500m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// `256Mi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// What is there of a [`Namespace`]. Holds no commit: others commit to the same branch, which changes nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceState {
    /// As in [`Namespace::environment`].
    pub environment: String,
    /// As in [`Namespace::name`].
    pub name: String,
    /// The GitOps repository.
    pub repository: String,
    /// The folder in it that holds the namespace's objects.
    pub path: String,
    /// The content address of the files in that folder.
    pub digest: Digest,
    /// The files in that folder, with their text.
    pub files: BTreeMap<String, String>,
}

impl Namespace {
    /// A namespace without quota and limits, kept where the provider's configuration says.
    pub fn new(environment: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            environment: environment.into(),
            cluster: None,
            name: name.into(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            quota: None,
            limits: None,
            gitops: None,
        }
    }

    /// What identifies it.
    pub fn location(&self) -> Location {
        Location {
            environment: self.environment.clone(),
            cluster: self.cluster.clone(),
            names: vec![self.name.clone()],
            gitops: self.gitops.clone(),
        }
    }
}

impl Resource for Namespace {
    const KIND: &'static str = "namespace";
    type State = NamespaceState;

    fn id(&self) -> ResourceId {
        self.location().id(Self::KIND)
    }

    fn schema() -> Value {
        schema_of::<Self>()
    }

    /// `environment`, `cluster`, and `scheme` and `host` of the GitOps repository.
    fn traits(&self) -> BTreeMap<String, String> {
        self.location().traits()
    }
}

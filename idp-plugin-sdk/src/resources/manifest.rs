//! Kubernetes objects that are kept in Git.

use std::collections::BTreeMap;

use idp_core::{Digest, Resource, ResourceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{GitOpsPlace, Location};
use crate::schema_of;

/// Kubernetes objects that a namespace holds, kept together in one file.
///
/// Served by the `environment` plugin through a GitOps repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// The environment: `dev`, `prod`.
    pub environment: String,
    /// One of several clusters of the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The namespace.
    pub namespace: String,
    /// What the objects are called together; the file's name.
    pub name: String,
    /// The objects, each with `apiVersion`, `kind` and `metadata.name`. No `Secret`s: they do not belong into Git.
    #[schemars(length(min = 1))]
    pub objects: Vec<Value>,
    /// Where the desired state is kept; none where the provider's configuration says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gitops: Option<GitOpsPlace>,
}

/// What is there of a [`Manifest`]. Holds no commit: others commit to the same branch, which changes nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestState {
    /// As in [`Manifest::environment`].
    pub environment: String,
    /// As in [`Manifest::namespace`].
    pub namespace: String,
    /// As in [`Manifest::name`].
    pub name: String,
    /// The GitOps repository.
    pub repository: String,
    /// The file in it that holds the objects.
    pub path: String,
    /// The content address of the file.
    pub digest: Digest,
    /// The file's text.
    pub text: String,
}

impl Manifest {
    /// What identifies it.
    pub fn location(&self) -> Location {
        Location {
            environment: self.environment.clone(),
            cluster: self.cluster.clone(),
            names: vec![self.namespace.clone(), self.name.clone()],
            gitops: self.gitops.clone(),
        }
    }
}

impl Resource for Manifest {
    const KIND: &'static str = "manifest";
    type State = ManifestState;

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

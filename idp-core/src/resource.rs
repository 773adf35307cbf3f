//! Desired states, as data.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A desired state: a repository that exists with these settings, a namespace with this quota.
///
/// The type is the vocabulary that templates, hosts and providers share; `idp-plugin-sdk` has the portable ones. A
/// type says *what*; which [`crate::Provider`] makes it true is chosen by the host's registry.
///
/// - `id` depends on what identifies the thing only, never on its settings.
/// - Serialising and reading back gives an equal value, and the serialised form matches `schema`.
pub trait Resource: Serialize + DeserializeOwned + Clone + fmt::Debug + Send + Sync + 'static {
    /// What this kind of resource is called: `repository`. Lower-case letters and dashes.
    const KIND: &'static str;

    /// What a provider observes of it, and what steps get as output.
    type State: Serialize + DeserializeOwned + Clone + fmt::Debug + Send + Sync + 'static;

    /// The identity of the thing in the real world.
    fn id(&self) -> ResourceId;

    /// The JSON schema of the desired state.
    fn schema() -> Value;

    /// What rules match on when a provider is chosen: `host`, `environment`, `region`.
    fn traits(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
}

/// Names one thing in the real world: a kind and a name that is unique within it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResourceId {
    /// The resource's kind.
    pub kind: String,
    /// Unique within the kind: a URL, a path, `cluster/namespace`.
    pub name: String,
}

impl ResourceId {
    /// The thing of this kind and name.
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into() }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

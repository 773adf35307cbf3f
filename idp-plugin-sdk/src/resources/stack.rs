//! A stack of infrastructure described by code.

use std::collections::BTreeMap;

use idp_core::{Digest, Resource, ResourceId, TreeRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema_of;

/// Infrastructure that is as this code says.
///
/// Served by the `terraform` plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stack {
    /// What it is called; unique together with `environment`. Letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// The environment it is part of: `dev`, `prod`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The code: for Terraform, the root module's files.
    #[schemars(schema_with = "crate::tree_schema")]
    pub content: TreeRef,
    /// Values of its variables. No secrets: a variable that holds one is given by the provider's configuration.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Value>,
}

/// What is there of a [`Stack`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StackState {
    /// As in [`Stack::name`].
    pub name: String,
    /// As in [`Stack::environment`].
    pub environment: Option<String>,
    /// The content address of the code and variables that were applied last.
    pub digest: Digest,
    /// Addresses of its resources, in order.
    pub resources: Vec<String>,
    /// Its outputs, without the sensitive ones; each may be [`idp_core::unknown`] while planning.
    pub outputs: BTreeMap<String, Value>,
}

impl Stack {
    /// A stack of this name and code, without variables.
    pub fn new(name: impl Into<String>, content: TreeRef) -> Self {
        Self { name: name.into(), environment: None, content, variables: BTreeMap::new() }
    }
}

impl Resource for Stack {
    const KIND: &'static str = "stack";
    type State = StackState;

    fn id(&self) -> ResourceId {
        let environment = self.environment.iter().map(String::as_str);
        let parts: Vec<_> = environment.chain([self.name.as_str()]).collect();
        ResourceId::new(Self::KIND, parts.join("/"))
    }

    fn schema() -> Value {
        schema_of::<Self>()
    }

    /// `environment`.
    fn traits(&self) -> BTreeMap<String, String> {
        self.environment.iter().map(|it| ("environment".to_owned(), it.clone())).collect()
    }
}

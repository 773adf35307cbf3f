//! `ensure`: any resource that a plugin provides.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};

#[derive(Debug)]
pub(super) struct Ensure;

#[derive(Deserialize)]
struct Input {
    resource: String,
    spec: Value,
}

#[async_trait]
impl Action for Ensure {
    fn info(&self) -> ActionInfo {
        ActionInfo::new(
            "ensure",
            "Makes a resource true: `resource` names its kind, `spec` is the desired state. \
             `{$workspace: path}` inside `spec` stands for files of the workspace. Answers with the resource's state.",
        )
        .input(object(&["resource", "spec"], json!({"resource": {"type": "string"}, "spec": {"type": "object"}})))
        .keeps_files()
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { resource, spec } = input(value)?;
        cx.ensure_value(&resource, spec).await
    }
}

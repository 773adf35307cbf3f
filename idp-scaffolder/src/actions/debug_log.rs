//! `debug:log`: a line for whoever watches.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Node, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};

#[derive(Debug)]
pub(super) struct DebugLog;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    message: Option<String>,
    #[serde(default)]
    list_workspace: Value,
}

#[async_trait]
impl Action for DebugLog {
    fn info(&self) -> ActionInfo {
        ActionInfo::new(
            "debug:log",
            "Writes its input, a message, and the files of the workspace to the run's log.",
        )
        .input(object(
            &[],
            json!({
                "message": {"type": "string"},
                "listWorkspace": {"anyOf": [
                    {"type": "boolean"}, {"enum": ["with-filenames", "with-contents"]},
                ]},
                "extra": {},
            }),
        ))
        .keeps_files()
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        cx.progress.line(&value.to_string());
        let Input { message, list_workspace } = input(value)?;
        if let Some(message) = message {
            cx.progress.line(&message);
        }
        if list_workspace != Value::Null && list_workspace != Value::Bool(false) {
            list(cx, list_workspace == "with-contents");
        }
        Ok(json!({}))
    }
}

fn list(cx: &ActionContext<'_>, contents: bool) {
    for (path, node) in cx.workspace.tree().iter() {
        match node {
            Node::File { bytes, .. } if contents => {
                cx.progress.line(&format!("{path}:\n{}", String::from_utf8_lossy(bytes)));
            }
            Node::Symlink { .. } => cx.progress.line(&format!("{path} [skipped]")),
            _ => cx.progress.line(path.as_str()),
        }
    }
}

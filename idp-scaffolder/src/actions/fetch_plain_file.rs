//! `fetch:plain:file`: one file as it is.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Result, TreePath};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object, only_file};

#[derive(Debug)]
pub(super) struct FetchPlainFile;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    url: String,
    target_path: String,
}

#[async_trait]
impl Action for FetchPlainFile {
    fn info(&self) -> ActionInfo {
        ActionInfo::new("fetch:plain:file", "Copies the file at `url` into the workspace as `targetPath`.").input(object(
            &["url", "targetPath"],
            json!({
                "url": {"type": "string", "description": "a URL, absolute or relative to the template"},
                "targetPath": {"type": "string", "description": "the file's path in the workspace"},
                "token": {"type": "string", "description": "accepted and not used: credentials are the fetcher's"},
            }),
        ))
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { url, target_path } = input(value)?;
        let path = TreePath::new(&target_path)?;
        let node = only_file(&cx.fetch(&url).await?, &url)?;
        let mut tree = cx.workspace.tree();
        tree.insert(path, node)?;
        cx.workspace.replace(tree);
        Ok(json!({}))
    }
}

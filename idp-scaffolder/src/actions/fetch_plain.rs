//! `fetch:plain`: files as they are.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};
use crate::copy_files;

#[derive(Debug)]
pub(super) struct FetchPlain;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    url: String,
    #[serde(default)]
    target_path: String,
}

#[async_trait]
impl Action for FetchPlain {
    fn info(&self) -> ActionInfo {
        ActionInfo::new("fetch:plain", "Copies the files at `url` into the workspace, below `targetPath`.").input(object(
            &["url"],
            json!({
                "url": {"type": "string", "description": "a URL, absolute or relative to the template"},
                "targetPath": {"type": "string", "description": "a folder of the workspace; its root by default"},
                "token": {"type": "string", "description": "accepted and not used: credentials are the fetcher's"},
            }),
        ))
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { url, target_path } = input(value)?;
        let fetched = cx.fetch(&url).await?;
        let mut tree = cx.workspace.tree();
        copy_files(&fetched, &target_path, &mut tree).map_err(Error::from)?;
        cx.workspace.replace(tree);
        Ok(json!({}))
    }
}

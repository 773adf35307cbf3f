//! `fetch:template`: a skeleton, rendered.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};
use crate::{Engine, RenderOptions, render_files};

#[derive(Debug)]
pub(super) struct FetchTemplate(pub(super) Engine);

#[derive(Deserialize)]
struct Input {
    url: String,
    #[serde(default = "no_values")]
    values: Value,
    #[serde(flatten)]
    options: RenderOptions,
}

fn no_values() -> Value {
    json!({})
}

#[async_trait]
impl Action for FetchTemplate {
    fn info(&self) -> ActionInfo {
        let globs = json!({"type": "array", "items": {"type": "string"}});
        let flag = json!({"type": "boolean"});
        ActionInfo::new("fetch:template", "Renders the skeleton at `url` into the workspace, names and contents.").input(
            object(
                &["url"],
                json!({
                    "url": {"type": "string", "description": "a URL, absolute or relative to the template"},
                    "targetPath": {"type": "string", "description": "a folder of the workspace; its root by default"},
                    "values": {"type": "object", "description": "what the skeleton sees as `values`"},
                    "copyWithoutTemplating": globs, "copyWithoutRender": globs,
                    "cookiecutterCompat": flag, "replace": flag, "trimBlocks": flag, "lstripBlocks": flag,
                    "templateFileExtension": {"type": ["boolean", "string"]},
                    "token": {"type": "string", "description": "accepted and not used: credentials are the fetcher's"},
                }),
            ),
        )
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { url, values, options } = input(value)?;
        let skeleton = cx.fetch(&url).await?;
        let mut tree = cx.workspace.tree();
        let report = render_files(&self.0, &skeleton, &values, &options, &mut tree).map_err(Error::from)?;
        cx.workspace.replace(tree);
        cx.progress.line(&format!(
            "{} files written, {} left as they were",
            report.written.len(),
            report.kept.len()
        ));
        Ok(json!({}))
    }
}

//! `fetch:template:file`: one file, rendered.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, ErrorKind, Node, Result, TreePath};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object, only_file};
use crate::{Engine, Scope, TextOptions};

#[derive(Debug)]
pub(super) struct FetchTemplateFile(pub(super) Engine);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    url: String,
    target_path: String,
    #[serde(default)]
    values: Value,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    trim_blocks: bool,
    #[serde(default)]
    lstrip_blocks: bool,
    #[serde(default)]
    cookiecutter_compat: bool,
}

#[async_trait]
impl Action for FetchTemplateFile {
    fn info(&self) -> ActionInfo {
        let flag = json!({"type": "boolean"});
        ActionInfo::new("fetch:template:file", "Renders the file at `url` into the workspace as `targetPath`.").input(
            object(
                &["url", "targetPath"],
                json!({
                    "url": {"type": "string", "description": "a URL, absolute or relative to the template"},
                    "targetPath": {"type": "string", "description": "the file's path in the workspace"},
                    "values": {"type": "object", "description": "what the file sees as `values`"},
                    "cookiecutterCompat": flag, "replace": flag, "trimBlocks": flag, "lstripBlocks": flag,
                    "token": {"type": "string", "description": "accepted and not used: credentials are the fetcher's"},
                }),
            ),
        )
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let wanted: Input = input(value)?;
        let path = TreePath::new(&wanted.target_path)?;
        let mut tree = cx.workspace.tree();
        if tree.exists(&path) && !wanted.replace {
            cx.progress.line(&format!("{path} is there already and stays as it is"));
            return Ok(json!({}));
        }
        let node = only_file(&cx.fetch(&wanted.url).await?, &wanted.url)?;
        let node = self.render(node, &wanted)?;
        tree.insert(path, node)?;
        cx.workspace.replace(tree);
        Ok(json!({}))
    }
}

impl FetchTemplateFile {
    fn render(&self, node: Node, wanted: &Input) -> Result<Node> {
        let Node::File { bytes, .. } = &node else { return Ok(node) };
        let failed =
            || Error::new(ErrorKind::InvalidInput, "cannot render the file").with("url", &wanted.url);
        let text = std::str::from_utf8(bytes).map_err(|error| failed().because(error))?;
        let options = TextOptions {
            trim_blocks: wanted.trim_blocks,
            lstrip_blocks: wanted.lstrip_blocks,
            cookiecutter: wanted.cookiecutter_compat,
        };
        let name = if wanted.cookiecutter_compat { "cookiecutter" } else { "values" };
        let scope = Scope::new().with(name, wanted.values.clone());
        let rendered = self.0.render_text(text, &scope, options).map_err(|error| failed().because(error))?;
        Ok(Node::file(rendered.into_bytes()))
    }
}

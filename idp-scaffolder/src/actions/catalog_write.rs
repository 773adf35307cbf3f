//! `catalog:write`: a descriptor in the workspace.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};

#[derive(Debug)]
pub(super) struct CatalogWrite;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    #[serde(default = "default_path")]
    file_path: String,
    entity: Value,
}

fn default_path() -> String {
    "catalog-info.yaml".to_owned()
}

#[async_trait]
impl Action for CatalogWrite {
    fn info(&self) -> ActionInfo {
        ActionInfo::new(
            "catalog:write",
            "Writes an entity as YAML, annotated with the template it comes from.",
        )
        .input(object(&["entity"], json!({"filePath": {"type": "string"}, "entity": {"type": "object"}})))
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { file_path, mut entity } = input(value)?;
        annotate(&mut entity, cx.step.template.as_str());
        let text = serde_saphyr::to_string(&entity).map_err(|error| {
            Error::internal("the entity does not print as YAML").because(error.to_string())
        })?;
        cx.workspace.write(&file_path, text)?;
        Ok(json!({}))
    }
}

fn annotate(entity: &mut Value, template: &str) {
    let Some(entity) = entity.as_object_mut() else { return };
    let Some(metadata) = entity.entry("metadata").or_insert_with(|| json!({})).as_object_mut() else {
        return;
    };
    if let Some(annotations) = metadata.entry("annotations").or_insert_with(|| json!({})).as_object_mut() {
        annotations.insert("backstage.io/source-template".to_owned(), template.into());
    }
}

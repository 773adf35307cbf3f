//! `catalog:fetch`: entities of the catalog, as input for later steps.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, EntityRef, Error, ErrorKind, RefDefaults, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{input, object};

#[derive(Debug)]
pub(super) struct CatalogFetch;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    entity_ref: Option<String>,
    entity_refs: Option<Vec<String>>,
    #[serde(default)]
    optional: bool,
    default_kind: Option<String>,
    default_namespace: Option<String>,
}

#[async_trait]
impl Action for CatalogFetch {
    fn info(&self) -> ActionInfo {
        let text = json!({"type": "string"});
        ActionInfo::new("catalog:fetch", "Reads entities of the catalog by reference.")
            .input(object(
                &[],
                json!({
                    "entityRef": text, "entityRefs": {"type": "array", "items": text},
                    "optional": {"type": "boolean"}, "defaultKind": text, "defaultNamespace": text,
                }),
            ))
            .output(json!({"type": "object", "properties": {"entity": {}, "entities": {"type": "array"}}}))
            .keeps_files()
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let wanted: Input = input(value)?;
        let mut output = Map::new();
        if let Some(text) = &wanted.entity_ref {
            output.insert("entity".into(), fetch(cx, text, &wanted).await?);
        }
        if let Some(texts) = &wanted.entity_refs {
            let mut entities = Vec::new();
            for text in texts {
                entities.push(fetch(cx, text, &wanted).await?);
            }
            output.insert("entities".into(), Value::Array(entities));
        }
        if output.is_empty() && !wanted.optional {
            return Err(Error::invalid("give `entityRef` or `entityRefs`"));
        }
        Ok(Value::Object(output))
    }
}

async fn fetch(cx: &ActionContext<'_>, text: &str, wanted: &Input) -> Result<Value> {
    let defaults =
        RefDefaults { kind: wanted.default_kind.as_deref(), namespace: wanted.default_namespace.as_deref() };
    let entity = EntityRef::parse(text, defaults)?;
    match cx.entity(&entity).await? {
        Some(entity) => Ok(entity.into_value()),
        None if wanted.optional => Ok(Value::Null),
        None => Err(Error::new(ErrorKind::NotFound, format!("entity {entity} not found"))),
    }
}

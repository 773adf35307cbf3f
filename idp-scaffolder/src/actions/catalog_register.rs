//! `catalog:register`: the catalog gets to know a descriptor.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, Registration, Result, unknown_origin};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{input, object};

#[derive(Debug)]
pub(super) struct CatalogRegister;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    catalog_info_url: Option<String>,
    repo_contents_url: Option<String>,
    #[serde(default = "default_path")]
    catalog_info_path: String,
    #[serde(default)]
    optional: bool,
}

fn default_path() -> String {
    "/catalog-info.yaml".to_owned()
}

#[async_trait]
impl Action for CatalogRegister {
    fn info(&self) -> ActionInfo {
        let text = json!({"type": "string"});
        let properties = json!({
            "catalogInfoUrl": text, "repoContentsUrl": text, "catalogInfoPath": text,
            "optional": {"type": "boolean"},
        });
        ActionInfo::new("catalog:register", "Has the catalog read the entities of a descriptor from now on.")
            .input(object(&[], properties))
            .output(json!({"type": "object", "properties": {"entityRef": text, "catalogInfoUrl": text}}))
            .keeps_files()
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let wanted: Input = input(value)?;
        let target = target(&wanted)?;
        let registration = Registration { target: target.clone(), optional: wanted.optional };
        let state = match cx.ensure(&registration).await {
            Ok(state) => state,
            Err(error) if wanted.optional && !cx.step.planning => {
                cx.progress.line(&format!("not registered: {}", error.chain()));
                return Ok(json!({"catalogInfoUrl": target}));
            }
            Err(error) => return Err(error),
        };
        let mut output = Map::from_iter([("catalogInfoUrl".to_owned(), Value::from(target))]);
        if let Some(entity) = main_entity(&state) {
            output.insert("entityRef".to_owned(), entity);
        }
        Ok(Value::Object(output))
    }
}

fn target(wanted: &Input) -> Result<String> {
    match (&wanted.catalog_info_url, &wanted.repo_contents_url) {
        (Some(url), _) => Ok(url.clone()),
        (None, Some(contents)) => {
            let path = wanted.catalog_info_path.trim_start_matches('/');
            Ok(format!("{}/{path}", contents.trim_end_matches('/')))
        }
        (None, None) => Err(Error::invalid("give `catalogInfoUrl` or `repoContentsUrl`")),
    }
}

/// The entity that a registration is about: the first component not generated, else the first not generated, else the
/// first; known after apply where the entities are.
fn main_entity(state: &Value) -> Option<Value> {
    let entities = state.get("entities")?;
    if unknown_origin(entities).is_some() {
        return Some(entities.clone());
    }
    let refs: Vec<_> = entities.as_array()?.iter().filter_map(Value::as_str).collect();
    let generated = |it: &&str| it.rsplit('/').next().is_some_and(|name| name.starts_with("generated-"));
    let own = || refs.iter().copied().filter(|it| !generated(it));
    own()
        .find(|it| it.starts_with("component:"))
        .or_else(|| own().next())
        .or(refs.first().copied())
        .map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_component_that_is_not_generated_is_meant() {
        let main = |refs: &[&str]| main_entity(&json!({"entities": refs})).unwrap_or_default();
        assert_eq!(
            main(&["location:default/generated-x", "api:default/a", "component:default/c"]),
            "component:default/c"
        );
        assert_eq!(main(&["component:default/generated-y", "api:default/a"]), "api:default/a");
        assert_eq!(main(&["component:default/generated-y"]), "component:default/generated-y");
        assert_eq!(main(&[]), Value::Null);
    }
}

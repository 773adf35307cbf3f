//! A large golden path: a form, steps and a skeleton, all generated, without a fault in them.

use idp_core::{Entity, Node, Registry, Result, Tree, TreePath};
use idp_scaffolder::{Builtins, Template};
use serde_json::{Map, Value, json};
use url::Url;

/// Fields of the form.
const PARAMETERS: usize = 200;
/// Steps, of which the first renders the skeleton.
const STEPS: usize = 100;
/// Files of the skeleton.
const SKELETON: usize = 300;

/// The template, whose skeleton is in a folder.
///
/// # Errors
/// Where it is no template: never.
pub fn golden_path(folder: &Url) -> Result<Template> {
    let names = || (0..PARAMETERS).map(|number| format!("field{number}"));
    let properties: Map<_, _> = names().map(|name| (name, json!({"type": "string"}))).collect();
    let values: Map<_, _> =
        names().map(|name| (name.clone(), json!(format!("${{{{ parameters.{name} | trim }}}}")))).collect();
    let render =
        json!({"id": "render", "action": "fetch:template", "input": {"url": "./skeleton", "values": values}});
    let log = |number: usize| {
        let name = format!("field{}", number % PARAMETERS);
        json!({
            "id": format!("say-{number}"), "action": "debug:log", "if": format!("${{{{ parameters.{name} != 'no' }}}}"),
            "input": {"message": format!("${{{{ parameters.{name} | upper }}}} of ${{{{ user.ref }}}}")},
        })
    };
    let steps: Vec<Value> = std::iter::once(render).chain((1..STEPS).map(log)).collect();
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "golden"},
        "spec": {
            "type": "service", "steps": steps,
            "parameters": {"required": names().collect::<Vec<_>>(), "properties": properties},
        },
    });
    Template::from_entity(Entity::from_value(entity)?, Some(folder.clone()))
}

/// The skeleton of [`golden_path`]: files that use the values that it passes.
///
/// # Panics
/// Never: its paths are good, and it is far smaller than the limits of a tree.
#[must_use]
pub fn golden_skeleton() -> Tree {
    let mut tree = Tree::new();
    for number in 0..SKELETON {
        let lines = (0..8).map(|line| {
            let field = (number * 7 + line) % PARAMETERS;
            format!("key-{line}: ${{{{ values.field{field} | lower }}}} # {{% if values.field{field} %}}set{{% endif %}}\n")
        });
        let path = TreePath::new(&format!("skeleton/part-{}/file-{number}.yaml", number / 20))
            .expect("the path is good");
        tree.insert(path, Node::file(lines.collect::<String>().into_bytes())).expect("the tree is small");
    }
    tree
}

/// A host with the built-in actions.
///
/// # Errors
/// Where two of them have one name: never.
pub fn builtins() -> Result<Registry> {
    let mut registry = Registry::new();
    registry.install(&Builtins::default())?;
    Ok(registry)
}

#[cfg(test)]
mod tests {
    use idp_scaffolder::{Checker, write_folder};

    use super::*;

    #[test]
    fn there_is_nothing_to_find() {
        let folder = tempfile::tempdir().unwrap();
        write_folder(&golden_skeleton(), folder.path()).unwrap();
        let template = golden_path(&Url::from_directory_path(folder.path()).unwrap()).unwrap();
        let report = Checker::new().actions(&builtins().unwrap()).check(&template);
        assert!(report.findings.is_empty(), "{:?}", report.findings[0]);
        std::fs::write(folder.path().join("skeleton/part-0/file-0.yaml"), "${{ values.feild1 }}").unwrap();
        let report = Checker::new().actions(&builtins().unwrap()).check(&template);
        assert_eq!(report.findings.len(), 1, "the skeleton is not looked at");
    }
}

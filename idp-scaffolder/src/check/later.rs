//! What the steps after it do to a file that a step has rendered.

use idp_core::TreePath;
use serde_json::{Map, Value};

use crate::actions::glob;
use crate::template::Step;

/// Whether a step may delete a file of the workspace.
pub(super) fn deletes(step: Step<'_>, path: &TreePath) -> bool {
    step.spec.action == "fs:delete" && files(step).filter_map(Value::as_str).any(|it| covers(it, path))
}

/// Whether a step may leave something else where a file of the workspace is, or nothing at all.
pub(super) fn changes(step: Step<'_>, path: &TreePath) -> bool {
    let covers = |text: &str| text.contains("${{") || covers(text, path);
    let text = |key, absent| member(step, key).map_or(Some(absent), Value::as_str).is_none_or(covers);
    match &*step.spec.action {
        "fs:delete" => files(step).any(|it| it.as_str().is_none_or(covers)),
        "fs:rename" => {
            files(step).any(|it| ["from", "to"].iter().any(|key| it[key].as_str().is_none_or(covers)))
        }
        "catalog:write" => text("filePath", "catalog-info.yaml"),
        "fetch:template" | "fetch:template:file" => {
            member(step, "replace").is_some_and(|it| *it != Value::Bool(false)) && text("targetPath", ".")
        }
        "fetch:plain:file" => text("targetPath", "."),
        _ => false,
    }
}

fn member<'s>(step: Step<'s>, key: &str) -> Option<&'s Value> {
    step.spec.input.as_ref().and_then(|input: &Map<_, _>| input.get(key))
}

fn files(step: Step<'_>) -> impl Iterator<Item = &Value> {
    member(step, "files").and_then(Value::as_array).into_iter().flatten()
}

/// Whether a pattern, or the name of a folder, means a file.
fn covers(pattern: &str, path: &TreePath) -> bool {
    match TreePath::new_or_root(&pattern.replace('\\', "/")) {
        Err(_) => false,
        Ok(None) => true,
        Ok(Some(it)) => {
            it == *path
                || path.within(Some(&it)).is_some()
                || glob(it.as_str()).is_ok_and(|glob| glob.is_match(path.as_str()))
        }
    }
}

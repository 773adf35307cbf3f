//! `fs:readdir`: what is there.

use std::collections::BTreeSet;

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, ErrorKind, Node, Result, Tree, TreePath};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};

#[derive(Debug)]
pub(super) struct FsReaddir;

#[derive(Deserialize)]
struct Input {
    paths: Vec<String>,
    #[serde(default)]
    recursive: bool,
}

#[async_trait]
impl Action for FsReaddir {
    fn info(&self) -> ActionInfo {
        let entries = json!({"type": "array", "items": {"type": "object"}});
        ActionInfo::new("fs:readdir", "Lists files and folders of the workspace: `name`, `path`, `fullPath`.")
            .input(object(
                &["paths"],
                json!({
                    "paths": {"type": "array", "items": {"type": "string"}},
                    "recursive": {"type": "boolean", "default": false},
                }),
            ))
            .output(json!({"type": "object", "properties": {"files": entries, "folders": entries}}))
            .keeps_files()
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { paths, recursive } = input(value)?;
        let tree = cx.workspace.tree();
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for path in &paths {
            list(&tree, path, recursive, &mut files, &mut folders)?;
        }
        Ok(json!({"files": files, "folders": folders}))
    }
}

fn list(
    tree: &Tree,
    path: &str,
    recursive: bool,
    files: &mut Vec<Value>,
    folders: &mut Vec<Value>,
) -> Result<()> {
    let at = TreePath::new_or_root(path)?;
    if at.as_ref().is_some_and(|at| !tree.is_folder(at)) {
        return Err(Error::new(ErrorKind::NotFound, "no such folder in the workspace").with("path", path));
    }
    let mut seen = BTreeSet::new();
    for (path, node) in tree.below(at.as_ref()) {
        let inner = path.within(at.as_ref());
        let nested = inner.as_ref().is_some_and(|it| it.as_str().contains('/'));
        for folder in folders_above(path, at.as_ref(), recursive).into_iter().rev() {
            if seen.insert(folder.clone()) {
                folders.push(entry(&folder));
            }
        }
        match node {
            _ if nested && !recursive => {}
            Node::Folder => {
                if seen.insert(path.clone()) {
                    folders.push(entry(path));
                }
            }
            _ => files.push(entry(path)),
        }
    }
    Ok(())
}

/// The folders between a listed folder and a node below it, innermost first; only the outermost unless recursive.
fn folders_above(path: &TreePath, at: Option<&TreePath>, recursive: bool) -> Vec<TreePath> {
    let mut found = Vec::new();
    let mut above = path.parent();
    while let Some(folder) = above.filter(|it| it.within(at).is_some()) {
        above = folder.parent();
        found.push(folder);
    }
    if recursive { found } else { found.pop().into_iter().collect() }
}

/// `fullPath` names no path of the host: the workspace is in memory and calls its root `/workspace`.
fn entry(path: &TreePath) -> Value {
    json!({"name": path.file_name(), "path": path, "fullPath": format!("/workspace/{path}")})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, recursive: bool) -> (Vec<String>, Vec<String>) {
        let mut tree = Tree::new();
        for path in ["a", "d/x", "d/e/y", "d/e/z"] {
            tree.insert(TreePath::new(path).unwrap(), Node::file(*b"")).unwrap();
        }
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        list(&tree, path, recursive, &mut files, &mut folders).unwrap();
        let paths =
            |it: Vec<Value>| it.iter().filter_map(|it| it["path"].as_str().map(str::to_owned)).collect();
        (paths(files), paths(folders))
    }

    #[test]
    fn lists_one_level_or_all() {
        assert_eq!(names(".", false), (vec!["a".into()], vec!["d".into()]));
        assert_eq!(
            names(".", true),
            (vec!["a".into(), "d/e/y".into(), "d/e/z".into(), "d/x".into()], vec!["d".into(), "d/e".into()])
        );
        assert_eq!(names("d", false), (vec!["d/x".into()], vec!["d/e".into()]));
    }
}

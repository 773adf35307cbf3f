//! `fs:rename`: files move.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, ErrorKind, Result, Tree, TreePath};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};

#[derive(Debug)]
pub(super) struct FsRename;

#[derive(Deserialize)]
struct Input {
    files: Vec<Move>,
}

#[derive(Deserialize)]
struct Move {
    from: String,
    to: String,
    #[serde(default)]
    overwrite: bool,
}

#[async_trait]
impl Action for FsRename {
    fn info(&self) -> ActionInfo {
        let file = object(
            &["from", "to"],
            json!({"from": {"type": "string"}, "to": {"type": "string"}, "overwrite": {"type": "boolean"}}),
        );
        ActionInfo::new(
            "fs:rename",
            "Moves files and folders of the workspace. All of the moves are made, or none.",
        )
        .input(object(&["files"], json!({"files": {"type": "array", "items": file}})))
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { files } = input(value)?;
        let mut tree = cx.workspace.tree();
        for file in &files {
            rename(&mut tree, file)?;
        }
        cx.workspace.replace(tree);
        Ok(json!({}))
    }
}

fn rename(tree: &mut Tree, Move { from, to, overwrite }: &Move) -> Result<()> {
    let (from, to) = (TreePath::new(from)?, TreePath::new(to)?);
    let mut moved = Vec::new();
    if let Some(node) = tree.get(&from) {
        moved.push((from.clone(), to.clone(), node.clone()));
    }
    for (path, node) in tree.below(Some(&from)) {
        if let Some(inner) = path.within(Some(&from)) {
            moved.push((path.clone(), inner.below(Some(&to))?, node.clone()));
        }
    }
    if moved.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "no such file in the workspace").with("path", from));
    }
    if to != from && tree.exists(&to) {
        if !overwrite {
            return Err(Error::new(ErrorKind::AlreadyExists, "dest already exists").with("path", to));
        }
        clear(tree, &to);
    }
    for (path, _, _) in &moved {
        tree.remove(path);
    }
    for (_, path, node) in moved {
        tree.insert(path, node)?;
    }
    Ok(())
}

fn clear(tree: &mut Tree, path: &TreePath) {
    let below: Vec<_> = tree.below(Some(path)).map(|(it, _)| it.clone()).collect();
    for it in below.iter().chain([path]) {
        tree.remove(it);
    }
}

#[cfg(test)]
mod tests {
    use idp_core::Node;

    use super::*;

    fn after(from: &str, to: &str, overwrite: bool) -> Result<Vec<String>> {
        let mut tree = Tree::new();
        for path in ["a", "dir/x", "dir/sub/y", "b"] {
            tree.insert(TreePath::new(path).unwrap(), Node::file(path.as_bytes())).unwrap();
        }
        rename(&mut tree, &Move { from: from.into(), to: to.into(), overwrite })?;
        Ok(tree.iter().map(|(path, _)| path.to_string()).collect())
    }

    #[test]
    fn files_and_folders_move() {
        assert_eq!(after("a", "new/a", false).unwrap(), ["b", "dir/sub/y", "dir/x", "new/a"]);
        assert_eq!(after("dir", "d2", false).unwrap(), ["a", "b", "d2/sub/y", "d2/x"]);
        assert_eq!(after("a", "dir", true).unwrap(), ["b", "dir"]);
    }

    #[test]
    fn what_is_there_stays_unless_it_may_be_overwritten() {
        assert_eq!(after("a", "b", false).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(after("a", "b", true).unwrap(), ["b", "dir/sub/y", "dir/x"]);
        assert_eq!(after("none", "c", false).unwrap_err().kind(), ErrorKind::NotFound);
        for (from, to) in [("/core/../../../index.js", "c"), ("a", "/core/../../../index.js")] {
            assert_eq!(after(from, to, false).unwrap_err().kind(), ErrorKind::PermissionDenied);
        }
    }
}

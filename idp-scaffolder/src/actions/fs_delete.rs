//! `fs:delete`: files go.

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Node, Result, Tree, TreePath};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{glob, input, object};

#[derive(Debug)]
pub(super) struct FsDelete;

#[derive(Deserialize)]
struct Input {
    files: Vec<String>,
}

#[async_trait]
impl Action for FsDelete {
    fn info(&self) -> ActionInfo {
        ActionInfo::new(
            "fs:delete",
            "Deletes the files that any of the globs names. None matching is no error.",
        )
        .input(object(&["files"], json!({"files": {"type": "array", "items": {"type": "string"}}})))
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { files } = input(value)?;
        let mut tree = cx.workspace.tree();
        for pattern in &files {
            delete(&mut tree, pattern)?;
        }
        cx.workspace.replace(tree);
        Ok(json!({}))
    }
}

/// A folder's name deletes the files below it and leaves the folder, as in Backstage.
fn delete(tree: &mut Tree, pattern: &str) -> Result<()> {
    let pattern = pattern.replace('\\', "/");
    let Some(path) = TreePath::new_or_root(&pattern)? else {
        return remove(tree, |_| true);
    };
    if tree.is_folder(&path) {
        remove(tree, |it| it.within(Some(&path)).is_some())?;
        tree.insert(path, Node::Folder)?;
        return Ok(());
    }
    let glob = glob(path.as_str())?;
    remove(tree, |it| glob.is_match(it.as_str()))
}

fn remove(tree: &mut Tree, chosen: impl Fn(&TreePath) -> bool) -> Result<()> {
    let files = tree.iter().filter(|(path, node)| **node != Node::Folder && chosen(path));
    let paths: Vec<_> = files.map(|(path, _)| path.clone()).collect();
    for path in paths {
        tree.remove(&path);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(pattern: &str) -> Vec<String> {
        let mut tree = Tree::new();
        for path in ["a.js", "unit-1.js", "dir/x.txt", "dir/.hidden", ".env"] {
            tree.insert(TreePath::new(path).unwrap(), Node::file(*b"")).unwrap();
        }
        delete(&mut tree, pattern).unwrap();
        tree.iter().map(|(path, _)| path.to_string()).collect()
    }

    #[test]
    fn globs_folders_and_everything() {
        assert_eq!(left("unit-*.js"), [".env", "a.js", "dir/.hidden", "dir/x.txt"]);
        assert_eq!(left(".\\a.js"), [".env", "dir/.hidden", "dir/x.txt", "unit-1.js"]);
        assert_eq!(left("dir"), [".env", "a.js", "dir", "unit-1.js"]);
        assert_eq!(left("."), Vec::<String>::new());
        assert_eq!(left("**"), Vec::<String>::new());
        assert_eq!(left("nothing/*.rs").len(), 5);
    }

    #[test]
    fn a_pattern_cannot_leave_the_workspace() {
        for pattern in ["/foo/../../../index.js", "../../../**/index.js", "/etc/passwd"] {
            assert!(delete(&mut Tree::new(), pattern).is_err(), "{pattern}");
        }
    }
}

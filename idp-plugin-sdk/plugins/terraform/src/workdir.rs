//! A folder in which the program works.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use idp_plugin_sdk::{Error, Node, Result, Tree, TreePath};
use serde_json::{Value, json};

use crate::TerraformConfig;

/// Files of ours, beside the code.
pub(crate) const CLI_CONFIG: &str = "idp.tfrc";
pub(crate) const PLAN: &str = "idp.tfplan";
pub(crate) const VARIABLES: &str = "idp.tfvars.json";
/// The program merges a file of this name over all others: whatever backend the code names, the state is ours.
const OVERRIDE: &str = "idp_override.tf.json";

/// Fills an absent folder with code, variables, and where the state is.
pub(crate) fn fill(
    config: &TerraformConfig,
    folder: &Path,
    code: &Tree,
    variables: &BTreeMap<String, Value>,
    state: &Path,
) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    code.iter().try_for_each(|(path, node)| put(folder, path, node))?;
    let backend = json!({"terraform": {"backend": {"local": {"path": state}}}});
    for (name, text) in [
        (OVERRIDE, backend.to_string()),
        (VARIABLES, json!(variables).to_string()),
        (CLI_CONFIG, cli_config(config)),
    ] {
        fs::write(folder.join(name), text).map_err(|error| cannot(folder, error))?;
    }
    config.plugin_cache.as_ref().map_or(Ok(()), fs::create_dir_all).map_err(|error| cannot(folder, error))
}

fn put(folder: &Path, path: &TreePath, node: &Node) -> Result<()> {
    let target = folder.join(path.as_str());
    match node {
        Node::File { bytes, .. } => {
            let above = target.parent().map_or(Ok(()), fs::create_dir_all);
            above.and_then(|()| fs::write(&target, bytes)).map_err(|error| cannot(&target, error))
        }
        Node::Folder => fs::create_dir_all(&target).map_err(|error| cannot(&target, error)),
        Node::Symlink { .. } => {
            Err(Error::invalid("a stack's code holds a link, which could lead out of it").with("path", path))
        }
    }
}

/// What the program would else read from the user's home. A JSON string is one of HCL, once `${` is escaped.
fn cli_config(config: &TerraformConfig) -> String {
    let cache = config.plugin_cache.as_ref().map(|folder| {
        let path = json!(folder.to_string_lossy()).to_string().replace("${", "$${").replace("%{", "%%{");
        format!("plugin_cache_dir = {path}\n")
    });
    format!("disable_checkpoint = true\n{}", cache.unwrap_or_default())
}

pub(crate) fn cannot(path: &Path, error: io::Error) -> Error {
    Error::internal("cannot work on a stack's files").with("path", path.display()).because(error)
}

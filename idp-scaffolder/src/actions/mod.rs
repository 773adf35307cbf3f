//! The actions that every template expects. One file each: its input, what it does, its tests.

mod catalog_fetch;
mod catalog_register;
mod catalog_write;
mod debug_log;
mod debug_wait;
mod ensure;
mod fetch_plain;
mod fetch_plain_file;
mod fetch_template;
mod fetch_template_file;
mod fs_delete;
mod fs_readdir;
mod fs_rename;

use idp_core::{Error, ErrorKind, Node, Plugin, PluginInfo, Registry, Result, Tree};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Engine, Mode};

/// The built-in actions, as a plugin: `fetch:*`, `fs:*`, `catalog:*`, `debug:*` and `ensure`.
#[derive(Clone, Debug)]
pub struct Builtins(Engine);

impl Builtins {
    /// The actions, rendering skeletons with this engine.
    pub fn new(engine: Engine) -> Self {
        Self(engine)
    }
}

impl Default for Builtins {
    /// The actions, rendering skeletons by Backstage's current rules.
    fn default() -> Self {
        Self(Engine::new(Mode::Backstage))
    }
}

impl Plugin for Builtins {
    fn info(&self) -> PluginInfo {
        PluginInfo::new("builtins", env!("CARGO_PKG_VERSION"))
    }

    fn register(&self, registry: &mut Registry) -> Result<()> {
        registry.action(catalog_fetch::CatalogFetch)?;
        registry.action(catalog_register::CatalogRegister)?;
        registry.action(catalog_write::CatalogWrite)?;
        registry.action(debug_log::DebugLog)?;
        registry.action(debug_wait::DebugWait)?;
        registry.action(ensure::Ensure)?;
        registry.action(fetch_plain::FetchPlain)?;
        registry.action(fetch_plain_file::FetchPlainFile)?;
        registry.action(fetch_template::FetchTemplate(self.0.clone()))?;
        registry.action(fetch_template_file::FetchTemplateFile(self.0.clone()))?;
        registry.action(fs_delete::FsDelete)?;
        registry.action(fs_readdir::FsReaddir)?;
        registry.action(fs_rename::FsRename)
    }
}

/// A closed object schema.
fn object(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

/// Reads an input that its schema has let through.
fn input<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|error| Error::invalid("the action's input is not usable").because(error))
}

/// The one file of a tree, as a fetcher answers for a URL that names a file.
fn only_file(tree: &Tree, url: &str) -> Result<Node> {
    let mut files = tree.iter();
    match (files.next(), files.next()) {
        (Some((_, node @ Node::File { .. })), None) => Ok(node.clone()),
        _ => Err(Error::new(ErrorKind::InvalidInput, "the URL does not name one file").with("url", url)),
    }
}

/// A glob over paths of the workspace: `*` stays within a folder, `**` crosses, a leading dot is nothing special.
pub(crate) fn glob(pattern: &str) -> Result<globset::GlobMatcher> {
    globset::GlobBuilder::new(pattern)
        .literal_separator(true)
        .empty_alternates(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| Error::invalid("not a glob").with("pattern", pattern).because(error))
}

//! Files that were fetched, and kept for the next pass.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use idp_core::{Error, Fetched, Node, Result, SourceText, Validator};
use url::Url;

use super::place::Place;
use crate::{YamlDocument, YamlLimits, parse_yaml};

/// A file as text. Read as YAML at most once, and only where somebody asks.
#[derive(Debug)]
pub(super) struct File {
    pub(super) place: Place,
    pub(super) text: SourceText,
    documents: OnceLock<Arc<[YamlDocument]>>,
}

impl File {
    pub(super) fn new(place: Place, text: String) -> Self {
        let text = SourceText::new(&*place.location, text);
        Self { place, text, documents: OnceLock::new() }
    }

    pub(super) fn documents(&self, limits: &YamlLimits) -> &Arc<[YamlDocument]> {
        self.documents.get_or_init(|| parse_yaml(&self.text, limits).into())
    }
}

/// What stands at a URL.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) validator: Option<Validator>,
    /// The texts, by path where it is a folder.
    pub(super) files: Vec<Arc<File>>,
    /// Files that are no text, with what is wrong with them.
    pub(super) unusable: Vec<String>,
    /// Whether the URL names a folder.
    pub(super) is_folder: bool,
}

impl Files {
    /// Reads what came. `None` where nothing came because nothing changed.
    pub(super) fn read(fetched: Fetched, url: &Url, root: Option<&Arc<Url>>) -> Result<Option<Self>> {
        let validator = fetched.validator().cloned();
        let nodes = match fetched {
            Fetched::Unchanged => return Ok(None),
            Fetched::File { name, node, .. } => vec![(None, name, node)],
            Fetched::Folder { tree, .. } => {
                let nodes = tree.iter().filter(|(_, node)| **node != Node::Folder);
                nodes.map(|(path, node)| (Some(path.clone()), path.clone(), node.clone())).collect()
            }
        };
        let is_folder = nodes.iter().all(|(inner, ..)| inner.is_some());
        let mut files = Self { validator, files: Vec::new(), unusable: Vec::new(), is_folder };
        for (inner, name, node) in nodes {
            let at = match &inner {
                None => url.clone(),
                Some(path) => inside(url, path.as_str())?,
            };
            match text(node) {
                Ok(text) => files.files.push(Arc::new(File::new(Place::of_url(&at, root), text))),
                Err(why) => files.unusable.push(format!("`{name}` {why}")),
            }
        }
        Ok(Some(files))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|it| it.text.text().len() as u64).sum()
    }
}

fn inside(folder: &Url, path: &str) -> Result<Url> {
    let mut url = folder.clone();
    let no_folder = || Error::invalid("not the URL of a folder").with("url", folder);
    url.path_segments_mut().map_err(|()| no_folder())?.pop_if_empty().extend(path.split('/'));
    Ok(url)
}

fn text(node: Node) -> Result<String, String> {
    match node {
        Node::File { bytes, .. } => {
            String::from_utf8(bytes.to_vec()).map_err(|error| format!("is not UTF-8: {error}"))
        }
        Node::Symlink { .. } => Err("is a symbolic link, which is not followed".to_owned()),
        Node::Folder => Err("is a folder".to_owned()),
    }
}

/// What earlier passes over a source have read, by what was asked for.
pub(super) type Kept = BTreeMap<String, Arc<Files>>;

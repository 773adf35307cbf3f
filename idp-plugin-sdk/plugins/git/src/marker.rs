//! What this plugin remembers inside a repository it wrote to.
//!
//! A file of its own in the repository's folder, which Git leaves alone. It saves reading every file to know the
//! content address of a commit (which holds for good, as a commit never changes), and it proves on undo who created
//! the repository.

use std::collections::BTreeMap;

use idp_plugin_sdk::git::LocalRepository;
use idp_plugin_sdk::{Digest, Error, IdempotencyKey, Node, Result, Tree};
use serde::{Deserialize, Serialize};

const FILE: &str = "idp.json";

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Marker {
    /// How the repository came to be, if this plugin created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Created>,
    /// The commit written last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
}

/// The creation of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Created {
    /// Under which key.
    pub key: IdempotencyKey,
    /// With which commit.
    pub commit: Option<String>,
}

/// A commit and the content address of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    pub commit: String,
    pub tree: Digest,
    /// What stands at each path, in short; nothing where that was not at hand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: Fingerprints,
}

/// A text for each path that is another one for other content.
pub(crate) type Fingerprints = BTreeMap<String, String>;

impl Head {
    pub(crate) fn new(commit: String, tree: &Tree) -> Self {
        Self { commit, tree: tree.digest(), files: fingerprints(tree) }
    }
}

pub(crate) fn fingerprints(tree: &Tree) -> Fingerprints {
    tree.iter().map(|(path, node)| (path.as_str().to_owned(), fingerprint(node))).collect()
}

fn fingerprint(node: &Node) -> String {
    match node {
        Node::File { bytes, mode } if mode & 0o111 == 0 => Digest::of_bytes(bytes).short(),
        Node::File { bytes, .. } => format!("x{}", Digest::of_bytes(bytes).short()),
        Node::Symlink { target } => format!("l{}", Digest::of_bytes(target.as_bytes()).short()),
        Node::Folder => String::new(),
    }
}

impl Marker {
    /// What is remembered; nothing where there is no such file, or somebody else wrote it.
    pub(crate) fn read(repository: &LocalRepository) -> Result<Self> {
        let text = repository.read_file(FILE)?.unwrap_or_default();
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    pub(crate) fn write(&self, repository: &LocalRepository) -> Result<()> {
        let text = serde_json::to_string(self)
            .map_err(|error| Error::internal("marker does not serialise").because(error))?;
        repository.write_file(FILE, &text)
    }

    /// Replaces what is remembered of the newest commit.
    pub(crate) fn set_head(repository: &LocalRepository, head: Option<Head>) -> Result<()> {
        Self { head, ..Self::read(repository)? }.write(repository)
    }

    pub(crate) fn tree_of(&self, commit: &str) -> Option<Digest> {
        self.head.as_ref().filter(|it| it.commit == commit).map(|it| it.tree)
    }

    /// The files of a commit, where they are remembered.
    pub(crate) fn files_of(self, commit: &str) -> Option<Fingerprints> {
        self.head.filter(|it| it.commit == commit && !it.files.is_empty()).map(|it| it.files)
    }

    pub(crate) fn created_under(&self, key: &IdempotencyKey) -> Option<&Created> {
        self.created.as_ref().filter(|it| it.key == *key)
    }
}

//! What this plugin remembers inside a repository it wrote to.
//!
//! A file of its own in the repository's folder, which Git leaves alone. It saves reading every file to know the
//! content address of a commit (which holds for good, as a commit never changes), and it proves on undo who created
//! the repository.

use idp_plugin_sdk::git::LocalRepository;
use idp_plugin_sdk::{Digest, Error, IdempotencyKey, Result};
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

    pub(crate) fn created_under(&self, key: &IdempotencyKey) -> Option<&Created> {
        self.created.as_ref().filter(|it| it.key == *key)
    }
}

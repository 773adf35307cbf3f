//! What this plugin remembers inside a repository on this machine that it wrote to.
//!
//! A file of its own in the repository's folder, which Git leaves alone: what is in the commit it made last, so that
//! observing needs no program. It counts only as long as the branch is at that commit.

use std::collections::{BTreeMap, BTreeSet};

use idp_plugin_sdk::git::LocalRepository;
use idp_plugin_sdk::{Error, Result, Tree};
use serde::{Deserialize, Serialize};

use crate::slot::{Files, Slot};

const FILE: &str = "idp-environment.json";
/// Beyond this, reading the file takes longer than asking Git.
const MANY: usize = 20_000;

/// By branch.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Marker(BTreeMap<String, Known>);

/// A commit, the paths of all its files, and the texts of some.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    commit: String,
    paths: BTreeSet<String>,
    texts: BTreeMap<String, String>,
}

impl Marker {
    /// What is remembered; nothing where there is no such file, or somebody else wrote it.
    pub(crate) fn read(repository: &LocalRepository) -> Result<Self> {
        let text = repository.read_file(FILE)?.unwrap_or_default();
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// The files of a slot at a commit: `None` where that is not remembered, `Some(None)` where there are none.
    pub(crate) fn files(&self, branch: &str, commit: &str, slot: &Slot) -> Option<Option<Files>> {
        let known = self.0.get(branch).filter(|it| it.commit == commit)?;
        let mut files = Files::new();
        for path in &known.paths {
            if let Some(name) = slot.name(path) {
                files.insert(name.to_owned(), known.texts.get(path)?.clone());
            }
        }
        Some(Some(files).filter(|it| !it.is_empty()))
    }

    /// Remembers a commit that was just made behind `parent`.
    pub(crate) fn remember(
        repository: &LocalRepository,
        branch: &str,
        (parent, commit): (Option<&str>, String),
        tree: &Tree,
        (slot, files): (&Slot, Option<&Files>),
    ) -> Result<()> {
        let mut marker = Self::read(repository)?;
        let old = marker.0.remove(branch).filter(|it| Some(it.commit.as_str()) == parent).unwrap_or_default();
        let mut texts = old.texts;
        texts.retain(|path, _| slot.name(path).is_none());
        texts.extend(files.into_iter().flatten().map(|(name, text)| (slot.full(name), text.clone())));
        if tree.len() <= MANY {
            let paths = tree.iter().map(|(path, _)| path.as_str().to_owned()).collect();
            marker.0.insert(branch.to_owned(), Known { commit, paths, texts });
        }
        let text = serde_json::to_string(&marker)
            .map_err(|error| Error::internal("marker does not serialise").because(error))?;
        repository.write_file(FILE, &text)
    }
}

//! A version-controlled repository.

use std::collections::BTreeMap;

use idp_core::{Digest, Resource, ResourceId, TreeRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{Computed, schema_of};

/// A repository that exists, with this content on its default branch.
///
/// Served by the `git` plugin for plain Git, and by the plugin of a hosting service for its own repositories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Repository {
    /// Where it is: a URL (`https://…`, `ssh://…`, `file://…`) or an absolute path. Without credentials.
    pub url: String,
    /// The branch that people get when they name none.
    #[serde(default = "main_branch")]
    pub default_branch: String,
    /// One line for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All files of the default branch. Without it, the files are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::optional_tree_schema")]
    pub content: Option<TreeRef>,
    /// How the commit that brings the content is described.
    #[serde(default)]
    pub commit: CommitInfo,
}

/// How a commit is described.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommitInfo {
    /// Its message.
    #[serde(default = "initial_commit")]
    pub message: String,
    /// Who wrote it; the provider's default where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
}

/// A person or program that writes commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Author {
    /// An author of this name and address.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Self { name: name.into(), email: email.into() }
    }
}

/// What is there of a [`Repository`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryState {
    /// As in [`Repository::url`].
    pub url: String,
    /// The URL to clone from.
    pub remote_url: String,
    /// The default branch; none where an empty repository does not tell.
    pub default_branch: Option<String>,
    /// One line for a person, where the system keeps one.
    pub description: Option<String>,
    /// The commit that the default branch is at; none without commits.
    pub commit: Option<Computed<String>>,
    /// The content address of the files at that commit.
    pub tree: Option<Digest>,
}

impl Repository {
    /// A repository without content, with `main` as its default branch.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            default_branch: main_branch(),
            description: None,
            content: None,
            commit: CommitInfo::default(),
        }
    }

    /// With these files.
    #[must_use]
    pub fn with_content(mut self, content: TreeRef) -> Self {
        self.content = Some(content);
        self
    }
}

impl Default for CommitInfo {
    fn default() -> Self {
        Self { message: initial_commit(), author: None }
    }
}

impl Resource for Repository {
    const KIND: &'static str = "repository";
    type State = RepositoryState;

    fn id(&self) -> ResourceId {
        ResourceId::new(Self::KIND, &self.url)
    }

    fn schema() -> Value {
        schema_of::<Self>()
    }

    /// `scheme` and `host` of the URL.
    fn traits(&self) -> BTreeMap<String, String> {
        url_traits(&self.url)
    }
}

pub(super) fn url_traits(text: &str) -> BTreeMap<String, String> {
    let mut traits = BTreeMap::new();
    if let Ok(url) = Url::parse(text) {
        traits.insert("scheme".to_owned(), url.scheme().to_owned());
        if let Some(host) = url.host_str() {
            traits.insert("host".to_owned(), host.to_owned());
        }
    }
    traits
}

pub(super) fn main_branch() -> String {
    "main".to_owned()
}

fn initial_commit() -> String {
    "initial commit".to_owned()
}

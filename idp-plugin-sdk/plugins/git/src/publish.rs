//! The `publish:*` actions of existing templates, mapped onto [`Repository`].

use idp_plugin_sdk::git::GitUrl;
use idp_plugin_sdk::resources::{Author, CommitInfo, Repository};
use idp_plugin_sdk::{Action, ActionContext, Error, Resource, Result, TypedAction, async_trait, typed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::GitConfig;
use crate::repo_url::RepoUrl;

/// Each action, and the default branch that its original has.
const ACTIONS: [(&str, &str); 8] = [
    ("publish:azure", "master"),
    ("publish:bitbucket", "master"),
    ("publish:bitbucketCloud", "master"),
    ("publish:bitbucketServer", "master"),
    ("publish:gerrit", "master"),
    ("publish:gitea", "main"),
    ("publish:github", "main"),
    ("publish:gitlab", "master"),
];

/// An action for each hosting service that existing templates publish to.
pub(crate) fn publish_actions(config: &GitConfig) -> impl Iterator<Item = impl Action + use<>> + use<'_> {
    ACTIONS.iter().map(|(id, branch)| typed(Publish { id, branch, config: config.clone() }))
}

/// Makes a repository that holds the workspace.
#[derive(Debug)]
struct Publish {
    id: &'static str,
    branch: &'static str,
    config: GitConfig,
}

/// What is read of the original's input. Settings that only the hosting service knows are accepted and not looked at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    /// The repository: `host?owner=…&repo=…`.
    repo_url: String,
    /// One line for a person.
    #[serde(default)]
    description: Option<String>,
    /// The branch to publish to.
    #[serde(default)]
    default_branch: Option<String>,
    /// The message of the commit.
    #[serde(default)]
    git_commit_message: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    git_author_name: Option<String>,
    /// The author's address.
    #[serde(default)]
    git_author_email: Option<String>,
    /// The folder of the workspace to publish; `false` publishes no files.
    #[serde(default)]
    source_path: Option<SourcePath>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum SourcePath {
    Folder(String),
    Whether(bool),
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    /// The URL to clone from.
    remote_url: Value,
    /// The URL below which the files are: what `catalog:register` takes.
    repo_contents_url: Value,
    /// The commit that was published; known after apply.
    commit_hash: Value,
}

#[async_trait]
impl TypedAction for Publish {
    type Input = Input;
    type Output = Output;

    fn id(&self) -> &str {
        self.id
    }

    fn description(&self) -> &str {
        "Publishes the workspace to a Git repository, where the configuration of the git plugin says that the \
         repositories of the host are."
    }

    fn keeps_files(&self) -> bool {
        true
    }

    async fn run(&self, cx: &ActionContext<'_>, input: Input) -> Result<Output> {
        let repository = self.repository(&input)?;
        let branch = repository.default_branch.clone();
        let contents_url = format!("{}/blob/{branch}", GitUrl::parse(&repository.url)?);
        let mut want = serde_json::to_value(&repository)
            .map_err(|error| Error::internal("repository does not serialise").because(error))?;
        if let Some(folder) = source_folder(&input) {
            want["content"] = ActionContext::workspace_mark(folder);
        }
        let state = cx.ensure_value(Repository::KIND, want).await?;
        Ok(Output {
            remote_url: state["remoteUrl"].clone(),
            repo_contents_url: json!(contents_url),
            commit_hash: state["commit"].clone(),
        })
    }
}

impl Publish {
    fn repository(&self, input: &Input) -> Result<Repository> {
        let mut repository = Repository::new(RepoUrl::parse(&input.repo_url)?.place(&self.config)?);
        repository.default_branch = given(&input.default_branch).unwrap_or_else(|| self.branch.to_owned());
        repository.description = given(&input.description);
        let message = given(&input.git_commit_message).unwrap_or_else(|| CommitInfo::default().message);
        repository.commit = CommitInfo { message, author: self.author(input) };
        Ok(repository)
    }

    fn author(&self, input: &Input) -> Option<Author> {
        let (name, email) = (given(&input.git_author_name), given(&input.git_author_email));
        if name.is_none() && email.is_none() {
            return None;
        }
        let default = self.config.git.author.clone();
        Some(Author::new(name.unwrap_or(default.name), email.unwrap_or(default.email)))
    }
}

/// Templates leave inputs empty that nobody filled in.
fn given(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned)
}

fn source_folder(input: &Input) -> Option<&str> {
    match &input.source_path {
        Some(SourcePath::Folder(folder)) => Some(folder),
        Some(SourcePath::Whether(false)) => None,
        Some(SourcePath::Whether(true)) | None => Some(""),
    }
}

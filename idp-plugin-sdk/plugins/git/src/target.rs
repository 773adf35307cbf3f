//! One repository, for the length of one call.

use std::path::Path;

use idp_plugin_sdk::git::{Commit, Git, GitUrl, LocalRepository, ScratchRepository, Signature, versioned};
use idp_plugin_sdk::resources::{Author, Repository};
use idp_plugin_sdk::{Cancel, Error, ErrorKind, ProviderContext, Result, Tree, TreeLimits, TreeRef};

use crate::GitConfig;

/// A repository and the means to reach it.
pub(crate) struct Target<'a> {
    pub cx: &'a ProviderContext,
    pub url: GitUrl,
    pub git: Git,
    author: &'a Author,
}

impl<'a> Target<'a> {
    pub(crate) async fn new(config: &'a GitConfig, cx: &'a ProviderContext, url: &str) -> Result<Self> {
        let url = GitUrl::parse(url)?;
        let git = config.git.git(cx, &url).await?;
        Ok(Self { cx, url, git, author: &config.git.author })
    }

    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cx.cancel
    }

    /// The repository, where it is on this machine and exists.
    pub(crate) fn local(&self) -> Result<Option<LocalRepository>> {
        self.url.local().map_or(Ok(None), LocalRepository::open)
    }

    pub(crate) fn path(&self) -> Result<&Path> {
        self.url.local().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "plain Git cannot create or delete a repository on a server")
                .with("repository", &self.url)
                .with("help", "create it there first, or install the plugin of the hosting service")
        })
    }

    /// The files that a resource wants, as Git keeps them.
    pub(crate) fn wanted_tree(&self, content: &TreeRef) -> Result<Tree> {
        versioned(self.cx.tree(&content.digest)?)
    }

    /// The commit that a branch is at; none where there is no such branch.
    pub(crate) async fn branch(&self, name: &str) -> Result<Option<String>> {
        match self.local()? {
            Some(local) if local.default_branch()?.is_some() => local.branch(name),
            _ => Ok(self.git.branches(self.cancel(), &self.url).await?.branches.remove(name)),
        }
    }

    /// A repository of our own below the host's scratch folder.
    pub(crate) async fn scratch(&self) -> Result<ScratchRepository> {
        self.git.scratch(self.cancel(), self.cx.scratch()?).await
    }

    /// The files of a commit that a repository on this machine holds.
    pub(crate) async fn read(&self, repository: &Path, commit: &str) -> Result<Tree> {
        self.git.read_tree(self.cancel(), repository, commit, TreeLimits::default()).await
    }

    /// The commit that brings the wanted files: the same every time within a run.
    pub(crate) fn commit(&self, want: &Repository, parent: Option<String>, tree: Tree) -> Commit {
        let Author { name, email } = want.commit.author.as_ref().unwrap_or(self.author).clone();
        Commit {
            branch: want.default_branch.clone(),
            parent,
            tree,
            author: Signature { name, email, time: self.cx.run.started },
            message: want.commit.message.clone(),
        }
    }
}

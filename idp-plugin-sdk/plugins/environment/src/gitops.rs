//! Reading and writing a GitOps repository.

use std::fs;
use std::path::Path;

use idp_plugin_sdk::git::{Commit, Git, GitSettings, GitUrl, LocalRepository, Signature};
use idp_plugin_sdk::resources::{Author, GitOpsPlace};
use idp_plugin_sdk::{
    EffectState, Error, ErrorKind, IdempotencyKey, ProviderContext, Result, Tree, TreeLimits,
};

use crate::change::Edit;
use crate::marker::Marker;
use crate::slot::{Files, Slot};

/// One branch of a repository, for the length of one call.
pub(crate) struct GitOps<'a> {
    cx: &'a ProviderContext,
    git: Git,
    url: GitUrl,
    branch: &'a str,
    author: &'a Author,
}

/// What a commit is about.
#[derive(Clone, Copy)]
pub(crate) enum Purpose<'a> {
    Apply(&'a IdempotencyKey),
    Undo(&'a IdempotencyKey),
}

impl Purpose<'_> {
    /// The line of a commit message by which the commit is found again.
    fn trailer(self) -> String {
        match self {
            Self::Apply(key) => format!("Idp-Change: {}", key.as_str()),
            Self::Undo(key) => format!("Idp-Undo: {}", key.as_str()),
        }
    }
}

impl<'a> GitOps<'a> {
    pub(crate) async fn new(
        settings: &'a GitSettings,
        cx: &'a ProviderContext,
        place: &'a GitOpsPlace,
    ) -> Result<Self> {
        let url = GitUrl::parse(&place.url)?;
        let git = settings.git(cx, &url).await?;
        Ok(Self { cx, git, url, branch: &place.branch, author: &settings.author })
    }

    fn local(&self) -> Result<Option<LocalRepository>> {
        self.url.local().map_or(Ok(None), LocalRepository::open)
    }

    /// The commit that the branch is at; none without the branch, or without the repository on this machine.
    async fn head(&self) -> Result<Option<String>> {
        match self.local()? {
            Some(local) if local.default_branch()?.is_some() => local.branch(self.branch),
            None if self.url.local().is_some() => Ok(None),
            _ => Ok(self.git.branches(&self.cx.cancel, &self.url).await?.branches.remove(self.branch)),
        }
    }

    /// The files of a slot; none where there are none.
    pub(crate) async fn read(&self, slot: &Slot) -> Result<Option<Files>> {
        let Some(head) = self.head().await? else { return Ok(None) };
        if let Some(local) = self.local()? {
            if let Some(files) = Marker::read(&local)?.files(self.branch, &head, slot) {
                return Ok(files);
            }
            return slot.read(&self.tree(local.folder(), &head).await?);
        }
        let scratch = self.git.scratch(&self.cx.cancel, self.cx.scratch()?).await?;
        let head = self.git.fetch(&self.cx.cancel, scratch.path(), &self.url, self.branch, false).await?;
        slot.read(&self.tree(scratch.path(), &head).await?)
    }

    async fn tree(&self, repository: &Path, commit: &str) -> Result<Tree> {
        self.git.read_tree(&self.cx.cancel, repository, commit, TreeLimits::default()).await
    }

    /// Replaces the files of a slot in one commit, whatever else has happened to the branch, unless somebody changed
    /// these files. Where they are there already, nothing is done.
    ///
    /// A push that loses a race changes nothing and says that trying again helps: it starts from what is there then.
    pub(crate) async fn write(&self, slot: &Slot, edit: &Edit, purpose: Purpose<'_>) -> Result<()> {
        self.create_repository().await?;
        let scratch = self.git.scratch(&self.cx.cancel, self.cx.scratch()?).await?;
        let (head, base) = match self.head().await? {
            None => (None, Tree::new()),
            Some(_) => {
                let head =
                    self.git.fetch(&self.cx.cancel, scratch.path(), &self.url, self.branch, false).await?;
                let tree = self.tree(scratch.path(), &head).await?;
                (Some(head), tree)
            }
        };
        let current = slot.read(&base)?;
        if current == edit.after {
            return Ok(());
        }
        if current != edit.before {
            return Err(self.moved(slot));
        }
        let tree = slot.write(&base, edit.after.as_ref())?;
        let commit = self.commit(head.clone(), tree.clone(), edit, purpose);
        let id = self.git.commit(&self.cx.cancel, scratch.path(), &commit).await?;
        self.push(scratch.path(), head.as_deref(), &id).await?;
        self.remember(slot, edit, (head.as_deref(), id), &tree)
    }

    async fn push(&self, from: &Path, head: Option<&str>, id: &str) -> Result<()> {
        self.git.push(&self.cx.cancel, from, &self.url, self.branch, head, Some(id)).await
    }

    fn remember(&self, slot: &Slot, edit: &Edit, commits: (Option<&str>, String), tree: &Tree) -> Result<()> {
        let Some(local) = self.local()? else { return Ok(()) };
        Marker::remember(&local, self.branch, commits, tree, (slot, edit.after.as_ref()))
            .map_err(|error| error.effect(EffectState::Applied))
    }

    fn commit(&self, parent: Option<String>, tree: Tree, edit: &Edit, purpose: Purpose<'_>) -> Commit {
        let title = match purpose {
            Purpose::Apply(_) => edit.title.clone(),
            Purpose::Undo(_) => format!("Undo: {}", edit.title),
        };
        let message = format!("{title}\n\n{}", purpose.trailer());
        let Author { name, email } = self.author();
        let author = Signature { name, email, time: self.cx.run.started };
        Commit { branch: self.branch.to_owned(), parent, tree, author, message }
    }

    /// The person on whose behalf it is done, where an address is known.
    fn author(&self) -> Author {
        let principal = self.cx.run.principal.as_ref();
        let person = principal.and_then(|it| Some(Author::new(it.entity_ref.name(), it.email.as_ref()?)));
        person.unwrap_or_else(|| self.author.clone())
    }

    /// Whether the branch holds a commit with this purpose.
    pub(crate) async fn holds(&self, purpose: Purpose<'_>) -> Result<bool> {
        let Some(head) = self.head().await? else { return Ok(false) };
        let (cancel, trailer) = (&self.cx.cancel, purpose.trailer());
        let found = match self.local()? {
            Some(local) => self.git.find_message(cancel, local.folder(), &head, &trailer).await?,
            None => {
                let scratch = self.git.scratch(cancel, self.cx.scratch()?).await?;
                let head = self.git.fetch(cancel, scratch.path(), &self.url, self.branch, true).await?;
                self.git.find_message(cancel, scratch.path(), &head, &trailer).await?
            }
        };
        Ok(found.is_some())
    }

    /// Makes the repository, complete and in one step, where it is on this machine and absent.
    async fn create_repository(&self) -> Result<()> {
        let Some(path) = self.url.local() else { return Ok(()) };
        if self.local()?.is_some() {
            return Ok(());
        }
        let beside = path.with_extension("idp-new");
        let cannot = |error| {
            Error::internal("cannot make the GitOps repository").with("path", path.display()).because(error)
        };
        let _ = fs::remove_dir_all(&beside);
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(cannot)?;
        self.git.init_bare(&self.cx.cancel, &beside, self.branch).await?;
        match fs::rename(&beside, path) {
            // Somebody else was faster, and theirs is as good.
            Err(_) if self.local()?.is_some() => fs::remove_dir_all(&beside).map_err(cannot),
            made => made.map_err(cannot),
        }
    }

    pub(crate) fn moved(&self, slot: &Slot) -> Error {
        Error::new(ErrorKind::Conflict, "somebody else has changed these files")
            .with("repository", &self.url)
            .with("path", slot.path())
    }
}

//! Changing a repository that exists.

use std::path::Path;

use idp_plugin_sdk::git::LocalRepository;
use idp_plugin_sdk::resources::Repository;
use idp_plugin_sdk::{Computed, Digest, EffectState, Error, ErrorKind, Result, Tree};

use crate::change::Was;
use crate::marker::{Head, Marker};
use crate::observe::DESCRIPTION;
use crate::target::Target;

/// Brings the wanted files in a commit behind `before`, and sets what else is wanted.
pub(crate) async fn advance(target: &Target<'_>, want: &Repository, was: &Was) -> Result<()> {
    let expected = commit_before(target, &want.default_branch, was).await?;
    let tree = want.content.as_ref().map(|it| target.wanted_tree(it)).transpose()?;
    let new = tree.filter(|it| Some(it.digest()) != was.tree);
    let head = match new {
        Some(tree) => Some(bring(target, want, expected.as_deref(), tree).await?),
        None => check_unmoved(target, want, expected.as_deref()).await.map(|()| None)?,
    };
    // From here on the branch may have moved already.
    settle(target, want, head).map_err(|error| error.effect(EffectState::Unknown))
}

async fn bring(target: &Target<'_>, want: &Repository, expected: Option<&str>, tree: Tree) -> Result<Head> {
    let current = target.branch(&want.default_branch).await?;
    if current.as_deref() == expected {
        let commit = push_commit(target, want, expected, tree.clone()).await?;
        return Ok(Head::new(commit, &tree));
    }
    let Some(commit) = current else { return Err(moved(target)) };
    match find_own(target, &want.default_branch, expected, tree.digest()).await? {
        Own::Newest => Ok(Head::new(commit, &tree)),
        Own::Buried | Own::Never => Err(moved(target)),
    }
}

async fn check_unmoved(target: &Target<'_>, want: &Repository, expected: Option<&str>) -> Result<()> {
    let current = target.branch(&want.default_branch).await?;
    if current.as_deref() == expected { Ok(()) } else { Err(moved(target)) }
}

async fn push_commit(
    target: &Target<'_>,
    want: &Repository,
    expected: Option<&str>,
    tree: Tree,
) -> Result<String> {
    let scratch = target.scratch().await?;
    if expected.is_some() {
        target.git.fetch(target.cancel(), scratch.path(), &target.url, &want.default_branch, false).await?;
    }
    let commit = target.commit(want, expected.map(str::to_owned), tree);
    let id = target.git.commit(target.cancel(), scratch.path(), &commit).await?;
    target
        .git
        .push(target.cancel(), scratch.path(), &target.url, &want.default_branch, expected, Some(&id))
        .await?;
    Ok(id)
}

/// Sets what Git keeps beside the branches. Doing it again does no harm.
fn settle(target: &Target<'_>, want: &Repository, head: Option<Head>) -> Result<()> {
    let Some(local) = target.local()? else { return Ok(()) };
    if let Some(description) = &want.description {
        local.write_file(DESCRIPTION, &format!("{description}\n"))?;
    }
    if local.default_branch()?.is_some_and(|it| it != want.default_branch) {
        local.set_default_branch(&want.default_branch)?;
    }
    match head {
        Some(head) => Marker::set_head(&local, Some(head)),
        None => Ok(()),
    }
}

/// The commit that a branch was at before the change: of one that was not known then, the files are.
pub(crate) async fn commit_before(target: &Target<'_>, branch: &str, was: &Was) -> Result<Option<String>> {
    match &was.commit {
        None => Ok(None),
        Some(Computed::Known(commit)) => Ok(Some(commit.clone())),
        Some(Computed::Unknown(_)) => find_by_tree(target, branch, was.tree).await.map(Some),
    }
}

/// The newest commit or the one before it: before and after the change.
async fn find_by_tree(target: &Target<'_>, branch: &str, tree: Option<Digest>) -> Result<String> {
    let scratch = target.scratch().await?;
    let head = target.git.fetch(target.cancel(), scratch.path(), &target.url, branch, true).await?;
    let line = target.git.line(target.cancel(), scratch.path(), None, &head).await?.unwrap_or_default();
    for commit in line.into_iter().rev().take(2) {
        if Some(tree_of(target, scratch.path(), &commit).await?) == tree {
            return Ok(commit);
        }
    }
    Err(moved(target))
}

/// Whether a commit of ours is in a branch.
pub(crate) enum Own {
    /// It is the newest.
    Newest,
    /// Others have built on it, or the branch was rewritten.
    Buried,
    /// It is not.
    Never,
}

/// Looks for the commit that brought `tree` right behind `before`.
pub(crate) async fn find_own(
    target: &Target<'_>,
    branch: &str,
    before: Option<&str>,
    tree: Digest,
) -> Result<Own> {
    let scratch = target.scratch().await?;
    let head = target.git.fetch(target.cancel(), scratch.path(), &target.url, branch, true).await?;
    let line = target.git.line(target.cancel(), scratch.path(), before, &head).await?;
    let Some(line) = line else { return Ok(Own::Buried) };
    match line.as_slice() {
        [] => Ok(Own::Never),
        [first, rest @ ..] => {
            let ours = tree_of(target, scratch.path(), first).await? == tree;
            Ok(if !ours {
                Own::Never
            } else if rest.is_empty() {
                Own::Newest
            } else {
                Own::Buried
            })
        }
    }
}

async fn tree_of(target: &Target<'_>, scratch: &Path, commit: &str) -> Result<Digest> {
    Ok(target.read(scratch, commit).await?.digest())
}

/// Moves a branch of the repository, on this machine without asking its server side: that one lets nobody go back.
pub(crate) async fn move_branch(
    target: &Target<'_>,
    local: Option<&LocalRepository>,
    branch: &str,
    from: &str,
    to: Option<&str>,
) -> Result<()> {
    if let Some(local) = local {
        return target.git.move_branch(target.cancel(), local.folder(), branch, Some(from), to).await;
    }
    let scratch = target.scratch().await?;
    target.git.fetch(target.cancel(), scratch.path(), &target.url, branch, true).await?;
    target.git.push(target.cancel(), scratch.path(), &target.url, branch, Some(from), to).await
}

pub(crate) fn moved(target: &Target<'_>) -> Error {
    Error::new(ErrorKind::Conflict, "somebody else has pushed to the repository")
        .with("repository", &target.url)
}

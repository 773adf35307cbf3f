//! Taking a change back.

use idp_plugin_sdk::git::LocalRepository;
use idp_plugin_sdk::resources::RepositoryState;
use idp_plugin_sdk::{EffectState, Error, ErrorKind, Receipt, Result};

use crate::advance::{Own, commit_before, find_own, move_branch, moved};
use crate::change::{Before, Was};
use crate::create::{discard_attempt, remove};
use crate::marker::{Created, Fingerprints, Head, Marker};
use crate::observe::{DESCRIPTION, description};
use crate::target::Target;

pub(crate) async fn undo(target: &Target<'_>, receipt: &Receipt) -> Result<()> {
    if receipt.change.is_nothing() {
        return Ok(());
    }
    match receipt.undo_data()? {
        Before::Absent => undo_create(target, receipt),
        Before::At(was) => undo_update(target, receipt, &was).await,
    }
}

/// Deletes the repository, if it is the one this receipt is about and holds nothing but what we put there.
fn undo_create(target: &Target<'_>, receipt: &Receipt) -> Result<()> {
    let path = target.path()?;
    discard_attempt(path, &receipt.key)?;
    let Some(local) = target.local()? else { return Ok(()) };
    let marker = Marker::read(&local)?;
    let Some(created) = marker.created_under(&receipt.key) else { return Ok(()) };
    if !is_untouched(&local, created)? {
        return Err(moved(target));
    }
    target.cancel().check()?;
    remove(path, &receipt.key)
}

fn is_untouched(local: &LocalRepository, created: &Created) -> Result<bool> {
    let branch = local.default_branch()?.unwrap_or_default();
    let own_refs: Vec<_> = created.commit.iter().map(|_| format!("refs/heads/{branch}")).collect();
    Ok(local.branch(&branch)? == created.commit && local.refs()? == own_refs)
}

async fn undo_update(target: &Target<'_>, receipt: &Receipt, was: &Was) -> Result<()> {
    let after: RepositoryState = serde_json::from_value(receipt.change.after.clone())
        .map_err(|error| Error::new(ErrorKind::Corrupt, "the receipt does not read back").because(error))?;
    let local = target.local()?;
    if target.url.local().is_some() && local.is_none() {
        return Err(Error::new(ErrorKind::Conflict, "the repository is gone").with("repository", &target.url));
    }
    undo_commit(target, local.as_ref(), &after, was).await?;
    let Some(local) = local else { return Ok(()) };
    undo_settings(target, &local, &after, was)
}

async fn undo_commit(
    target: &Target<'_>,
    local: Option<&LocalRepository>,
    after: &RepositoryState,
    was: &Was,
) -> Result<()> {
    let (Some(branch), Some(brought)) = (&after.default_branch, after.tree) else { return Ok(()) };
    if after.tree == was.tree {
        return Ok(());
    }
    let commit = commit_before(target, branch, was).await?;
    let current = target.branch(branch).await?;
    if current == commit {
        return Ok(());
    }
    let Some(current) = current else { return Err(moved(target)) };
    match find_own(target, branch, commit.as_deref(), brought).await? {
        Own::Never => return Ok(()),
        Own::Buried => return Err(moved(target)),
        Own::Newest => move_branch(target, local, branch, &current, commit.as_deref()).await?,
    }
    let head = commit.zip(was.tree).map(|(commit, tree)| Head { commit, tree, files: Fingerprints::new() });
    local.map_or(Ok(()), |local| Marker::set_head(local, head)).map_err(|it| it.effect(EffectState::Unknown))
}

fn undo_settings(
    target: &Target<'_>,
    local: &LocalRepository,
    after: &RepositoryState,
    was: &Was,
) -> Result<()> {
    let Was { branch, description: old, .. } = was;
    if after.default_branch != *branch
        && let Some(branch) = branch
    {
        local.set_default_branch(branch)?;
    }
    let current = description(local)?;
    if current == *old {
        return Ok(());
    }
    if current != after.description {
        return Err(moved(target));
    }
    local.write_file(DESCRIPTION, old.as_deref().unwrap_or_default())
}

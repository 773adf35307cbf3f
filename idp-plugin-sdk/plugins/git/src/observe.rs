//! What is there.

use idp_plugin_sdk::git::LocalRepository;
use idp_plugin_sdk::resources::RepositoryState;
use idp_plugin_sdk::{Computed, Digest, ErrorKind, Result};

use crate::marker::Marker;
use crate::target::Target;

/// The state of the repository that `url` names, as its author wrote it.
pub(crate) async fn observe(target: &Target<'_>, url: &str) -> Result<Option<RepositoryState>> {
    let Some(_) = target.url.local() else { return observe_remote(target, url).await };
    let Some(local) = target.local()? else { return Ok(None) };
    match local.default_branch()? {
        Some(branch) => observe_local(target, url, &local, branch).await.map(Some),
        None => observe_remote(target, url).await,
    }
}

/// Reads files only, where this plugin was the last to write.
async fn observe_local(
    target: &Target<'_>,
    url: &str,
    local: &LocalRepository,
    branch: String,
) -> Result<RepositoryState> {
    let commit = local.branch(&branch)?;
    let tree = match &commit {
        None => None,
        Some(commit) => Some(local_tree(target, local, commit).await?),
    };
    let description = description(local)?;
    Ok(RepositoryState { description, ..state(target, url, Some(branch), commit, tree) })
}

async fn local_tree(target: &Target<'_>, local: &LocalRepository, commit: &str) -> Result<Digest> {
    match Marker::read(local)?.tree_of(commit) {
        Some(tree) => Ok(tree),
        None => Ok(target.read(local.folder(), commit).await?.digest()),
    }
}

async fn observe_remote(target: &Target<'_>, url: &str) -> Result<Option<RepositoryState>> {
    let refs = match target.git.branches(target.cancel(), &target.url).await {
        Ok(refs) => refs,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let branch = refs.default_branch;
    let Some(name) = branch.as_ref().filter(|it| refs.branches.contains_key(*it)) else {
        return Ok(Some(state(target, url, branch, None, None)));
    };
    let scratch = target.scratch().await?;
    let commit = target.git.fetch(target.cancel(), scratch.path(), &target.url, name, false).await?;
    let tree = target.read(scratch.path(), &commit).await?.digest();
    Ok(Some(state(target, url, branch, Some(commit), Some(tree))))
}

fn state(
    target: &Target<'_>,
    url: &str,
    default_branch: Option<String>,
    commit: Option<String>,
    tree: Option<Digest>,
) -> RepositoryState {
    RepositoryState {
        url: url.to_owned(),
        remote_url: target.url.as_str().to_owned(),
        default_branch,
        description: None,
        commit: commit.map(Computed::Known),
        tree,
    }
}

/// The file that Git itself shows people; its template text says nothing.
pub(crate) fn description(local: &LocalRepository) -> Result<Option<String>> {
    let text = local.read_file(DESCRIPTION)?.unwrap_or_default().trim().to_owned();
    Ok(Some(text).filter(|it| !it.is_empty() && !it.starts_with("Unnamed repository;")))
}

pub(crate) const DESCRIPTION: &str = "description";

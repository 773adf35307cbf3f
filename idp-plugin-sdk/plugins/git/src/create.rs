//! Making a repository on this machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use idp_plugin_sdk::git::LocalRepository;
use idp_plugin_sdk::resources::Repository;
use idp_plugin_sdk::{Error, ErrorKind, IdempotencyKey, Result};

use crate::marker::{Created, Head, Marker};
use crate::observe::DESCRIPTION;
use crate::target::Target;

/// Creates the repository, unless it is there from an earlier attempt under the same key.
///
/// It is made complete beside its place and moved there in one step, so nobody ever sees half of it.
pub(crate) async fn create(target: &Target<'_>, want: &Repository, key: &IdempotencyKey) -> Result<()> {
    let path = target.path()?;
    if let Some(local) = target.local()? {
        return match Marker::read(&local)?.created_under(key) {
            Some(created) if local.branch(&want.default_branch)? == created.commit => Ok(()),
            _ => Err(taken(target)),
        };
    }
    let beside = beside(path, key)?;
    discard(&beside)?;
    if let Some(parent) = beside.parent() {
        fs::create_dir_all(parent).map_err(|error| cannot("make the folder of", path, error))?;
    }
    let made = fill(target, want, key, &beside).await.and_then(|()| put(target, &beside, path));
    if made.is_err() {
        let _ = fs::remove_dir_all(&beside);
    }
    made
}

async fn fill(target: &Target<'_>, want: &Repository, key: &IdempotencyKey, folder: &Path) -> Result<()> {
    target.git.init_bare(target.cancel(), folder, &want.default_branch).await?;
    let local = LocalRepository::open(folder)?
        .ok_or_else(|| Error::internal("Git made no repository").with("path", folder.display()))?;
    if let Some(description) = &want.description {
        local.write_file(DESCRIPTION, &format!("{description}\n"))?;
    }
    let head = match &want.content {
        None => None,
        Some(content) => {
            let tree = target.wanted_tree(content)?;
            let commit = target.commit(want, None, tree.clone());
            let commit = target.git.commit(target.cancel(), folder, &commit).await?;
            Some(Head::new(commit, &tree))
        }
    };
    let created = Created { key: key.clone(), commit: head.as_ref().map(|it| it.commit.clone()) };
    Marker { created: Some(created), head }.write(&local)
}

fn put(target: &Target<'_>, beside: &Path, path: &Path) -> Result<()> {
    target.cancel().check()?;
    fs::rename(beside, path).map_err(|error| match error.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            taken(target)
        }
        _ => cannot("put in place", path, error),
    })
}

/// Where the repository is made: on the same file system, and the same again when a run is resumed.
fn beside(path: &Path, key: &IdempotencyKey) -> Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| Error::invalid("a repository's path needs a name").with("path", path.display()))?;
    Ok(path.with_file_name(format!(".{}.{}", name.to_string_lossy(), key.as_str())))
}

/// Removes what an attempt under this key left behind when the process was killed.
pub(crate) fn discard_attempt(path: &Path, key: &IdempotencyKey) -> Result<()> {
    discard(&beside(path, key)?)
}

/// Removes a repository: out of sight in one step, then bit by bit.
pub(crate) fn remove(path: &Path, key: &IdempotencyKey) -> Result<()> {
    let beside = beside(path, key)?;
    discard(&beside)?;
    fs::rename(path, &beside).map_err(|error| cannot("remove", path, error))?;
    discard(&beside)
}

fn discard(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot("remove", path, error)),
        _ => Ok(()),
    }
}

fn taken(target: &Target<'_>) -> Error {
    Error::new(ErrorKind::Conflict, "the repository exists by now").with("repository", &target.url)
}

fn cannot(what: &str, path: &Path, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
        _ => ErrorKind::Internal,
    };
    Error::new(kind, format!("cannot {what} the repository")).with("path", path.display()).because(error)
}

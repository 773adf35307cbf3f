//! Getting commits from another repository.

use std::path::{Path, PathBuf};

use idp_core::{Cancel, Error, ErrorKind, Result};
use tempfile::TempDir;

use super::commit::commit_id;
use super::program::{check_branch, failure};
use super::{Git, GitUrl};

/// The branch that fetched commits are put on.
const FETCHED: &str = "refs/idp/fetched";

/// A bare repository that goes when this is dropped.
#[derive(Debug)]
pub struct ScratchRepository {
    path: PathBuf,
    _folder: TempDir,
}

impl ScratchRepository {
    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Git {
    /// A new empty bare repository in a folder of its own below `scratch`.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where the folder cannot be made; those of [`Git::init_bare`].
    pub async fn scratch(&self, cancel: &Cancel, scratch: &Path) -> Result<ScratchRepository> {
        let folder = std::fs::create_dir_all(scratch)
            .and_then(|()| tempfile::Builder::new().prefix("git-").tempdir_in(scratch))
            .map_err(|error| Error::internal("cannot make a scratch repository").because(error))?;
        let path = folder.path().join("repository.git");
        self.init_bare(cancel, &path, "main").await?;
        Ok(ScratchRepository { path, _folder: folder })
    }

    /// Gets a branch, tag or commit with its files into a local repository, and answers with the commit's hash.
    /// With `history`, everything before it comes too.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such repository or branch; the other side's refusals; those of
    /// [`crate::process::Command::run`].
    pub async fn fetch(
        &self,
        cancel: &Cancel,
        into: &Path,
        url: &GitUrl,
        what: &str,
        history: bool,
    ) -> Result<String> {
        check_branch(what)?;
        let refspec = format!("+{what}:{FETCHED}");
        let depth: &[&str] = if history { &[] } else { &["--depth=1"] };
        let fixed = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
        let args = [&fixed[..], depth, &["--", url.as_str(), &refspec]].concat();
        let output = Self::for_url(self.call_in(into, &args), url).run(cancel).await?;
        if !output.is_success() {
            return Err(failure(&output, url).with("branch", what));
        }
        self.resolve(cancel, into, FETCHED).await
    }

    /// The commit that a name stands for in a local repository.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where it stands for none; those of [`crate::process::Command::run`].
    pub async fn resolve(&self, cancel: &Cancel, repository: &Path, name: &str) -> Result<String> {
        let object = format!("{name}^{{commit}}");
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", &object];
        let output = self.call_in(repository, &args).run(cancel).await?;
        if !output.is_success() {
            return Err(Error::new(ErrorKind::NotFound, "no such commit").with("name", name));
        }
        commit_id(output.text().trim())
    }

    /// The commits behind `from` up to `to` along first parents, oldest first; none where `from` is not on that line.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where Git fails; those of [`crate::process::Command::run`].
    pub async fn line(
        &self,
        cancel: &Cancel,
        repository: &Path,
        from: Option<&str>,
        to: &str,
    ) -> Result<Option<Vec<String>>> {
        let args = ["rev-list", "--first-parent", "--end-of-options", to];
        let output = self.call_in(repository, &args).run(cancel).await?.success()?;
        let text = output.text();
        let newest_first: Vec<_> = text.lines().map(str::to_owned).collect();
        let end = match from {
            None => Some(newest_first.len()),
            Some(from) => newest_first.iter().position(|it| it == from),
        };
        Ok(end.map(|end| newest_first[..end].iter().rev().cloned().collect()))
    }

    /// The newest commit up to `to` whose message holds a text; none where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where Git fails; those of [`crate::process::Command::run`].
    pub async fn find_message(
        &self,
        cancel: &Cancel,
        repository: &Path,
        to: &str,
        text: &str,
    ) -> Result<Option<String>> {
        let grep = format!("--grep={text}");
        let args = ["log", "--max-count=1", "--format=%H", "--fixed-strings", &grep, "--end-of-options", to];
        let output = self.call_in(repository, &args).run(cancel).await?.success()?;
        let id = output.text().trim().to_owned();
        if id.is_empty() { Ok(None) } else { commit_id(&id).map(Some) }
    }
}

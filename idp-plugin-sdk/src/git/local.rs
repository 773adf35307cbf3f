//! Reading a repository on this machine without starting a program.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use idp_core::{Error, ErrorKind, Result};

/// A repository's folder: what Git calls the Git directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalRepository(PathBuf);

impl LocalRepository {
    /// The repository at a path; none where nothing, or an empty folder, is there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where something else is there; [`ErrorKind::Internal`] where it cannot be read.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let work_tree = path.join(".git");
        for folder in [path, &work_tree] {
            if folder.join("HEAD").is_file() && folder.join("objects").is_dir() {
                return Ok(Some(Self(folder.to_owned())));
            }
        }
        match fs::read_dir(path).map(Iterator::count) {
            Ok(0) => Ok(None),
            Ok(_) => Err(Error::invalid("this folder is no Git repository").with("path", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(path, error)),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The branch that `HEAD` names, whether it has a commit or not; none where this repository keeps its branches in
    /// a form that only Git reads, or `HEAD` names no branch.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where it cannot be read.
    pub fn default_branch(&self) -> Result<Option<String>> {
        let head = read(&self.0.join("HEAD"))?.unwrap_or_default();
        let branch = head.trim().strip_prefix("ref: refs/heads/").map(str::to_owned);
        // What Git writes into `HEAD` of a repository with reftables.
        Ok(branch.filter(|it| it != ".invalid"))
    }

    /// The commit that a branch is at; none where there is no such branch.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where it cannot be read.
    pub fn branch(&self, name: &str) -> Result<Option<String>> {
        let full = format!("refs/heads/{name}");
        if let Some(text) = read(&self.0.join(&full))? {
            return Ok(Some(text.trim().to_owned()));
        }
        let packed = self.packed()?;
        Ok(packed.into_iter().find(|(_, it)| *it == full).map(|(commit, _)| commit))
    }

    /// The names of all branches and tags, in order.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where they cannot be read.
    pub fn refs(&self) -> Result<Vec<String>> {
        let mut names: Vec<_> = self.packed()?.into_iter().map(|(_, name)| name).collect();
        walk(&self.0.join("refs"), "refs", &mut names)?;
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Makes another branch the default one.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where it cannot be written.
    pub fn set_default_branch(&self, name: &str) -> Result<()> {
        super::program::check_branch(name)?;
        write_atomically(&self.0.join("HEAD"), format!("ref: refs/heads/{name}\n").as_bytes())
    }

    /// A file of the repository's folder, as text.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where it is there and cannot be read.
    pub fn read_file(&self, name: &str) -> Result<Option<String>> {
        read(&self.0.join(name))
    }

    /// Writes a file of the repository's folder, all of it or nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where it cannot be written.
    pub fn write_file(&self, name: &str, text: &str) -> Result<()> {
        write_atomically(&self.0.join(name), text.as_bytes())
    }

    /// `<commit> <ref>` on each line; `#` and `^` lines say something else.
    fn packed(&self) -> Result<Vec<(String, String)>> {
        let text = read(&self.0.join("packed-refs"))?.unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with(['#', '^']));
        Ok(lines.filter_map(|it| it.split_once(' ')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect())
    }
}

fn walk(folder: &Path, name: &str, names: &mut Vec<String>) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(folder, error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { walk(&entry.path(), &inner, names)? } else { names.push(inner) }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => {
            Ok(None)
        }
        Err(error) => Err(unreadable(path, error)),
    }
}

fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("idp-new");
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| Error::internal("cannot write").with("path", path.display()).because(error))
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
        _ => ErrorKind::Internal,
    };
    Error::new(kind, "cannot read").with("path", path.display()).because(error)
}

//! Descriptors in a directory, or in one file.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use idp_core::{
    Completeness, Cursor, Diagnostic, Document, Error, Page, Result, Source, SourceContext, SourceInfo,
};
use url::Url;

use super::excluded::Excluded;
use super::folder::unreadable;
use crate::Delta;

/// Bounds on what a directory may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectoryLimits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files to read.
    pub files: usize,
    /// Levels of folders.
    pub depth: usize,
    /// Files of one page.
    pub page: usize,
}

impl Default for DirectoryLimits {
    fn default() -> Self {
        Self { file_bytes: 16 << 20, files: 200_000, depth: 64, page: 10_000 }
    }
}

/// What changed in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// These files, by path relative to the directory, and nothing else.
    Files(BTreeSet<String>),
    /// More than can be told.
    Anything,
}

/// Reads descriptors below a root. Nothing outside it is ever read: symbolic links are not followed.
///
/// Locations are paths relative to the root, with `/`. A file that cannot be read makes the answer partial, so that
/// nothing is deleted on account of it.
#[derive(Debug, Clone)]
pub struct DirectorySource {
    name: String,
    root: PathBuf,
    globs: GlobSet,
    excluded: Excluded,
    limits: DirectoryLimits,
}

impl DirectorySource {
    /// Every `*.yaml` and `*.yml` below `root`; or `root` itself, where it is a file.
    ///
    /// # Errors
    /// [`NotFound`](idp_core::ErrorKind::NotFound) where there is nothing at `root`.
    pub fn new(name: impl Into<String>, root: impl Into<PathBuf>) -> Result<Self> {
        let root = root.into();
        let root = root.canonicalize().map_err(|error| unreadable(&root, error))?;
        let (globs, excluded) = (globs(&["**/*.yaml", "**/*.yml"])?, Excluded::default());
        Ok(Self { name: name.into(), root, globs, excluded, limits: DirectoryLimits::default() })
    }

    /// Only files whose relative path one of these patterns matches, as in `**/catalog-info.yaml`. `*` stays within a
    /// folder, `**` crosses.
    ///
    /// # Errors
    /// [`InvalidInput`](idp_core::ErrorKind::InvalidInput) for a pattern that is none.
    pub fn matching(mut self, patterns: &[&str]) -> Result<Self> {
        self.globs = globs(patterns)?;
        Ok(self)
    }

    /// No files and folders whose relative path one of these patterns matches, as in `**/node_modules`. What is below a
    /// folder that is left out is not looked at, whatever a descriptor names.
    ///
    /// # Errors
    /// [`InvalidInput`](idp_core::ErrorKind::InvalidInput) for a pattern that is none.
    pub fn excluding(mut self, patterns: &[&str]) -> Result<Self> {
        self.excluded = Excluded::new(patterns)?;
        Ok(self)
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: DirectoryLimits) -> Self {
        self.limits = limits;
        self
    }

    /// What a change of these files is for the catalog: `None` where only a whole pass tells, as after a change of folders.
    ///
    /// Not for a source that is ingested with a [`Following`](crate::Following): what its files lead to, and what they
    /// are without the parts that stand in others, is for a whole pass.
    #[must_use]
    pub fn delta(&self, changed: &Changed) -> Option<Delta> {
        let Changed::Files(files) = changed else { return None };
        let mut delta = Delta::of(&*self.name);
        for file in files.iter().filter(|it| self.globs.is_match(it) && !self.excluded.covers(it)) {
            delta = match self.read(file) {
                Ok(document) => delta.put(document),
                Err(error) if error.kind() == io::ErrorKind::NotFound => delta.gone(file.as_str()),
                Err(_) => return None,
            };
        }
        Some(delta)
    }

    /// The directory, or the file that is read alone.
    #[cfg(feature = "watch")]
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a file or folder is left out.
    #[cfg(feature = "watch")]
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        self.excluded.covers(path)
    }

    /// Whether a file is one that is read.
    #[cfg(feature = "watch")]
    pub(super) fn wants(&self, path: &str) -> bool {
        self.globs.is_match(path) && !self.excluded.covers(path)
    }

    /// The files in a stable order, as relative paths.
    fn files(&self, walk: &mut Walk) {
        if self.root.is_file() {
            walk.files.push(String::new());
        } else {
            self.folder(&self.root, "", 0, walk);
            walk.files.sort_unstable();
        }
    }

    fn folder(&self, folder: &Path, relative: &str, depth: usize, walk: &mut Walk) {
        if depth > self.limits.depth {
            return walk.problem(relative, "folders are nested too deeply");
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return walk.problem(relative, &error.to_string()),
        };
        for entry in entries {
            match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) {
                Ok((entry, kind)) => self.entry(&entry.path(), kind, relative, depth, walk),
                Err(error) => walk.problem(relative, &error.to_string()),
            }
        }
    }

    fn entry(&self, path: &Path, kind: fs::FileType, folder: &str, depth: usize, walk: &mut Walk) {
        let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return };
        let relative = if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") };
        if self.excluded.covers(&relative) {
            return;
        }
        // A symbolic link is neither a folder nor a file here.
        if kind.is_dir() {
            self.folder(path, &relative, depth + 1, walk);
        } else if kind.is_file() && self.globs.is_match(&relative) {
            if walk.files.len() < self.limits.files {
                walk.files.push(relative);
            } else {
                walk.problem(&relative, "there are more files than the limit allows");
            }
        }
    }

    fn read(&self, relative: &str) -> io::Result<Document> {
        let path = if relative.is_empty() { self.root.clone() } else { self.root.join(relative) };
        let kind = fs::symlink_metadata(&path)?;
        // A folder above it may have become a link since the walk.
        if !kind.is_file() || !path.canonicalize()?.starts_with(&self.root) {
            return Err(io::Error::other("it is no longer a file in this directory"));
        }
        if kind.len() > self.limits.file_bytes {
            return Err(io::Error::other(format!("it is larger than {} bytes", self.limits.file_bytes)));
        }
        let text = String::from_utf8(fs::read(&path)?)
            .map_err(|error| io::Error::other(format!("it is not UTF-8: {error}")))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Document::text(if relative.is_empty() { name } else { relative.to_owned() }, text))
    }
}

/// What every cursor starts with.
const AFTER: &str = "after:";

fn last_file(cursor: &Cursor) -> Result<&str> {
    cursor.0.strip_prefix(AFTER).ok_or_else(|| Error::invalid("this is not a cursor of a directory"))
}

/// What a walk has found.
#[derive(Default)]
struct Walk {
    files: Vec<String>,
    problems: Vec<Diagnostic>,
}

impl Walk {
    fn problem(&mut self, path: &str, message: &str) {
        let shown = if path.is_empty() { "." } else { path };
        self.problems.push(Diagnostic::error("unreadable-file", format!("cannot read `{shown}`: {message}")));
    }
}

#[async_trait]
impl Source for DirectorySource {
    fn info(&self) -> SourceInfo {
        let folder = if self.root.is_file() { self.root.parent().unwrap_or(&self.root) } else { &self.root };
        SourceInfo::new(&*self.name, format!("descriptors in {}", self.root.display()))
            .based_at(Url::from_directory_path(folder).ok())
            .excluding(self.excluded.patterns())
    }

    /// The cursor names the last file of the page before.
    async fn page(&self, cx: &SourceContext, cursor: Option<&Cursor>) -> Result<Page> {
        cx.cancel.check()?;
        let last = cursor.map(last_file).transpose()?;
        if !self.root.exists() {
            return Err(unreadable(&self.root, io::Error::from(io::ErrorKind::NotFound)));
        }
        let mut walk = Walk::default();
        self.files(&mut walk);
        let start = last.map_or(0, |last| walk.files.partition_point(|file| &**file <= last));
        let page: Vec<String> = walk.files.iter().skip(start).take(self.limits.page).cloned().collect();
        let more = start + page.len() < walk.files.len();
        let mut documents = Vec::with_capacity(page.len());
        for file in &page {
            cx.cancel.check()?;
            match self.read(file) {
                Ok(document) => documents.push(document),
                Err(error) => walk.problem(file, &error.to_string()),
            }
        }
        let completeness =
            if walk.problems.is_empty() { Completeness::Complete } else { Completeness::Partial };
        let next = page.last().filter(|_| more).map(|last| Cursor(format!("{AFTER}{last}")));
        Ok(Page { documents, problems: walk.problems, completeness, next })
    }
}

/// A set of file patterns: `*` stays within a folder, `**` crosses.
pub(crate) fn globs(patterns: &[&str]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let bad = |error| Error::invalid("not a file pattern").with("pattern", pattern).because(error);
        set.add(GlobBuilder::new(pattern).literal_separator(true).build().map_err(bad)?);
    }
    set.build().map_err(|error| Error::invalid("file patterns cannot be combined").because(error))
}

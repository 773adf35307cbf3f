//! Files of a folder that nobody reads.

use globset::GlobSet;
use idp_core::Result;

use super::globs;

/// Which paths below a folder are left out: what is Git's own, and what patterns match.
#[derive(Clone, Debug, Default)]
pub(super) struct Excluded {
    patterns: Vec<String>,
    globs: GlobSet,
}

impl Excluded {
    pub(super) fn new(patterns: &[&str]) -> Result<Self> {
        let globs = globs(patterns)?;
        Ok(Self { patterns: patterns.iter().map(|it| (*it).to_owned()).collect(), globs })
    }

    pub(super) fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether a file or folder, or a folder above it, is left out.
    pub(super) fn covers(&self, path: &str) -> bool {
        // File systems that ignore case find `.git` as `.GIT`, too.
        let in_git = path.split('/').any(|part| part.eq_ignore_ascii_case(".git"));
        let mut ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        in_git || ends.any(|end| self.globs.is_match(&path[..end]))
    }
}

//! The patterns of `copyWithoutTemplating`.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use idp_core::TreePath;

use super::RenderError;

/// Paths by pattern. Naming a folder covers what is in it; a pattern with `!` takes paths out again.
#[derive(Debug)]
pub(super) struct Globs {
    included: GlobSet,
    excluded: GlobSet,
}

impl Globs {
    pub(super) fn new(patterns: &[String]) -> Result<Self, RenderError> {
        let (excluded, included): (Vec<_>, Vec<_>) = patterns.iter().partition(|pattern| pattern.starts_with('!'));
        Ok(Self {
            included: set(included.into_iter().map(String::as_str))?,
            excluded: set(excluded.into_iter().map(|pattern| &pattern[1..]))?,
        })
    }

    pub(super) fn matches(&self, path: &TreePath) -> bool {
        self.included.is_match(path.as_str()) && !self.excluded.is_match(path.as_str())
    }
}

fn set<'p>(patterns: impl Iterator<Item = &'p str>) -> Result<GlobSet, RenderError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let bare = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
        for pattern in [bare.to_owned(), format!("{bare}/**")] {
            let glob = GlobBuilder::new(&pattern).literal_separator(true).build();
            set.add(glob.map_err(|error| RenderError::options(error.to_string()))?);
        }
    }
    set.build().map_err(|error| RenderError::options(error.to_string()))
}

//! Whose word counts where several sources describe one entity.

use serde::{Deserialize, Serialize};

/// The order in which sources count, the weightiest first. Sources that it does not name come after those it names;
/// among equals the first come counts.
///
/// A name that ends in `*` stands for every source that begins like it. The order is part of the log: every node, and
/// every look at the past, sees the same entity count.
///
/// ```
/// use idp_catalog::Precedence;
/// let precedence = Precedence::new(["org", "directory:*"]);
/// assert!(precedence.rank("org") < precedence.rank("directory:services"));
/// assert!(precedence.rank("directory:services") < precedence.rank("discovery"));
/// assert_eq!(precedence.rank("discovery"), precedence.rank("inventory"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Precedence {
    sources: Vec<String>,
}

impl Precedence {
    /// Sources in this order, the weightiest first.
    #[must_use]
    pub fn new<S: Into<String>>(sources: impl IntoIterator<Item = S>) -> Self {
        Self { sources: sources.into_iter().map(Into::into).collect() }
    }

    /// The place of a source: less counts more.
    #[must_use]
    pub fn rank(&self, source: &str) -> usize {
        let names = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => source.starts_with(beginning),
            None => source == pattern,
        };
        self.sources.iter().position(names).unwrap_or(self.sources.len())
    }
}

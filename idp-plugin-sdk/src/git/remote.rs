//! What branches another repository has.

use std::collections::BTreeMap;

use idp_core::{Cancel, Result};

use super::commit::commit_id;
use super::program::failure;
use super::{Git, GitUrl};

/// The branches of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteRefs {
    /// The default branch, where the server tells; of a repository with one branch, that one.
    pub default_branch: Option<String>,
    /// Each branch and the commit it is at.
    pub branches: BTreeMap<String, String>,
}

impl Git {
    /// The branches of a repository. One without commits has none.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::NotFound`] where there is no such repository; the other side's refusals; those of
    /// [`crate::process::Command::run`].
    pub async fn branches(&self, cancel: &Cancel, url: &GitUrl) -> Result<RemoteRefs> {
        let args = ["ls-remote", "--quiet", "--symref", "--", url.as_str(), "HEAD", "refs/heads/*"];
        let output = Self::for_url(self.call(&args), url).run(cancel).await?;
        if output.is_success() { parse(&output.text()) } else { Err(failure(&output, url)) }
    }
}

/// `ref: refs/heads/main\tHEAD` and `<hash>\trefs/heads/main`.
fn parse(text: &str) -> Result<RemoteRefs> {
    let mut refs = RemoteRefs::default();
    for (left, right) in text.lines().filter_map(|line| line.split_once('\t')) {
        if let Some(branch) = left.strip_prefix("ref: refs/heads/") {
            refs.default_branch = Some(branch.to_owned());
        } else if let Some(branch) = right.strip_prefix("refs/heads/") {
            refs.branches.insert(branch.to_owned(), commit_id(left)?);
        }
    }
    if refs.default_branch.is_none() && refs.branches.len() == 1 {
        refs.default_branch = refs.branches.keys().next().cloned();
    }
    Ok(refs)
}

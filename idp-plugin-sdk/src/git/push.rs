//! Moving branches of another repository.

use std::path::Path;

use idp_core::{Cancel, EffectState, Error, ErrorKind, Result, Retry};

use super::program::{check_branch, failure};
use super::{Git, GitUrl};
use crate::process::Output;

impl Git {
    /// Moves a branch of another repository from `expected` (none: it does not exist) to `commit` (none: it goes).
    ///
    /// - Where the branch is elsewhere: [`ErrorKind::Conflict`], to be tried again on what is there then, and nothing
    ///   has changed.
    /// - Where the answer does not arrive: [`EffectState::Unknown`].
    ///
    /// # Errors
    /// The above; the other side's refusals; those of [`crate::process::Command::run`].
    pub async fn push(
        &self,
        cancel: &Cancel,
        from: &Path,
        url: &GitUrl,
        branch: &str,
        expected: Option<&str>,
        commit: Option<&str>,
    ) -> Result<()> {
        check_branch(branch)?;
        cancel.check()?;
        let lease = format!("--force-with-lease=refs/heads/{branch}:{}", expected.unwrap_or_default());
        let refspec = format!("{}:refs/heads/{branch}", commit.unwrap_or_default());
        let args = ["push", "--quiet", "--porcelain", "--no-verify", &lease, "--", url.as_str(), &refspec];
        let call = Self::for_url(self.call_in(from, &args), url);
        // Once it runs, being stopped does not tell whether the server has moved the branch.
        let output = call.run(cancel).await.map_err(|error| match error.kind() {
            ErrorKind::Missing | ErrorKind::Unsupported => error,
            _ => error.effect(EffectState::Unknown),
        })?;
        if output.is_success() { Ok(()) } else { Err(refusal(&output, url).with("branch", branch)) }
    }
}

impl Git {
    /// Moves a branch of a repository on this machine, back too, from `expected` (none: it does not exist) to `commit`
    /// (none: it goes). The repository holds the commit already, and its hooks do not run.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where the branch is elsewhere; those of [`crate::process::Command::run`].
    pub async fn move_branch(
        &self,
        cancel: &Cancel,
        repository: &Path,
        branch: &str,
        expected: Option<&str>,
        commit: Option<&str>,
    ) -> Result<()> {
        check_branch(branch)?;
        const NONE: &str = "0000000000000000000000000000000000000000";
        let (to, from) = (commit.unwrap_or(NONE), expected.unwrap_or(NONE));
        let name = format!("refs/heads/{branch}");
        let output = self.call_in(repository, &["update-ref", "--", &name, to, from]).run(cancel).await?;
        if output.is_success() {
            return Ok(());
        }
        let lost_race = output.stderr.contains("cannot lock ref");
        let kind = if lost_race { ErrorKind::Conflict } else { ErrorKind::Internal };
        Err(output.error(kind).with("branch", branch))
    }
}

/// `!\t<refspec>\t[rejected] (stale info)`: the server, or Git before asking it, refused this branch.
fn refusal(output: &Output, url: &GitUrl) -> Error {
    let text = output.text();
    let Some(line) = text.lines().find(|line| line.starts_with('!')) else {
        let error = failure(output, url);
        let reached = matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Internal);
        return error.effect(if reached { EffectState::Unknown } else { EffectState::NotStarted });
    };
    let reason = line.rsplit('\t').next().unwrap_or_default().to_owned();
    let lost_race =
        ["stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref"];
    if lost_race.iter().any(|it| reason.contains(it)) {
        return Error::new(ErrorKind::Conflict, "somebody else has pushed to this branch")
            .with("repository", url)
            .retry(Retry::Later);
    }
    Error::new(ErrorKind::PermissionDenied, "the repository refuses this push")
        .with("repository", url)
        .with("reason", reason)
}

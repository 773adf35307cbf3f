//! Where a repository is.

use std::fmt;
use std::path::{Path, PathBuf};

use idp_core::{Error, Result};
use url::Url;

/// The address of a repository: an absolute path, a `file`, `http`, `https`, `ssh` or `git` URL, or `user@host:path`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GitUrl {
    text: String,
    local: Option<PathBuf>,
}

impl GitUrl {
    /// Checks and takes an address.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] for another scheme, a relative path, or an address with a password in it.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |why: &str| Err(Error::invalid(format!("not the address of a Git repository: {why}")));
        if text.is_empty() || text.chars().any(char::is_control) {
            return bad("empty, or with control characters");
        }
        if Path::new(text).is_absolute() {
            return Self::of_path(Path::new(text));
        }
        if !text.contains("://") && is_scp_form(text) {
            return Ok(Self { text: text.to_owned(), local: None });
        }
        let Ok(url) = Url::parse(text) else { return bad("neither an absolute path nor a URL") };
        if url.password().is_some() || (url.scheme().starts_with("http") && !url.username().is_empty()) {
            return bad("it holds credentials; configure them for the host instead");
        }
        match url.scheme() {
            "file" => match url.to_file_path() {
                Ok(path) => Self::of_path(&path),
                Err(()) => bad("a file URL with a host"),
            },
            "http" | "https" | "ssh" | "git" => Ok(Self { text: url.to_string(), local: None }),
            other => bad(&format!("scheme `{other}`")),
        }
    }

    fn of_path(path: &Path) -> Result<Self> {
        let climbs = path.components().any(|it| it == std::path::Component::ParentDir);
        match Url::from_file_path(path) {
            Ok(url) if !climbs => Ok(Self { text: url.to_string(), local: Some(path.to_owned()) }),
            _ => Err(Error::invalid("not the address of a Git repository: a path with `..`")),
        }
    }

    /// The address as a URL; a path as a `file` URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path, where it is on this machine.
    pub fn local(&self) -> Option<&Path> {
        self.local.as_deref()
    }

    pub(super) fn is_ssh(&self) -> bool {
        self.local.is_none() && (self.text.starts_with("ssh:") || !self.text.contains("://"))
    }
}

impl fmt::Display for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `git@host:path`, and not `transport::address`, by which Git would run a helper program.
fn is_scp_form(text: &str) -> bool {
    let Some((host, path)) = text.split_once(':') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._-".contains(c);
    host.contains('@') && !host.starts_with('-') && host.chars().all(plain) && !path.starts_with([':', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_git_takes_and_nothing_that_runs_programs() {
        for (text, url) in [
            ("/srv/a.git", "file:///srv/a.git"),
            ("file:///srv/a.git", "file:///srv/a.git"),
            ("https://h/a.git", "https://h/a.git"),
            ("ssh://git@h/a.git", "ssh://git@h/a.git"),
            ("git@h:a/b.git", "git@h:a/b.git"),
        ] {
            assert_eq!(GitUrl::parse(text).unwrap().as_str(), url);
        }
        for bad in [
            "",
            "a.git",
            "ext::sh -c x",
            "a@b::x",
            "-x@h:y",
            "https://u:p@h/a",
            "https://t@h/a",
            "ftp://h/a",
            "/a/../b",
        ] {
            assert!(GitUrl::parse(bad).is_err(), "{bad}");
        }
    }
}

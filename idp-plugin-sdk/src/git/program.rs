//! The program itself, cut off from whatever the machine has configured.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use idp_core::{Cancel, Error, ErrorKind, Result, Secret};

use super::GitUrl;
use super::auth::Token;
use crate::process::{Command, Output};

/// The system's Git.
///
/// - Reads no configuration but its own: not the machine's, not the user's; runs no hooks of theirs.
/// - Never asks a person: a server that wants a password is an error.
/// - Speaks `file`, `http(s)`, `ssh` and `git` only.
/// - Tokens reach it by environment, for their own server only.
#[derive(Clone, Debug)]
pub struct Git {
    program: OsString,
    timeout: Duration,
    tokens: Vec<Token>,
}

impl Default for Git {
    fn default() -> Self {
        Self::new()
    }
}

/// Configuration that every call has.
const CONFIG: [(&str, &str); 7] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsync", "committed"),
    ("core.quotePath", "false"),
    ("fastimport.unpackLimit", "0"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("protocol.version", "2"),
];

impl Git {
    /// `git` from `PATH`, five minutes for each call.
    pub fn new() -> Self {
        Self { program: "git".into(), timeout: Duration::from_mins(5), tokens: Vec::new() }
    }

    /// Another program.
    #[must_use]
    pub fn with_program(mut self, program: impl AsRef<Path>) -> Self {
        self.program = program.as_ref().as_os_str().to_owned();
        self
    }

    /// Another time limit for each call.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// With a token for every `http(s)` address that starts with a prefix: `https://git.example.org/`.
    #[must_use]
    pub fn with_token(mut self, prefix: impl Into<String>, user: &str, token: &Secret) -> Self {
        self.tokens.push(Token::new(prefix.into(), user, token));
        self
    }

    /// A call without a repository.
    pub(super) fn call(&self, args: &[&str]) -> Command {
        let command = Command::new(&self.program)
            .help("install Git 2.31 or newer, or name the program in the configuration")
            .timeout(self.timeout)
            .env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .args(args);
        self.configure(command)
    }

    /// A call in a repository.
    pub(super) fn call_in(&self, folder: &Path, args: &[&str]) -> Command {
        self.call(args).env("GIT_DIR", folder)
    }

    /// For a call that talks to a server by SSH: the keys of the agent, and no questions.
    pub(super) fn for_url(command: Command, url: &GitUrl) -> Command {
        if !url.is_ssh() {
            return command;
        }
        command.pass_env("SSH_AUTH_SOCK").pass_env("HOME").env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
    }

    fn configure(&self, command: Command) -> Command {
        let fixed = CONFIG.iter().map(|(key, value)| ((*key).to_owned(), *value));
        let tokens = self.tokens.iter().map(Token::entry).map(|(key, header)| (key, header.expose()));
        let mut count = 0;
        let mut command = command;
        for (key, value) in fixed.chain(tokens) {
            command = command.env(format!("GIT_CONFIG_KEY_{count}"), key);
            command = command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        let secrets = self.tokens.iter().flat_map(Token::secrets);
        secrets.fold(command.env("GIT_CONFIG_COUNT", count.to_string()), Command::hide)
    }

    /// Makes an empty bare repository whose default branch is `branch`.
    ///
    /// # Errors
    /// Those of [`Command::run`]; [`ErrorKind::Internal`] where Git fails.
    pub async fn init_bare(&self, cancel: &Cancel, folder: &Path, branch: &str) -> Result<()> {
        check_branch(branch)?;
        let head = format!("--initial-branch={branch}");
        let args = ["init", "--quiet", "--bare", "--template=", "--object-format=sha1", &head, "--"];
        self.call(&args).arg(folder).run(cancel).await?.success().map(drop)
    }
}

/// The error of a call that talked to another repository, named by what it says.
pub(super) fn failure(output: &Output, url: &GitUrl) -> Error {
    output.error(kind_of(&output.stderr)).with("repository", url)
}

/// Git tells by words only; `LC_ALL=C` keeps them English.
fn kind_of(stderr: &str) -> ErrorKind {
    const SIGNS: [(ErrorKind, &[&str]); 5] = [
        (
            ErrorKind::Unauthenticated,
            &["could not read Username", "could not read Password", "Authentication failed", "error: 401"],
        ),
        (
            ErrorKind::PermissionDenied,
            &["error: 403", "Permission denied", "dubious ownership", "access denied"],
        ),
        (ErrorKind::RateLimited, &["error: 429"]),
        (
            ErrorKind::NotFound,
            &[
                "epository not found",
                "' not found",
                "error: 404",
                "does not appear to be a git repository",
                "couldn't find remote ref",
                "not our ref",
            ],
        ),
        (
            ErrorKind::Unavailable,
            &[
                "Could not resolve host",
                "Failed to connect",
                "Couldn't connect",
                "Connection refused",
                "Connection timed out",
                "Connection reset",
                "unexpected disconnect",
                "hung up unexpectedly",
                "error: 5",
                "Empty reply",
            ],
        ),
    ];
    let says = |words: &[&str]| words.iter().any(|it| stderr.contains(it));
    SIGNS.iter().find(|(_, words)| says(words)).map_or(ErrorKind::Internal, |(kind, _)| *kind)
}

/// The part of Git's rules that keeps a name from meaning something else on a command line or in a refspec.
pub(super) fn check_branch(name: &str) -> Result<()> {
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
    let bad = name.starts_with('-')
        || name.ends_with('.')
        || name == "@"
        || name.contains("..")
        || name.contains("@{")
        || name.contains(forbidden)
        || name.split('/').any(bad_part);
    if bad { Err(Error::invalid("not a branch name").with("branch", name)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_names() {
        for good in ["main", "feature/a-b", "v1.0"] {
            assert!(check_branch(good).is_ok(), "{good}");
        }
        for bad in ["", "-x", "a..b", "a b", "a:b", "/a", "a/", "a.lock", "@", "a\n"] {
            assert!(check_branch(bad).is_err(), "{bad}");
        }
    }
}

//! What to run, and what came of it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use idp_core::{Cancel, Error, ErrorKind, Redactor, Result, Secret};

use super::running;

/// A program to run once.
///
/// - Arguments go to the program as they are: there is no shell.
/// - The environment is empty but for `PATH`, `LC_ALL=C` and what is added here.
/// - Secrets travel by environment or standard input, never by argument, and are masked in errors and output text.
/// - The program and what it started end when the time is up, the host cancels, or the future is dropped.
///
/// Needs a tokio runtime with I/O and time enabled.
///
/// ```no_run
/// # async fn example() -> idp_plugin_sdk::Result<()> {
/// use idp_plugin_sdk::Cancel;
/// use idp_plugin_sdk::process::Command;
///
/// let helm = Command::new("helm").help("see https://helm.sh/docs/intro/install/").args(["version", "--short"]);
/// let version = helm.run(&Cancel::new()).await?.success()?.text();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Command {
    pub(super) program: OsString,
    pub(super) args: Vec<OsString>,
    pub(super) env: BTreeMap<OsString, OsString>,
    pub(super) folder: Option<PathBuf>,
    pub(super) stdin: Vec<u8>,
    pub(super) timeout: Duration,
    pub(super) grace: Duration,
    pub(super) limit: u64,
    pub(super) help: Option<String>,
    secrets: Vec<Secret>,
}

impl Command {
    /// A program by name, looked up in `PATH`, or by path. Ten minutes and 64 MiB of output at most.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut env = BTreeMap::from([("LC_ALL".into(), "C".into())]);
        env.extend(std::env::var_os("PATH").map(|path| ("PATH".into(), path)));
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env,
            folder: None,
            stdin: Vec::new(),
            timeout: Duration::from_mins(10),
            grace: Duration::from_secs(2),
            limit: 64 << 20,
            help: None,
            secrets: Vec::new(),
        }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args(self, args: impl IntoIterator<Item: AsRef<OsStr>>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// With a variable of the host's own environment, where it is set there.
    #[must_use]
    pub fn pass_env(self, name: &str) -> Self {
        match std::env::var_os(name) {
            Some(value) => self.env(name, value),
            None => self,
        }
    }

    /// With a variable that holds a secret.
    #[must_use]
    pub fn secret_env(self, name: impl AsRef<OsStr>, secret: &Secret) -> Self {
        self.env(name, secret.expose()).hide(secret)
    }

    /// Masks a secret that the program gets in some other way.
    #[must_use]
    pub fn hide(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// In a folder; the host's own where none is set.
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// With these bytes on standard input; nothing where none are set.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// How long it may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long it may take to end once it was asked to, before it is killed.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How many bytes it may write to standard output.
    #[must_use]
    pub fn output_limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// What to tell a person whose machine does not have the program.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Runs it. A program that ran and failed is no error here: see [`Output::success`].
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] where there is no such program, [`ErrorKind::Timeout`], [`ErrorKind::Cancelled`],
    /// [`ErrorKind::LimitExceeded`] for too much output, [`ErrorKind::Unsupported`] outside of a tokio runtime. They
    /// say [`idp_core::EffectState::NotStarted`]: a caller whose program changes the world says otherwise.
    pub async fn run(&self, cancel: &Cancel) -> Result<Output> {
        running::run(self, cancel).await
    }

    /// The program's name, for messages.
    pub(super) fn name(&self) -> String {
        Path::new(&self.program).file_name().unwrap_or(&self.program).to_string_lossy().into_owned()
    }

    pub(super) fn redactor(&self) -> Redactor {
        Redactor::new(self.secrets.iter().cloned())
    }
}

impl fmt::Debug for Command {
    /// Without the environment and standard input, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// What came of a program.
#[derive(Clone)]
pub struct Output {
    /// Its exit status; none where a signal ended it.
    pub status: Option<i32>,
    /// What it wrote, byte for byte.
    pub stdout: Vec<u8>,
    /// The last of what it wrote to standard error, with secrets masked.
    pub stderr: String,
    pub(super) program: String,
    pub(super) redactor: Redactor,
}

impl Output {
    /// True where the program says that all went well.
    pub fn is_success(&self) -> bool {
        self.status == Some(0)
    }

    /// Standard output as text, with secrets masked.
    pub fn text(&self) -> String {
        self.redactor.text(&String::from_utf8_lossy(&self.stdout)).into_owned()
    }

    /// Itself, where the program says that all went well.
    ///
    /// # Errors
    /// [`Output::error`] as [`ErrorKind::Internal`].
    pub fn success(self) -> Result<Self> {
        if self.is_success() { Ok(self) } else { Err(self.error(ErrorKind::Internal)) }
    }

    /// The error of a program that failed: its name, its status and the last lines of its standard error.
    pub fn error(&self, kind: ErrorKind) -> Error {
        let status = self.status.map_or_else(|| "ended by a signal".to_owned(), |it| format!("status {it}"));
        let said = last_lines(&self.stderr, 8);
        let error = Error::new(kind, format!("{} failed", self.program)).with("exit", status);
        if said.is_empty() { error } else { error.with("stderr", said) }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("program", &self.program)
            .field("status", &self.status)
            .field("stdout", &format_args!("{} bytes", self.stdout.len()))
            .field("stderr", &self.stderr)
            .finish()
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|it| !it.is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join(" | ")
}

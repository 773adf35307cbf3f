//! A program that runs.

use std::io;
use std::process::{ExitStatus, Stdio};

use idp_core::{Cancel, Error, ErrorKind, Result};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin};

use super::command::{Command, Output};
use super::group::Group;

/// How much of standard error is kept.
const STDERR_TAIL: usize = 16 << 10;

pub(super) async fn run(command: &Command, cancel: &Cancel) -> Result<Output> {
    cancel.check()?;
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(Error::new(ErrorKind::Unsupported, "running a program needs a tokio runtime")
            .with("program", command.name()));
    }
    let mut child = spawn(command)?;
    let mut group = Group::of(&child);
    let mut conversation = std::pin::pin!(converse(command, &mut child));
    let interrupted = tokio::select! {
        outcome = &mut conversation => {
            let (status, stdout, stderr) = outcome.map_err(|error| error.with("program", command.name()))?;
            group.release();
            return Ok(output(command, status, stdout, &stderr));
        }
        () = cancel.cancelled() => Error::new(ErrorKind::Cancelled, "cancelled"),
        () = tokio::time::sleep(command.timeout) => late(command),
    };
    // Still read while it tidies up: a program that cannot write its last words may not get to its last deeds.
    group.ask();
    let _ = tokio::time::timeout(command.grace, conversation).await;
    Err(interrupted.with("program", command.name()))
}

fn spawn(command: &Command) -> Result<Child> {
    let mut process = tokio::process::Command::new(&command.program);
    process
        .args(&command.args)
        .env_clear()
        .envs(&command.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(folder) = &command.folder {
        process.current_dir(folder);
    }
    #[cfg(unix)]
    process.process_group(0);
    process.spawn().map_err(|error| not_started(command, error))
}

fn not_started(command: &Command, error: io::Error) -> Error {
    let folder_is_there = command.folder.as_ref().is_none_or(|it| it.is_dir());
    let missing = error.kind() == io::ErrorKind::NotFound && folder_is_there;
    let kind = if missing { ErrorKind::Missing } else { ErrorKind::Internal };
    let message = if missing { "is not installed" } else { "cannot be started" };
    let out = Error::new(kind, format!("{} {message}", command.name())).because(error);
    match &command.help {
        Some(help) if missing => out.with("help", help),
        _ => out,
    }
}

/// Feeds and reads all three pipes at once: a program that waits for one of them never blocks on another.
async fn converse(command: &Command, child: &mut Child) -> Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let ((), stdout, stderr) = tokio::try_join!(
        feed(stdin, &command.stdin),
        read_all(stdout, command),
        read_tail(stderr, command),
    )?;
    let status = child.wait().await.map_err(|error| broken(command, error))?;
    Ok((status, stdout, stderr))
}

async fn feed(stdin: Option<ChildStdin>, bytes: &[u8]) -> Result<()> {
    if let Some(mut stdin) = stdin {
        // A program that ends without reading everything tells why by its status.
        let _ = stdin.write_all(bytes).await;
        let _ = stdin.shutdown().await;
    }
    Ok(())
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>, command: &Command) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let mut limited = pipe.take(command.limit.saturating_add(1));
        limited.read_to_end(&mut bytes).await.map_err(|error| broken(command, error))?;
    }
    if bytes.len() as u64 > command.limit {
        return Err(
            Error::new(ErrorKind::LimitExceeded, "the program writes too much").with("limit", command.limit)
        );
    }
    Ok(bytes)
}

async fn read_tail(pipe: Option<impl AsyncRead + Unpin>, command: &Command) -> Result<Vec<u8>> {
    let Some(mut pipe) = pipe else { return Ok(Vec::new()) };
    let mut tail = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = pipe.read(&mut buffer).await.map_err(|error| broken(command, error))?;
        if count == 0 {
            return Ok(tail);
        }
        tail.extend_from_slice(&buffer[..count]);
        if tail.len() > 2 * STDERR_TAIL {
            tail.drain(..tail.len() - STDERR_TAIL);
        }
    }
}

fn output(command: &Command, status: ExitStatus, stdout: Vec<u8>, stderr: &[u8]) -> Output {
    let redactor = command.redactor();
    let stderr = redactor.text(&String::from_utf8_lossy(stderr)).into_owned();
    Output { status: status.code(), stdout, stderr, program: command.name(), redactor }
}

fn late(command: &Command) -> Error {
    Error::new(ErrorKind::Timeout, "the program took too long")
        .with("limit", format!("{:?}", command.timeout))
}

fn broken(command: &Command, error: io::Error) -> Error {
    Error::internal(format!("lost contact with {}", command.name())).because(error)
}

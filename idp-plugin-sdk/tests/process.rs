//! The runner of external programs, on a shell that stands for any program.
#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]
#![cfg(all(feature = "process", unix))]

use std::time::{Duration, Instant};

use idp_plugin_sdk::process::Command;
use idp_plugin_sdk::{Cancel, ErrorKind, Secret};

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

#[tokio::test]
async fn feeds_and_reads() {
    let output = sh("cat; echo oops >&2; exit 3").stdin("in").run(&Cancel::new()).await.unwrap();
    assert_eq!((output.status, output.text().as_str(), output.stderr.as_str()), (Some(3), "in", "oops\n"));
    assert_eq!(output.error(ErrorKind::Internal).to_string(), "sh failed (exit: status 3, stderr: oops)");
}

#[tokio::test]
async fn the_environment_is_clean() {
    let output =
        sh("env | cut -d= -f1 | sort | tr '\\n' ' '").env("GIVEN", "1").run(&Cancel::new()).await.unwrap();
    let text = output.text();
    for name in text.split_whitespace() {
        assert!(["GIVEN", "LC_ALL", "PATH", "PWD", "SHLVL", "_", "OLDPWD"].contains(&name), "{name}");
    }
}

#[tokio::test]
async fn a_missing_program_comes_with_help() {
    let error =
        Command::new("no-such-program-here").help("install it").run(&Cancel::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert!(error.to_string().contains("install it"), "{error}");
}

#[tokio::test]
async fn secrets_stay_out_of_what_is_said() {
    let secret = Secret::new("hunter2hunter2");
    let command = sh("echo $TOKEN; echo $TOKEN >&2; exit 1").secret_env("TOKEN", &secret);
    let output = command.run(&Cancel::new()).await.unwrap();
    let said = format!("{command:?} {output:?} {} {:?}", output.text(), output.error(ErrorKind::Internal));
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn too_much_output_is_an_error() {
    let error = sh("yes").output_limit(1000).run(&Cancel::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn time_runs_out_for_children_too() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let script = format!("(sleep 1; touch {}) & wait", mark.display());
    let begun = Instant::now();
    let error = sh(&script).timeout(Duration::from_millis(50)).run(&Cancel::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() < Duration::from_millis(900));
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(!mark.exists(), "the child of the child lives on");
}

#[tokio::test]
async fn a_cancelled_program_may_tidy_up() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("tidy");
    let script =
        format!("trap 'echo bye; touch {}; exit 0' TERM; while :; do sleep 0.05; done", mark.display());
    let cancel = Cancel::new();
    let raiser = cancel.clone();
    let command = sh(&script);
    let (outcome, ()) = tokio::join!(command.run(&cancel), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        raiser.cancel();
    });
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(mark.exists());
}

#[test]
fn without_a_runtime_it_is_an_error_and_no_panic() {
    let mut future = std::pin::pin!(async { sh("true").run(&Cancel::new()).await.map(drop) });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(outcome) = future.as_mut().poll(&mut context) else { panic!("pending") };
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unsupported);
}

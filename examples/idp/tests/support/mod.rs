//! Runs the `idp` program in a copy of the sample company.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A copy of the sample company in a folder of its own.
#[derive(Debug)]
pub(crate) struct Company {
    folder: tempfile::TempDir,
}

#[allow(dead_code, reason = "not every test needs all of it")]
impl Company {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../company"), folder.path());
        Self { folder }
    }

    pub(crate) fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    /// The program, about to run in the company's folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_idp"));
        command.args(arguments).current_dir(self.folder.path()).env("NO_COLOR", "1");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and reads the JSON it prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Plans the Java service into `plan.json`.
    pub(crate) fn plan(&self) -> Value {
        let mut arguments =
            vec!["template", "plan", "java-service", "--out", "plan.json", "--format", "json"];
        for set in [
            "name=payments",
            "owner=group:default/shop",
            "system=storefront",
            "repoUrl='github.com?owner=example&repo=payments'",
            "infrastructure=false",
        ] {
            arguments.extend(["--set", set]);
        }
        self.json(&arguments)
    }

    /// What Git answers about a repository below `.idp/git`.
    pub(crate) fn git(&self, repository: &str, arguments: &[&str]) -> String {
        let folder = self.path(".idp/git").join(repository);
        let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == ".idp" => {}
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

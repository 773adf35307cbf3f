//! Tests as data: a file in, a text out, compared with the file beside it.
#![allow(dead_code, reason = "every test uses a part of it")]

pub(crate) mod given;
pub(crate) mod script;
pub(crate) mod slow;
pub(crate) mod story;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use idp_core::{Diagnostic, SourceText};

/// The files of `tests/data/<folder>` with an extension, in order.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == extension));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The text of a data file, under the file's own name.
pub(crate) fn source(path: &Path) -> SourceText {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    SourceText::new(name, fs::read_to_string(path).unwrap())
}

/// One line for each, and one for its help.
pub(crate) fn write_diagnostics(out: &mut String, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        writeln!(out, "  {diagnostic}").unwrap();
        if let Some(help) = &diagnostic.help {
            writeln!(out, "    help: {help}").unwrap();
        }
    }
}

/// Compares with the `.expected` file beside `path`; with `UPDATE_EXPECTED=1` writes it.
pub(crate) fn expect(path: &Path, actual: &str) -> Result<(), String> {
    let expected_path = path.with_extension("expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected_path, actual).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(&expected_path)
        .map_err(|_| format!("{} is missing; run with UPDATE_EXPECTED=1", expected_path.display()))?;
    if expected == actual {
        Ok(())
    } else {
        Err(format!("{}\n--- expected\n{expected}\n--- actual\n{actual}", path.display()))
    }
}

/// Runs a check on every file and reports all failures together.
pub(crate) fn each(folder: &str, extension: &str, check: impl Fn(&Path) -> Result<(), String>) {
    let failures: Vec<String> =
        files(folder, extension).iter().filter_map(|path| check(path).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

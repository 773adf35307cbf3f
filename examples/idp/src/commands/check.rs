//! `idp check`: are these descriptors what the catalog accepts?

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use idp_catalog::{Model, Verdict, YamlDocument, YamlLimits, javascript_json, parse_yaml};
use idp_core::{Diagnostic, Digest, Relation, SourceText};
use serde::Serialize;

use crate::output::{Format, colour};

/// Check descriptors and templates, offline.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, or directories to search for `*.yaml` and `*.yml`.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How to print; `json` is one line per document.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Add the SHA-256 of each document's data to the JSON lines.
    #[arg(long)]
    hash: bool,
}

/// One line of machine output.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    file: &'a str,
    document: usize,
    #[serde(rename = "ref")]
    entity_ref: Option<&'a str>,
    valid: bool,
    stage: Option<String>,
    relations: Vec<&'a Relation>,
    diagnostics: &'a [Diagnostic],
    #[serde(skip_serializing_if = "Option::is_none")]
    json_sha256: Option<String>,
}

/// What was counted while checking.
#[derive(Default)]
struct Totals {
    documents: usize,
    refused: usize,
    warnings: usize,
}

/// Runs the command. Exit status 0: all accepted, 1: findings, 2: could not read.
pub(crate) fn run(args: Args) -> ExitCode {
    match check(&args) {
        Ok(totals) if totals.refused == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(io::stderr(), "idp check: {error}");
            ExitCode::from(2)
        }
    }
}

fn check(args: &Args) -> io::Result<Totals> {
    let model = Model::backstage();
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let colour = colour();
    let mut totals = Totals::default();
    for file in files(&args.paths)? {
        let source = SourceText::new(file.display().to_string(), read(&file)?);
        for document in parse_yaml(&source, &YamlLimits::default()) {
            let verdict = model.judge(&source, &document);
            totals.count(&verdict);
            match args.format {
                Format::Json => write_line(&mut out, args.hash, &source, &document, &verdict)?,
                Format::Text => write_text(&mut out, colour, &verdict)?,
            }
        }
    }
    if args.format == Format::Text {
        writeln!(out, "{totals}")?;
    }
    out.flush()?;
    Ok(totals)
}

fn write_line(
    out: &mut impl Write,
    hash: bool,
    source: &SourceText,
    document: &YamlDocument,
    verdict: &Verdict,
) -> io::Result<()> {
    let value = document.value().filter(|_| hash);
    let line = Line {
        file: source.name(),
        document: document.index(),
        entity_ref: verdict.entity_ref.as_ref().map(|it| it.as_str()),
        valid: verdict.is_valid(),
        stage: verdict.stage.map(|stage| stage.to_string()),
        relations: verdict.relations.iter().map(|declared| &declared.relation).collect(),
        diagnostics: &verdict.diagnostics,
        json_sha256: value.map(|value| Digest::of_bytes(javascript_json(value).as_bytes()).hex()),
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

fn write_text(out: &mut impl Write, colour: bool, verdict: &Verdict) -> io::Result<()> {
    for diagnostic in &verdict.diagnostics {
        writeln!(out, "{}\n", diagnostic.render(colour))?;
    }
    Ok(())
}

impl Totals {
    fn count(&mut self, verdict: &Verdict) {
        self.documents += 1;
        self.refused += usize::from(!verdict.is_valid());
        self.warnings += verdict.diagnostics.iter().filter(|it| !it.is_error()).count();
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { documents, refused, warnings } = self;
        write!(f, "{documents} documents checked, {refused} refused, {warnings} warnings")
    }
}

/// Reads a file as text. Bytes that are not UTF-8 become replacement characters, which the checks then meet.
fn read(path: &Path) -> io::Result<String> {
    let bytes = std::fs::read(path).map_err(|error| named(path, &error))?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The files to check, in a stable order.
fn files(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|error| named(path, &error))?;
        if kind.is_dir() { walk(path, &mut found)? } else { found.push(path.clone()) }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            walk(&path, found)?;
        } else if kind.is_file() && path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
            found.push(path);
        }
    }
    Ok(())
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

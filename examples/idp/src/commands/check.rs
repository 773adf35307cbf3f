//! `idp check`: are these descriptors what the catalog accepts?

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use idp_catalog::{
    KnownEntities, Model, Reference, Stage, Verdict, YamlDocument, YamlLimits, javascript_json,
};
use idp_core::{Diagnostic, Digest, EntityRef, Relation, Result, Severity, SourceText};
use serde::Serialize;

use crate::config::Config;
use crate::exit;
use crate::files::Batches;
use crate::output::{Format, colour, written};

/// Check descriptors and templates, offline.
///
/// With the `strict` profile also references to entities that none of the files describes, owners that are no group or
/// user, and fields that look misspelt. `idp.yaml` sets the profile, the severity of single problems, and the model's
/// layers.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files of descriptors, files of one JSON entity a line (`.ndjson`, `.jsonl`), or directories to search for `*.yaml`
    /// and `*.yml`.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How much is asked: `backstage` or `strict`.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// A layer of the model to add: a file, or `ai`. May be given several times.
    #[arg(long, value_name = "FILE")]
    model: Vec<String>,
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "IDP_CONFIG", default_value = "idp.yaml")]
    config: PathBuf,
    /// How to print; `json` is one line per document.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Add the SHA-256 of each document's data to the JSON lines.
    #[arg(long)]
    hash: bool,
}

/// Bounds that fit files which somebody has named: they may be large, their documents may not.
fn limits() -> YamlLimits {
    let mut limits = YamlLimits::default();
    limits.bytes = 1 << 30;
    limits.documents = usize::MAX;
    limits
}

/// What is kept of a document until it is printed.
struct Checked {
    source: SourceText,
    document: usize,
    entity_ref: Option<EntityRef>,
    stage: Option<Stage>,
    relations: Vec<Relation>,
    diagnostics: Vec<Diagnostic>,
    json_sha256: Option<String>,
    references: Vec<Reference>,
}

/// One line of machine output.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    file: &'a str,
    document: usize,
    #[serde(rename = "ref")]
    entity_ref: Option<&'a EntityRef>,
    valid: bool,
    stage: Option<Stage>,
    relations: &'a [Relation],
    diagnostics: &'a [Diagnostic],
    #[serde(skip_serializing_if = "Option::is_none")]
    json_sha256: Option<&'a str>,
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
    exit::finish("check", check(&args))
}

fn check(args: &Args) -> Result<ExitCode> {
    let model = Config::read(&args.config)?.model(&args.model, args.profile.as_deref())?;
    let mut printer = Printer { args, colour: colour(), totals: Totals::default() };
    let batches = Batches::of(&args.paths)?;
    match model.profile().severity("dangling-reference") {
        None => {
            for batch in batches {
                printer.print(&judge(&model, &batch?, args.hash, false))?;
            }
        }
        // What is there is known when everything has been read.
        Some(severity) => {
            let mut checked = Vec::new();
            for batch in batches {
                checked.extend(judge(&model, &batch?, args.hash, true));
            }
            resolve(&mut checked, severity);
            printer.print(&checked)?;
        }
    }
    printer.finish()
}

fn judge(model: &Model, files: &[SourceText], hash: bool, references: bool) -> Vec<Checked> {
    model.judge_all(files, &limits(), |_, source, document, verdict| {
        let references = if references { Reference::of(source, document, &verdict) } else { Vec::new() };
        Checked::new(source, document, verdict, hash, references)
    })
}

/// Adds what is wrong with references.
fn resolve(checked: &mut [Checked], severity: Severity) {
    let mut known = KnownEntities::new(checked.iter().filter_map(|it| it.entity_ref.clone()));
    for one in checked {
        let dangling = one.references.iter().filter_map(|it| known.check(it, severity));
        let before = one.diagnostics.len();
        one.diagnostics.extend(dangling);
        if one.diagnostics[before..].iter().any(Diagnostic::is_error) {
            one.stage = one.stage.or(Some(Stage::Rules));
        }
        one.diagnostics.sort_by_key(|it| it.place.as_ref().map(|place| place.span.start));
    }
}

impl Checked {
    fn new(
        source: &SourceText,
        document: &YamlDocument,
        verdict: Verdict,
        hash: bool,
        references: Vec<Reference>,
    ) -> Self {
        let value = document.value().filter(|_| hash);
        Self {
            source: source.clone(),
            document: document.index(),
            entity_ref: verdict.entity_ref,
            stage: verdict.stage,
            relations: verdict.relations.into_iter().map(|declared| declared.relation).collect(),
            diagnostics: verdict.diagnostics,
            json_sha256: value.map(|value| Digest::of_bytes(javascript_json(value).as_bytes()).hex()),
            references,
        }
    }

    fn line(&self) -> Line<'_> {
        Line {
            file: self.source.name(),
            document: self.document,
            entity_ref: self.entity_ref.as_ref(),
            valid: self.stage.is_none(),
            stage: self.stage,
            relations: &self.relations,
            diagnostics: &self.diagnostics,
            json_sha256: self.json_sha256.as_deref(),
        }
    }
}

struct Printer<'a> {
    args: &'a Args,
    colour: bool,
    totals: Totals,
}

impl Printer<'_> {
    fn print(&mut self, checked: &[Checked]) -> Result<()> {
        let mut out = io::BufWriter::new(anstream::stdout().lock());
        for one in checked {
            self.totals.count(one);
            written(self.one(&mut out, one))?;
        }
        written(out.flush()).map(|_| ())
    }

    fn one(&self, out: &mut impl Write, checked: &Checked) -> io::Result<()> {
        match self.args.format {
            Format::Json => {
                serde_json::to_writer(&mut *out, &checked.line())?;
                writeln!(out)
            }
            Format::Text => {
                checked.diagnostics.iter().try_for_each(|it| writeln!(out, "{}\n", it.render(self.colour)))
            }
        }
    }

    fn finish(self) -> Result<ExitCode> {
        if self.args.format == Format::Text {
            written(writeln!(anstream::stdout(), "{}", self.totals))?;
        }
        Ok(if self.totals.refused == 0 { ExitCode::SUCCESS } else { exit::findings() })
    }
}

impl Totals {
    fn count(&mut self, checked: &Checked) {
        self.documents += 1;
        self.refused += usize::from(checked.stage.is_some());
        self.warnings += checked.diagnostics.iter().filter(|it| !it.is_error()).count();
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { documents, refused, warnings } = self;
        write!(f, "{documents} documents checked, {refused} refused, {warnings} warnings")
    }
}

//! `idp template check`: what is wrong with templates, before anybody runs them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use idp_catalog::{Model, YamlLimits, parse_yaml};
use idp_core::{Diagnostic, Entity, Error, Registry, Result, Severity, SourceText};
use idp_scaffolder::{Checker, Engine, Places, Template, TemplateReport};
use serde_json::json;
use url::Url;

use super::eval::ModeArg;
use super::template::{base_of, repository_of};
use crate::config::Config;
use crate::exit;
use crate::files::{files, read};
use crate::host::install_plugins;
use crate::located::Located;
use crate::output::{colour, written};
use crate::sarif;
use crate::skeletons::Skeletons;

/// Checks templates as typed programs, offline unless told otherwise.
///
/// Types flow from the forms through expressions into files, inputs of steps and generated descriptors. Findings come
/// with a witness: parameters with which they show. Exit status 1 where there is an error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files with templates, or directories to search for them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The configuration file: plugins, whose actions are known then, and the model of generated descriptors.
    #[arg(long, value_name = "FILE", env = "IDP_CONFIG", default_value = "idp.yaml")]
    config: PathBuf,
    /// Warnings count as errors.
    #[arg(long)]
    strict: bool,
    /// Whose rules the expressions follow.
    #[arg(long, value_enum, default_value_t)]
    mode: ModeArg,
    /// Also reads skeletons at URLs that are not `file:`, as a run would: over the network.
    #[arg(long)]
    fetch: bool,
    /// How to print; `json` is one line per template.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What every template has in it: the group of its `apiVersion`.
const TEMPLATES: &str = "scaffolder.backstage.io/";

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a person.
    #[default]
    #[value(alias = "human")]
    Text,
    /// For a program.
    Json,
    /// For a program that shows findings of many tools: SARIF 2.1.0.
    Sarif,
}

/// What was found in one file's document.
pub(crate) struct Checked {
    pub(crate) file: String,
    pub(crate) report: std::result::Result<TemplateReport, Vec<Diagnostic>>,
}

impl Checked {
    fn count(&self, severity: Severity) -> usize {
        match &self.report {
            Ok(report) => report.findings.iter().filter(|it| it.diagnostic.severity == severity).count(),
            Err(problems) => problems.iter().filter(|it| it.severity == severity).count(),
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let checker = checker(&args, Config::read(&args.config)?)?;
    // Skeletons are read while a template is checked, which is no work for a thread that others wait for.
    let checked = tokio::task::spawn_blocking(move || check(&args, &checker)).await;
    checked.map_err(|error| Error::internal("the check stopped").because(error))?
}

fn check(args: &Args, checker: &Checker) -> Result<ExitCode> {
    let mut checked = Vec::new();
    for path in &args.paths {
        checked.extend(check_path(checker, path)?);
    }
    print(args.format, &checked)?;
    let count = |severity| checked.iter().map(|it| it.count(severity)).sum::<usize>();
    let failed = count(Severity::Error) > 0 || (args.strict && count(Severity::Warning) > 0);
    Ok(if failed { exit::findings() } else { ExitCode::SUCCESS })
}

/// Checks a file, which has to hold a template, or the templates of a folder, where anything else is passed over.
fn check_path(checker: &Checker, path: &Path) -> Result<Vec<Checked>> {
    let (named, mut checked) = (path.is_file(), Vec::new());
    for file in files(&[path.to_owned()])? {
        let text = read(&file)?;
        if named || text.contains(TEMPLATES) {
            checked.extend(check_file(checker, path, &file, text));
        }
    }
    if named && checked.is_empty() {
        return Err(Error::invalid("the file holds no template").with("file", path.display()));
    }
    Ok(checked)
}

/// A checker that knows the actions of this program, what its catalog accepts, and what its plugins read.
fn checker(args: &Args, config: Config) -> Result<Checker> {
    let model = config.model(&[], None)?;
    let mut registry = Registry::new();
    install_plugins(&mut registry, config)?;
    let checker = Checker::new().engine(Engine::new(args.mode.into())).actions(&registry);
    let skeletons = Skeletons::new(registry, args.fetch)?;
    Ok(checker
        .descriptors(move |source| judge(&model, source))
        .skeletons(move |url, limits| skeletons.read(url, limits)))
}

fn judge(model: &Model, source: &SourceText) -> Vec<Diagnostic> {
    let verdicts =
        model.judge_all(std::slice::from_ref(source), &YamlLimits::default(), |_, _, _, verdict| {
            verdict.diagnostics
        });
    verdicts.into_iter().flatten().collect()
}

/// Checks the templates among the documents of a file.
fn check_file(checker: &Checker, searched: &Path, file: &Path, text: String) -> Vec<Checked> {
    let name = file.display().to_string();
    let source = SourceText::new(&*name, text);
    let mut checked = Vec::new();
    for document in parse_yaml(&source, &YamlLimits::default()) {
        let is_template = document.value().is_some_and(|it| it["kind"] == "Template");
        let report = match document.is_broken() {
            true => Err(document.problems().to_vec()),
            false if is_template => {
                check_document(checker, searched, file, Located { source: source.clone(), document })
            }
            false => continue,
        };
        checked.push(Checked { file: name.clone(), report });
    }
    checked
}

fn check_document(
    checker: &Checker,
    searched: &Path,
    file: &Path,
    located: Located,
) -> std::result::Result<TemplateReport, Vec<Diagnostic>> {
    let value = located.document.value().cloned().unwrap_or_default();
    let template = Entity::from_value(value).and_then(|it| Template::from_entity(it, base_of(file)));
    match template {
        Ok(template) => Ok(checker.check_file(&within(template, searched, file), &located)),
        Err(error) => {
            let problem = Diagnostic::error("template-invalid", error.chain());
            Err(vec![problem.at(&located.source, located.value("/spec"))])
        }
    }
}

/// The template, with what it may share skeletons with: the repository that its file is part of, else the folder that was
/// searched.
fn within(template: Template, searched: &Path, file: &Path) -> Template {
    let folder = || Url::from_directory_path(std::path::absolute(searched).ok()?).ok();
    let root = repository_of(file).or_else(|| folder().filter(|_| searched.is_dir()));
    match root {
        Some(root) => template.clone().within(root).unwrap_or(template),
        None => template,
    }
}

fn print(format: Format, checked: &[Checked]) -> Result<()> {
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let outcome = match format {
        Format::Text => print_text(&mut out, checked),
        Format::Json => checked.iter().try_for_each(|it| print_json(&mut out, it)),
        Format::Sarif => sarif::write(&mut out, checked),
    };
    written(outcome.and_then(|()| out.flush())).map(|_| ())
}

fn print_json(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let line = match &checked.report {
        Ok(report) => {
            json!({"file": checked.file, "template": report.template, "findings": report.findings})
        }
        Err(problems) => json!({"file": checked.file, "findings": problems}),
    };
    writeln!(out, "{line}")
}

fn print_text(out: &mut impl Write, checked: &[Checked]) -> io::Result<()> {
    let colour = colour();
    for one in checked {
        match &one.report {
            Err(problems) => problems.iter().try_for_each(|it| writeln!(out, "{}\n", it.render(colour)))?,
            Ok(report) => {
                for finding in &report.findings {
                    writeln!(out, "{}", finding.diagnostic.render(colour))?;
                    if let Some(witness) = &finding.witness {
                        writeln!(out, "   = shows with: {}", shown(witness))?;
                    }
                    writeln!(out)?;
                }
            }
        }
    }
    let count = |severity| checked.iter().map(|it| it.count(severity)).sum::<usize>();
    writeln!(
        out,
        "{} templates checked, {} errors, {} warnings, {} notes",
        checked.len(),
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info)
    )
}

fn shown(witness: &serde_json::Map<String, serde_json::Value>) -> String {
    match witness.is_empty() {
        true => "any parameters".to_owned(),
        false => serde_json::Value::Object(witness.clone()).to_string(),
    }
}

//! `idp render`: what `fetch:template` would write.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use idp_core::{Registry, Tree, TreeLimits};
use idp_scaffolder::{
    Builtins, Engine, RenderOptions, check_input, copy_files, read_folder, render_files, write_folder,
};
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::eval::ModeArg;

/// Renders a skeleton into an empty folder, as `fetch:template` would.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose rules apply.
    #[arg(long, value_enum, default_value_t)]
    mode: ModeArg,
    /// A JSON file with the values.
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// A JSON file with what else stands in the step's input; it is held against the action's schema.
    #[arg(long, value_name = "FILE")]
    options: Option<PathBuf>,
    /// Copy without rendering, as `fetch:plain` does.
    #[arg(long)]
    plain: bool,
    /// The folder with the skeleton.
    skeleton: PathBuf,
    /// The folder to write.
    out: PathBuf,
}

/// Why nothing was written.
enum Refusal {
    /// The skeleton cannot be rendered.
    Render(String),
    /// The command could not run.
    Usage(String),
}

/// Runs the command: 0 where all went well, 1 where the skeleton cannot be rendered, 2 where it could not run.
pub(crate) fn run(args: Args) -> ExitCode {
    let (message, status) = match render(&args) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Refusal::Render(message)) => (message, 1),
        Err(Refusal::Usage(message)) => (message, 2),
    };
    let _ = writeln!(io::stderr(), "idp render: {message}");
    ExitCode::from(status)
}

fn render(args: &Args) -> Result<(), Refusal> {
    let usage = |error: idp_core::Error| Refusal::Usage(error.to_string());
    let skeleton = read_folder(&args.skeleton, TreeLimits::default()).map_err(usage)?;
    let values: Json = read(args.values.as_deref())?;
    let input: Map<String, Json> = read(args.options.as_deref())?;
    check(args.plain, &values, &input)?;
    let options = RenderOptions::deserialize(Json::Object(input))
        .map_err(|error| Refusal::Render(format!("the options are not usable: {error}")))?;
    let mut out = Tree::new();
    let engine = Engine::new(args.mode.into());
    match args.plain {
        true => copy_files(&skeleton, &options.target_path, &mut out),
        false => render_files(&engine, &skeleton, &values, &options, &mut out),
    }
    .map_err(|error| Refusal::Render(error.to_string()))?;
    write_folder(&out, &args.out).map_err(usage)
}

/// Holds the step's input against the schema of the action, as a run would.
fn check(plain: bool, values: &Json, input: &Map<String, Json>) -> Result<(), Refusal> {
    let id = if plain { "fetch:plain" } else { "fetch:template" };
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).map_err(|error| Refusal::Usage(error.to_string()))?;
    let Some(action) = registry.find_action(id) else {
        return Err(Refusal::Usage(format!("there is no action {id}")));
    };
    let mut input = input.clone();
    input.insert("url".to_owned(), Json::from("."));
    if !plain && !values.is_null() {
        input.insert("values".to_owned(), values.clone());
    }
    check_input(&action.info(), &Json::Object(input)).map_err(|error| Refusal::Render(error.to_string()))
}

fn read<T: DeserializeOwned + Default>(path: Option<&Path>) -> Result<T, Refusal> {
    let Some(path) = path else { return Ok(T::default()) };
    let named = |error: &dyn std::fmt::Display| Refusal::Usage(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| named(&error))?;
    serde_json::from_str(&text).map_err(|error| named(&error))
}

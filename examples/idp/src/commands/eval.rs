//! `idp eval`: what a template gives.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use idp_scaffolder::{Engine, Evaluated, Evaluation, Mode, Scope, TemplateError, TextOptions};
use serde_json::{Map, Value as Json, json};

/// Evaluates a template, as a step's value or as a file's text.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose rules apply.
    #[arg(long, value_enum, default_value_t)]
    mode: ModeArg,
    /// Evaluate as a file's text: errors are errors, the answer is always text.
    #[arg(long)]
    text: bool,
    /// A JSON file with the variables.
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// A file of lines `{"id", "template", "context"}`, each answered by a line with its `id`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["context", "template"])]
    batch: Option<PathBuf>,
    /// The template.
    #[arg(required_unless_present = "batch")]
    template: Option<String>,
}

/// Whose rules apply.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ModeArg {
    /// Backstage today.
    #[default]
    Backstage,
    /// Backstage before scaffolder-backend 4.0.3.
    BackstageLegacy,
    /// A name without a value is an error, as is everything else that goes wrong.
    Strict,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Backstage => Self::Backstage,
            ModeArg::BackstageLegacy => Self::BackstageLegacy,
            ModeArg::Strict => Self::Strict,
        }
    }
}

/// Runs the command: 0 where all went well, 1 where a template failed, 2 where it could not run.
pub(crate) fn run(args: Args) -> ExitCode {
    match evaluate(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            let _ = writeln!(io::stderr(), "idp eval: {message}");
            ExitCode::from(2)
        }
    }
}

fn evaluate(args: &Args) -> Result<bool, String> {
    let engine = Engine::new(args.mode.into());
    let mut out = BufWriter::new(io::stdout().lock());
    let mut all_well = true;
    match (&args.batch, &args.template) {
        (Some(batch), _) => {
            for line in read(batch)?.lines().filter(|line| !line.trim().is_empty()) {
                let item: Json =
                    serde_json::from_str(line).map_err(|error| format!("{}: {error}", batch.display()))?;
                let source = item["template"].as_str().ok_or("a line has no template")?;
                let mut answer = answer(&engine, source, &scope(item["context"].clone())?, args.text);
                all_well &= !answer.contains_key("error");
                answer.insert("id".to_owned(), item["id"].clone());
                print(&mut out, answer)?;
            }
        }
        (None, Some(template)) => {
            let context = match &args.context {
                Some(path) => serde_json::from_str(&read(path)?)
                    .map_err(|error| format!("{}: {error}", path.display()))?,
                None => json!({}),
            };
            let answer = answer(&engine, template, &scope(context)?, args.text);
            all_well = !answer.contains_key("error");
            print(&mut out, answer)?;
        }
        (None, None) => return Err("a template or --batch is needed".to_owned()),
    }
    out.flush().map_err(|error| error.to_string())?;
    Ok(all_well)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn print(out: &mut impl io::Write, answer: Map<String, Json>) -> Result<(), String> {
    writeln!(out, "{}", Json::Object(answer)).map_err(|error| error.to_string())
}

fn scope(context: Json) -> Result<Scope, String> {
    match context {
        Json::Object(names) => Ok(names.into()),
        Json::Null => Ok(Scope::new()),
        _ => Err("the context must be an object".to_owned()),
    }
}

/// The answer in its machine form: `value`, `error`, or both. A number that JSON has no form for is null, which is what
/// becomes of it wherever Backstage writes a value as JSON, and `number` says which one it was.
fn answer(engine: &Engine, source: &str, scope: &Scope, text: bool) -> Map<String, Json> {
    let mut answer = Map::new();
    let evaluated = match text {
        true => {
            engine.render_text(source, scope, TextOptions::default()).map(|text| (Json::from(text), None))
        }
        false => engine.render_value(source, scope).map(|Evaluation { value, error, .. }| {
            if let Evaluated::NotJson(number) = value {
                answer.insert("number".to_owned(), number_name(number).into());
            }
            (value_json(value), error)
        }),
    };
    let error = match evaluated {
        Ok((value, error)) => {
            answer.insert("value".to_owned(), value);
            error
        }
        Err(error) => Some(error),
    };
    if let Some(error) = error {
        answer.insert("error".to_owned(), error_json(&error));
    }
    answer
}

fn value_json(value: Evaluated) -> Json {
    match value {
        Evaluated::Value(json) => json,
        Evaluated::Undefined => json!({ "$undefined": true }),
        Evaluated::NotJson(_) => Json::Null,
        Evaluated::Unknown(names) => json!({ "$unknown": names.into_iter().collect::<Vec<_>>().join(", ") }),
    }
}

fn number_name(number: f64) -> &'static str {
    match () {
        () if number.is_nan() => "NaN",
        () if number > 0.0 => "Infinity",
        () => "-Infinity",
    }
}

fn error_json(error: &TemplateError) -> Json {
    json!({
        "code": error.code().as_str(),
        "message": error.message(),
        "line": error.line(),
        "column": error.column(),
    })
}

//! `idp apply`: a plan becomes a run; a run goes on, or is taken back.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use idp_core::{Cancel, Error, ErrorKind, IdSource, RandomIds, Result, Revision, Secret};
use idp_scaffolder::{Plan, Run, RunOptions, RunStatus, Scaffolder};

use crate::exit;
use crate::host::{Host, HostArgs};
use crate::output::{Format, print_error, print_json, print_line};
use crate::show_run::show_record;
use crate::state::Access;
use crate::values::SecretArgs;

/// Applies a plan, goes on with a run that stopped, or takes one back.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    host: HostArgs,
    /// The plan, as `idp template plan --out` wrote it.
    #[arg(value_name = "PLAN", required_unless_present_any = ["resume", "undo"], conflicts_with_all = ["resume", "undo"])]
    plan: Option<PathBuf>,
    /// Goes on with this run.
    #[arg(long, value_name = "RUN", conflicts_with = "undo")]
    resume: Option<String>,
    /// Takes this run back.
    #[arg(long, value_name = "RUN")]
    undo: Option<String>,
    /// The new run's id; made up otherwise.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    secrets: SecretArgs,
    /// How to print: events as they come for a person, or the run at its end as JSON.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let host = Host::open(&args.host, Access::Write).await?;
    let id = args.id.clone().or(args.resume.clone()).or(args.undo.clone());
    let plan = args.plan.as_ref().map(read_plan).transpose()?;
    let work = match (&plan, &args.undo) {
        (Some(plan), _) => Work::Apply(plan),
        (None, Some(_)) => Work::Undo,
        (None, None) => Work::Resume,
    };
    carry_out(&host, work, id, args.secrets.read()?, args.format).await
}

/// What becomes of a run.
#[derive(Clone, Copy)]
pub(super) enum Work<'p> {
    Apply(&'p Plan),
    Resume,
    Undo,
}

/// Begins a run, goes on with it or takes it back, and tells what comes of it.
pub(super) async fn carry_out(
    host: &Host,
    work: Work<'_>,
    id: Option<String>,
    secrets: BTreeMap<String, Secret>,
    format: Format,
) -> Result<ExitCode> {
    let id = id.unwrap_or_else(|| RandomIds.next_id());
    let mut options = RunOptions::default().id(&id).cancel(cancel_on_interrupt());
    options.secrets = secrets;
    let from = after(&host.scaffolder, &id).await;
    let running = async {
        match work {
            Work::Apply(plan) => host.scaffolder.apply(plan, &options).await,
            Work::Undo => host.scaffolder.undo(&id, &options).await,
            Work::Resume => host.scaffolder.resume(&id, &options).await,
        }
    };
    let run = match format {
        Format::Json => running.await?,
        Format::Text => watched(&host.scaffolder, &id, from, running).await?,
    };
    report(&run, format);
    Ok(exit_code(&run, matches!(work, Work::Undo)))
}

/// Prints the run's events while the work goes on.
async fn watched(
    scaffolder: &Scaffolder,
    id: &str,
    from: Revision,
    work: impl Future<Output = Result<Run>>,
) -> Result<Run> {
    let mut events = scaffolder.watch(id, from)?;
    tokio::pin!(work);
    loop {
        tokio::select! {
            run = &mut work => {
                // What was written last may not have been read yet.
                let run = run?;
                while let Ok(Ok(record)) = tokio::time::timeout(std::time::Duration::ZERO, events.next()).await {
                    show_record(&record);
                }
                return Ok(run);
            }
            record = events.next() => show_record(&record?),
        }
    }
}

async fn after(scaffolder: &Scaffolder, id: &str) -> Revision {
    let records = scaffolder.records(id).await.unwrap_or_default();
    records.last().map_or(Revision::START, |it| it.revision)
}

fn report(run: &Run, format: Format) {
    if format == Format::Json {
        return print_json(run);
    }
    let status = serde_json::to_value(run.status).ok().and_then(|it| it.as_str().map(str::to_owned));
    print_line(&format!("\nrun {}: {}", run.id, status.unwrap_or_default()));
    if let Some(error) = &run.error {
        print_error(&format!("error: {}", error.message));
        print_error(&format!(
            "go on with `idp apply --resume {0}`, or take it back with `idp apply --undo {0}`",
            run.id
        ));
    }
    for link in run.output["links"].as_array().into_iter().flatten() {
        let title = link["title"].as_str().unwrap_or("link");
        let target = link["url"].as_str().or_else(|| link["entityRef"].as_str()).unwrap_or_default();
        print_line(&format!("  {title}: {target}"));
    }
}

fn exit_code(run: &Run, undo: bool) -> ExitCode {
    let good = if undo { RunStatus::Undone } else { RunStatus::Completed };
    if run.status == good { ExitCode::SUCCESS } else { exit::findings() }
}

fn read_plan(path: &PathBuf) -> Result<Plan> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(ErrorKind::NotFound, "cannot read the plan").with("path", path.display()).because(error)
    })?;
    Plan::from_json(&text)
}

/// Ctrl-C asks the run to stop at the next safe point.
fn cancel_on_interrupt() -> Cancel {
    let cancel = Cancel::new();
    let raised = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            if std::io::stderr().is_terminal() {
                print_error("stopping at the next safe point");
            }
            raised.cancel();
        }
    });
    cancel
}

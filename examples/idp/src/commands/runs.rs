//! `idp runs`: what was applied, and how it went.

use std::process::ExitCode;

use idp_core::Result;

use crate::host::{Host, HostArgs};
use crate::output::{Format, print_json, print_line};
use crate::show_run::show_record;
use crate::state::Access;

/// Lists runs, or shows the journal of one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    host: HostArgs,
    /// The run whose journal to show.
    run: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let host = Host::open(&args.host, Access::Write).await?;
    match &args.run {
        Some(run) => {
            for record in host.scaffolder.records(run).await? {
                match args.format {
                    Format::Json => print_json(&record),
                    Format::Text => show_record(&record),
                }
            }
        }
        None => list(&host, args.format).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(host: &Host, format: Format) -> Result<()> {
    for run in host.scaffolder.runs().await? {
        let status = serde_json::to_value(run.status).unwrap_or_default();
        let template = &run.plan.template.entity_ref;
        match format {
            Format::Json => print_json(&serde_json::json!({
                "id": run.id, "status": status, "template": template, "started": run.started,
                "applied": run.applied, "error": run.error,
            })),
            Format::Text => print_line(&format!(
                "{}  {:<10} {}  {template}  {} effects",
                run.id,
                status.as_str().unwrap_or_default(),
                run.started,
                run.applied
            )),
        }
    }
    Ok(())
}

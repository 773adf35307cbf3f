//! `idp diff`: what changed between two moments?

use std::process::ExitCode;

use idp_catalog::Moment;
use idp_core::Result;

use crate::catalog::CatalogFile;
use crate::output::{Format, print_json, print_line};
use crate::show_ingest::print_difference;

/// Show what changed in a catalog file from one moment to another, by entity and field.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A revision's number, or a time as in `2026-03-01T12:00:00Z`.
    #[arg(value_name = "FROM")]
    from: Moment,
    /// As FROM. Without one: now.
    #[arg(value_name = "TO")]
    to: Option<Moment>,
    #[command(flatten)]
    file: CatalogFile,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let catalog = args.file.open().await?;
    let to = args.to.unwrap_or(catalog.snapshot().revision().into());
    let difference = catalog.difference(args.from, to).await?;
    match args.format {
        Format::Json => print_json(&difference),
        Format::Text if difference.is_empty() => print_line("nothing changed"),
        Format::Text => print_difference(&difference),
    }
    Ok(ExitCode::SUCCESS)
}

//! `idp compact`: how much history to keep.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use idp_catalog::{Catalog, Retention};
use idp_core::Result;
use serde_json::json;

use crate::catalog::ConfigFile;
use crate::output::{Format, print_json, print_line};
use crate::state::{Access, open_log};

const DAY: u64 = 24 * 60 * 60;

/// Forget old history of a catalog file. The catalog of today stays as it is.
///
/// What is forgotten becomes one version: `idp history`, `idp diff` and `--at` reach back to it and no further. Changes
/// that a consumer of `idp watch --consumer` has not dealt with are kept, unless it was not heard of for 30 days.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file that holds the catalog.
    #[arg(long, value_name = "FILE", env = "IDP_STATE")]
    state: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
    /// Keep what is younger than this many days.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    keep_days: u64,
    /// Keep this many of the last changes.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    keep_revisions: u64,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let log = open_log(&args.state, Access::Write).await?;
    let catalog = Catalog::open_with(log, args.config.options()?).await?;
    let age = Duration::from_secs(args.keep_days.saturating_mul(DAY));
    let gone = catalog.compact(&Retention::default().age(age).revisions(args.keep_revisions)).await?;
    let head = catalog.snapshot().revision();
    match args.format {
        Format::Json => print_json(&json!({"oldest": gone, "revision": head})),
        Format::Text => print_line(&format!("history reaches back to revision {gone} of {head}")),
    }
    Ok(ExitCode::SUCCESS)
}

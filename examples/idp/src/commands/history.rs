//! `idp history`: what became of an entity, and who set a field.

use std::process::ExitCode;

use idp_catalog::{Attribution, Blame, Claimant, Version};
use idp_core::{EntityRef, Error, ErrorKind, Result};
use serde_json::{Value, json};

use crate::catalog::CatalogFile;
use crate::output::{Format, print_json, print_line};

/// Show what became of an entity in a catalog file, oldest first; with `--field`, who gave the field its value.
///
/// Exit status: 0, or 2 for an entity that the file does not remember.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The entity, as in `component:default/cart`.
    #[arg(value_name = "REF")]
    entity: EntityRef,
    /// The field to account for, as in `spec.owner`, with all below it. `--field ''` accounts for every field.
    #[arg(long, value_name = "PATH")]
    field: Option<String>,
    #[command(flatten)]
    file: CatalogFile,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let catalog = args.file.open().await?;
    match &args.field {
        Some(field) => {
            let blame = catalog.blame(&args.entity, field).await?;
            known(&args, blame.is_empty(), "the entity is not there, or never had such a field")?;
            match args.format {
                Format::Json => print_json(&blame),
                Format::Text => blame.iter().for_each(|it| print_line(&blame_line(it))),
            }
        }
        None => {
            let versions = catalog.history(&args.entity).await?;
            known(&args, versions.is_empty(), "the catalog does not remember such an entity")?;
            match args.format {
                Format::Json => print_json(&versions.iter().map(version_json).collect::<Vec<_>>()),
                Format::Text => print_versions(&versions),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn known(args: &Args, nothing: bool, message: &'static str) -> Result<()> {
    if nothing { Err(Error::new(ErrorKind::NotFound, message).with("ref", &args.entity)) } else { Ok(()) }
}

fn version_json(version: &Version) -> Value {
    json!({
        "revision": version.revision, "time": version.time, "entity": version.entity,
        "claimant": version.claimant, "by": version.by,
    })
}

fn print_versions(versions: &[Version]) {
    let mut before: Option<&Version> = None;
    for version in versions {
        let said = said_by(version.claimant.as_ref(), version.by.as_ref());
        let what = match (before.and_then(|it| it.entity.as_ref()), &version.entity) {
            (_, None) => "gone",
            (None, Some(_)) => "there",
            (Some(_), Some(_)) => "changed",
        };
        print_line(&format!("revision {}  {}  {what}{said}", version.revision, version.time));
        if let (Some(old), Some(new)) = (before.and_then(|it| it.entity.as_ref()), &version.entity) {
            for field in idp_catalog::field_changes(old.as_value(), new.as_value()) {
                print_line(&format!("    {}: {} → {}", field.path, field.before, field.after));
            }
        }
        before = Some(version);
    }
}

fn blame_line(blame: &Blame) -> String {
    let said = said_by(blame.claimant.as_ref(), blame.by.as_ref());
    let value = blame.value.as_ref().map_or_else(|| "taken away".to_owned(), |it| format!("= {it}"));
    format!("{} {value}  since revision {}, {}{said}", blame.field, blame.revision, blame.time)
}

fn said_by(claimant: Option<&Claimant>, by: Option<&Attribution>) -> String {
    let claimant = claimant.map(|it| format!("  {} ({})", it.location, it.source));
    let run = by.and_then(|it| it.run.as_ref()).map(|it| format!("  in run {it}"));
    let principal = by.and_then(|it| it.principal.as_ref()).map(|it| format!("  by {it}"));
    [claimant, run, principal].into_iter().flatten().collect()
}

//! `idp show`: everything about one entity.

use std::io::{self, Write};
use std::process::ExitCode;

use idp_catalog::{Record, Snapshot};
use idp_core::{EntityRef, Error, ErrorKind, Result};
use serde_json::json;

use crate::catalog::CatalogArgs;
use crate::exit::finish;
use crate::output::{Format, written};

/// Show an entity, its relations both ways, where it comes from and what is wrong with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The entity, as in `component:default/cart`.
    #[arg(value_name = "REF")]
    entity: EntityRef,
    #[command(flatten)]
    catalog: CatalogArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command. Exit status 0, or 2 where the entity is not there.
pub(crate) fn run(args: Args) -> ExitCode {
    finish("show", show(&args))
}

fn show(args: &Args) -> Result<ExitCode> {
    let snapshot = args.catalog.snapshot()?;
    let record = snapshot.get(&args.entity).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "there is no such entity").with("ref", &args.entity)
    })?;
    written(match args.format {
        Format::Json => write_json(&record),
        Format::Text => write_text(&snapshot, &record),
    })
}

fn write_json(record: &Record) -> io::Result<()> {
    let line = json!({
        "ref": record.entity_ref(),
        "entity": record.entity(),
        "relations": record.relations(),
        "source": record.source(),
        "location": record.location(),
        "changed": record.changed(),
        "quarantined": record.is_quarantined(),
        "diagnostics": record.diagnostics(),
    });
    writeln!(io::stdout().lock(), "{line}")
}

fn write_text(snapshot: &Snapshot, record: &Record) -> io::Result<()> {
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let entity = record.entity();
    writeln!(out, "{}", record.entity_ref())?;
    for (name, text) in [("title", entity.title()), ("description", entity.description())] {
        if let Some(text) = text {
            writeln!(out, "  {name}: {text}")?;
        }
    }
    let tags: Vec<&str> = entity.tags().collect();
    if !tags.is_empty() {
        writeln!(out, "  tags: {}", tags.join(", "))?;
    }
    let at = record
        .diagnostics()
        .first()
        .and_then(|it| it.line)
        .map_or_else(String::new, |line| format!(":{line}"));
    writeln!(out, "  from: {}{at} ({})", record.location(), record.source())?;
    if record.is_quarantined() {
        writeln!(out, "  its document is not valid now; this is the last good revision")?;
    }
    for diagnostic in record.diagnostics() {
        writeln!(out, "  {}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message)?;
    }
    for relation in record.relations() {
        let missing =
            if snapshot.get(&relation.target_ref).is_some() { "" } else { "  (not in the catalog)" };
        writeln!(out, "  {} {}{missing}", relation.r#type, relation.target_ref)?;
    }
    out.flush()
}

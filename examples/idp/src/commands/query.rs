//! `idp query`: which entities are there?

use std::io::{self, Write};
use std::process::ExitCode;

use idp_catalog::{Answer, Direction, Query, Record, parse_query, project};
use idp_core::Result;
use serde_json::{Value, json};

use crate::catalog::CatalogArgs;
use crate::exit::finish;
use crate::output::{Format, written};

/// Find entities, as in `kind=component,spec.type=service` or `kind=component and not metadata.tags contains legacy`.
///
/// Conditions: `=`, `!=`, `<`, `<=`, `>`, `>=`, `in (…, …)`, `contains`, `starts with`, `exists`, joined by `and`, `or`,
/// `not` and parentheses, as in `spec.replicas > 3 and metadata.name starts with pay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The condition. Without one: every entity.
    #[arg(default_value = "")]
    filter: String,
    #[command(flatten)]
    catalog: CatalogArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Sort by a field, `FIELD` or `FIELD:desc`. May be given several times.
    #[arg(long, value_name = "FIELD[:asc|desc]")]
    order: Vec<String>,
    /// Entities per page.
    #[arg(long)]
    limit: Option<usize>,
    /// Go on where the page ended that gave this cursor.
    #[arg(long)]
    cursor: Option<String>,
    /// Only these fields of each entity.
    #[arg(long, value_delimiter = ',')]
    fields: Vec<String>,
}

/// Runs the command. Exit status 0, or 2 for a filter or cursor that is none.
pub(crate) fn run(args: Args) -> ExitCode {
    finish("query", query(&args))
}

fn query(args: &Args) -> Result<ExitCode> {
    let mut query = Query::matching(parse_query(&args.filter)?);
    for order in &args.order {
        let (field, direction) = direction(order);
        query = query.order_by(field, direction);
    }
    if let Some(limit) = args.limit {
        query = query.limit(limit);
    }
    if let Some(cursor) = &args.cursor {
        query = query.after(cursor);
    }
    let answer = args.catalog.snapshot()?.query(&query)?;
    written(match args.format {
        Format::Json => write_json(&answer, &args.fields),
        Format::Text => write_text(&answer),
    })
}

fn direction(order: &str) -> (&str, Direction) {
    match order.rsplit_once(':') {
        Some((field, "desc")) => (field, Direction::Descending),
        Some((field, "asc")) => (field, Direction::Ascending),
        _ => (order, Direction::Ascending),
    }
}

fn write_json(answer: &Answer, fields: &[String]) -> io::Result<()> {
    let items: Vec<Value> = answer.items.iter().map(|record| item(record, fields)).collect();
    let line = json!({"items": items, "totalItems": answer.total, "nextCursor": answer.next});
    writeln!(io::stdout().lock(), "{line}")
}

/// An entity with its relations, or the fields of it that were asked for.
fn item(record: &Record, fields: &[String]) -> Value {
    let mut value = record.entity().as_value().clone();
    value["relations"] = json!(record.relations());
    if fields.is_empty() { value } else { project(&value, fields) }
}

fn write_text(answer: &Answer) -> io::Result<()> {
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let width = answer.items.iter().map(|record| record.entity_ref().as_str().len()).max().unwrap_or(0);
    for record in &answer.items {
        let entity = record.entity();
        let about = entity.title().or(entity.description()).unwrap_or_default();
        let about = about.lines().next().unwrap_or_default();
        let line = format!("{:width$}  {about}", record.entity_ref().as_str());
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "{} of {} entities", answer.items.len(), answer.total)?;
    if let Some(next) = &answer.next {
        writeln!(out, "next page: --cursor {next}")?;
    }
    out.flush()
}

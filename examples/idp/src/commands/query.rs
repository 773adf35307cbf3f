//! `idp query`: which entities are there?

use std::io::{self, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use idp_catalog::{
    Answer, Collation, Direction, Facet, FacetRequest, Nulls, OrderBy, Projection, Query, Search, parse_query,
};
use idp_core::Result;
use serde_json::{Value, json};

use crate::catalog::CatalogArgs;
use crate::exit::finish;
use crate::output::{Format, written};

/// Find entities, as in `kind=component,spec.type=service` or `kind=component and not metadata.tags contains legacy`.
///
/// Conditions: `=`, `!=`, `<`, `<=`, `>`, `>=`, `in (…, …)`, `in 1..9`, `between … and …`, `contains`, `starts with`,
/// `~ text`, `matches /re/`, `has (…)` for the elements of a list, `exists`; `==` and `exactly` where case counts; joined
/// by `and`, `or`, `not` and parentheses, as in `spec.replicas > 3 and metadata.name starts with pay`.
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
    /// Only entities with these words in name, title, tags or description, the best first.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Sort by a field, `FIELD` or `FIELD:desc`. May be given several times.
    #[arg(long, alias = "order", value_name = "FIELD[:asc|desc]")]
    sort: Vec<String>,
    /// Where entities without a value for the field go.
    #[arg(long, value_enum, default_value = "last")]
    nulls: NullsArg,
    /// Sort numbers and dates by their letters.
    #[arg(long)]
    letters: bool,
    /// Entities per page.
    #[arg(long)]
    limit: Option<usize>,
    /// Entities to pass over at the start.
    #[arg(long, default_value_t = 0, conflicts_with = "cursor")]
    offset: usize,
    /// Show the page that this cursor of an earlier answer leads to.
    #[arg(long)]
    cursor: Option<String>,
    /// Only these fields of each entity, separated by commas. For `--format json`.
    #[arg(long, value_name = "FIELD,…")]
    fields: Vec<String>,
    /// Count the values of a field among what is found, the most frequent first. May be given several times.
    #[arg(long, value_name = "FIELD")]
    facet: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NullsArg {
    First,
    Last,
    Exclude,
}

impl From<NullsArg> for Nulls {
    fn from(nulls: NullsArg) -> Self {
        match nulls {
            NullsArg::First => Self::First,
            NullsArg::Last => Self::Last,
            NullsArg::Exclude => Self::Exclude,
        }
    }
}

/// Runs the command. Exit status 0, or 2 for a filter or cursor that is none.
pub(crate) fn run(args: Args) -> ExitCode {
    finish("query", query(&args))
}

fn query(args: &Args) -> Result<ExitCode> {
    let projection = Projection::parse(&args.fields)?;
    let query = build(args)?;
    let requests: Vec<_> = args.facet.iter().map(|field| FacetRequest::new(field).by_count()).collect();
    let snapshot = args.catalog.snapshot()?;
    let answer = snapshot.query(&query)?;
    let facets = if requests.is_empty() { Vec::new() } else { snapshot.facets(&query, &requests)? };
    written(match args.format {
        Format::Json => write_json(&answer, &projection, &facets),
        Format::Text => write_text(&answer, &facets),
    })
}

fn build(args: &Args) -> Result<Query> {
    let mut query = Query::matching(parse_query(&args.filter)?).offset(args.offset);
    if let Some(text) = &args.search {
        query = query.search(Search::new(text));
    }
    for sort in &args.sort {
        let collation = if args.letters { Collation::Letters } else { Collation::Values };
        query = query.order(order(sort).nulls(args.nulls.into()).collation(collation));
    }
    if let Some(limit) = args.limit {
        query = query.limit(limit);
    }
    if let Some(cursor) = &args.cursor {
        query = query.cursor(cursor);
    }
    Ok(query)
}

fn order(sort: &str) -> OrderBy {
    match sort.rsplit_once(':') {
        Some((field, "desc")) => OrderBy::new(field, Direction::Descending),
        Some((field, "asc")) => OrderBy::new(field, Direction::Ascending),
        _ => OrderBy::new(sort, Direction::Ascending),
    }
}

fn write_json(answer: &Answer, projection: &Projection, facets: &[Facet]) -> io::Result<()> {
    let items: Vec<Value> = answer.items.iter().map(|record| projection.of(&record.to_value())).collect();
    let mut line = json!({
        "items": items,
        "totalItems": answer.total,
        "nextCursor": answer.next,
        "prevCursor": answer.previous,
        "revision": answer.revision,
    });
    if !facets.is_empty() {
        line["facets"] = json!(facets);
    }
    writeln!(io::stdout().lock(), "{line}")
}

fn write_text(answer: &Answer, facets: &[Facet]) -> io::Result<()> {
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
    facets.iter().try_for_each(|facet| write_facet(&mut out, facet))?;
    if let Some(previous) = &answer.previous {
        writeln!(out, "previous page: --cursor {previous}")?;
    }
    if let Some(next) = &answer.next {
        writeln!(out, "next page: --cursor {next}")?;
    }
    out.flush()
}

fn write_facet(out: &mut impl Write, facet: &Facet) -> io::Result<()> {
    writeln!(out, "{}:", facet.field)?;
    facet.values.iter().try_for_each(|value| writeln!(out, "  {:5}  {}", value.count, value.value))
}

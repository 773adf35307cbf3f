//! `idp graph`: who relates to whom, as a picture.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use idp_catalog::{Graph, GraphQuery};
use idp_core::{EntityRef, Result};
use serde_json::json;

use crate::catalog::CatalogArgs;
use crate::exit::finish;
use crate::output::written;

/// Draw the relations of an entity, or of all.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The entity to start at. Without one: everything.
    #[arg(value_name = "REF")]
    entity: Option<EntityRef>,
    #[command(flatten)]
    catalog: CatalogArgs,
    /// For Graphviz, for Mermaid, or for programs.
    #[arg(long, value_enum, default_value_t = Format::Dot)]
    format: Format,
    /// How many relations away from the start to go.
    #[arg(long, default_value_t = 1)]
    depth: usize,
    /// Only relations of this type. May be given several times.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Dot,
    Mermaid,
    Json,
}

/// Runs the command.
pub(crate) fn run(args: Args) -> ExitCode {
    finish("graph", draw(&args))
}

fn draw(args: &Args) -> Result<ExitCode> {
    let start = match &args.entity {
        Some(entity) => GraphQuery::around(entity.clone()).depth(args.depth),
        None => GraphQuery::all(),
    };
    let query = args.types.iter().fold(start, |query, r#type| query.only(r#type));
    let graph = args.catalog.snapshot()?.graph(&query);
    let mut out = io::BufWriter::new(io::stdout().lock());
    written(match args.format {
        Format::Dot => dot(&graph, &mut out),
        Format::Mermaid => mermaid(&graph, &mut out),
        Format::Json => in_json(&graph, &mut out),
    })
}

fn dot(graph: &Graph, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "digraph catalog {{\n  rankdir=LR;\n  node [shape=box, style=rounded];")?;
    for (node, exists) in &graph.nodes {
        let style = if *exists { "" } else { " [style=\"rounded,dashed\"]" };
        writeln!(out, "  {}{style};", quoted(node.as_str()))?;
    }
    for edge in &graph.edges {
        let (from, to) = (quoted(edge.from.as_str()), quoted(edge.to.as_str()));
        writeln!(out, "  {from} -> {to} [label={}];", quoted(&edge.r#type))?;
    }
    writeln!(out, "}}")?;
    out.flush()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn mermaid(graph: &Graph, out: &mut impl Write) -> io::Result<()> {
    let ids: BTreeMap<&EntityRef, usize> =
        graph.nodes.keys().enumerate().map(|(id, node)| (node, id)).collect();
    writeln!(out, "flowchart LR")?;
    for (node, id) in &ids {
        writeln!(out, "  n{id}[\"{}\"]", node.as_str().replace('"', "#quot;"))?;
        if graph.nodes.get(*node) == Some(&false) {
            writeln!(out, "  style n{id} stroke-dasharray: 4")?;
        }
    }
    for edge in &graph.edges {
        if let (Some(from), Some(to)) = (ids.get(&edge.from), ids.get(&edge.to)) {
            writeln!(out, "  n{from} -->|{}| n{to}", edge.r#type.replace(['|', '"'], " "))?;
        }
    }
    out.flush()
}

fn in_json(graph: &Graph, out: &mut impl Write) -> io::Result<()> {
    let nodes: Vec<_> =
        graph.nodes.iter().map(|(node, exists)| json!({"ref": node, "exists": exists})).collect();
    writeln!(out, "{}", json!({"nodes": nodes, "edges": graph.edges}))?;
    out.flush()
}

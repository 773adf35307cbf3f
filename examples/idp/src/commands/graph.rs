//! `idp graph`: who relates to whom.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use idp_catalog::{Edge, Follow, Graph, GraphQuery, Hop, Ownership, Reached, Snapshot, Way};
use idp_core::{EntityRef, Error, Result};
use serde_json::{Value, json};

use crate::catalog::CatalogArgs;
use crate::exit::{self, finish};
use crate::output::written;

/// Draw the relations of an entity, or of all; or answer a question about them.
///
/// Relations have two names, one from either end: `--type dependsOn --way in` follows what `--type dependencyOf --way
/// out` follows.
///
/// Exit status: 0 good; 1 where `--to` finds no path, or `--cycles` or `--dangling` find something; 2 error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The entity to start at. Without one: everything.
    #[arg(value_name = "REF")]
    entity: Option<EntityRef>,
    #[command(flatten)]
    catalog: CatalogArgs,
    #[command(flatten)]
    question: Question,
    /// Text for a person, for Graphviz, for Mermaid, or for programs. A picture is for Graphviz by default, an answer text.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// How many relations away from the start to go. For a picture 1 by default, for `--to` any number.
    #[arg(long)]
    depth: Option<usize>,
    /// Only relations of this type. May be given several times.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Which way to follow relations. For a picture and for `--to` both by default, for `--cycles` out.
    #[arg(long, value_enum)]
    way: Option<WayArg>,
    /// Entities in the picture, at most.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    limit: usize,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Question {
    /// A shortest path from the start to this entity.
    #[arg(long, value_name = "REF", requires = "entity")]
    to: Option<EntityRef>,
    /// What is affected if the entity goes, and through what.
    #[arg(long, requires = "entity")]
    impact: bool,
    /// Entities that lead back to themselves; along `dependsOn` where no type is given.
    #[arg(long, conflicts_with = "entity")]
    cycles: bool,
    /// Who owns the entity, the groups above, and the users responsible.
    #[arg(long, requires = "entity")]
    owners: bool,
    /// Everything that the group and the groups below it own.
    #[arg(long, requires = "entity")]
    owned: bool,
    /// The members of the group and of the groups below it.
    #[arg(long, requires = "entity")]
    members: bool,
    /// The groups that the entity belongs to, directly or not.
    #[arg(long, requires = "entity")]
    groups: bool,
    /// Relations to entities that are not there, with the fields that declare them.
    #[arg(long, conflicts_with = "entity")]
    dangling: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Dot,
    Mermaid,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WayArg {
    Out,
    In,
    Both,
}

impl From<WayArg> for Way {
    fn from(way: WayArg) -> Self {
        match way {
            WayArg::Out => Self::Out,
            WayArg::In => Self::In,
            WayArg::Both => Self::Both,
        }
    }
}

/// An answer in every form.
struct Shown {
    lines: Vec<String>,
    json: Value,
    graph: Graph,
    /// Whether the exit status says that there is something to see to.
    finding: bool,
}

/// Runs the command.
pub(crate) fn run(args: Args) -> ExitCode {
    finish("graph", answer(&args))
}

fn answer(args: &Args) -> Result<ExitCode> {
    let snapshot = args.catalog.snapshot()?;
    let start = args.entity.as_ref();
    let question = &args.question;
    let need = || start.ok_or_else(|| Error::invalid("name the entity to start at"));
    let shown = if let Some(to) = &question.to {
        path(&snapshot, need()?, to, args)
    } else if question.impact {
        impact(&snapshot, need()?)
    } else if question.cycles {
        cycles(&snapshot, args)
    } else if question.dangling {
        dangling(&snapshot)
    } else if question.owners {
        owners(&snapshot, need()?)
    } else if question.owned {
        list(&snapshot, need()?, snapshot.owned_by(need()?))
    } else if question.members {
        list(&snapshot, need()?, snapshot.members_of(need()?))
    } else if question.groups {
        list(&snapshot, need()?, snapshot.groups_of(need()?))
    } else {
        return print(&picture(&snapshot, args), args.format.unwrap_or(Format::Dot));
    };
    print(&shown, args.format.unwrap_or(Format::Text))
}

fn picture(snapshot: &Snapshot, args: &Args) -> Shown {
    let start = match &args.entity {
        Some(entity) => GraphQuery::around(entity.clone()).depth(args.depth.unwrap_or(1)),
        None => GraphQuery::all(),
    };
    let way = args.way.map_or(Way::Both, Way::from);
    let query = args.types.iter().fold(start.way(way).limit(args.limit), |query, r#type| query.only(r#type));
    let graph = snapshot.graph(&query);
    let lines = graph.edges.iter().map(told).collect();
    Shown { lines, json: json!(graph), graph, finding: false }
}

fn path(snapshot: &Snapshot, from: &EntityRef, to: &EntityRef, args: &Args) -> Shown {
    let follow = follow(args, Way::Both).depth(args.depth.unwrap_or(usize::MAX));
    let hops = snapshot.path(from, to, &follow);
    let lines = match &hops {
        Some(hops) => std::iter::once(from.to_string()).chain(hops.iter().map(hop)).collect(),
        None => vec![format!("no path leads from {from} to {to}")],
    };
    let graph = Graph::of_hops(snapshot, from, hops.as_deref().unwrap_or_default());
    Shown { lines, finding: hops.is_none(), json: json!({"path": hops}), graph }
}

fn follow(args: &Args, default: Way) -> Follow {
    let way = args.way.map_or(default, Way::from);
    args.types.iter().fold(Follow::all(way), |follow, r#type| follow.and(r#type))
}

fn impact(snapshot: &Snapshot, entity: &EntityRef) -> Shown {
    let impact = snapshot.impact(entity);
    let affected: Vec<Reached> = impact.others().collect();
    let mut lines: Vec<String> = affected.iter().map(line).collect();
    lines.push(format!("{} entities are affected", affected.len()));
    let edges = affected.iter().filter_map(|it| it.via.as_ref()).cloned().collect::<Vec<Hop>>();
    let graph = Graph::of_hops(snapshot, entity, &edges);
    Shown { lines, json: json!({"affected": affected}), graph, finding: false }
}

/// An affected entity and the relation through which it is.
fn line(reached: &Reached) -> String {
    let why = reached.via.as_ref().map(|hop| told(&hop.edge)).unwrap_or_default();
    format!("{}{}: {why}", "  ".repeat(reached.distance.clamp(1, 20) - 1), reached.entity_ref)
}

fn cycles(snapshot: &Snapshot, args: &Args) -> Shown {
    let follow = if args.types.is_empty() { Follow::only(["dependsOn"]) } else { follow(args, Way::Out) };
    let cycles = snapshot.cycles(&follow);
    let mut lines: Vec<String> = cycles.iter().map(|cycle| joined(cycle)).collect();
    lines.push(format!("{} cycles", cycles.len()));
    let graph = snapshot.graph(&GraphQuery::among(cycles.iter().flatten().cloned()));
    Shown { lines, json: json!({"cycles": cycles}), graph, finding: !cycles.is_empty() }
}

fn dangling(snapshot: &Snapshot) -> Shown {
    let edges: Vec<Edge> = snapshot.dangling().collect();
    let mut lines: Vec<String> = edges.iter().map(told).collect();
    lines.push(format!("{} relations lead nowhere", edges.len()));
    let mut graph =
        snapshot.graph(&GraphQuery::among(edges.iter().flat_map(|it| [it.from.clone(), it.to.clone()])));
    graph.edges = edges.iter().cloned().collect();
    Shown { lines, finding: !edges.is_empty(), json: json!({"dangling": edges}), graph }
}

fn owners(snapshot: &Snapshot, entity: &EntityRef) -> Shown {
    let ownership = snapshot.ownership(entity);
    let Ownership { owners, above, responsible, .. } = &ownership;
    let all = [owners, above, responsible].into_iter().flatten();
    let graph = snapshot.graph(&GraphQuery::among(all.cloned().chain([entity.clone()])));
    let named = [("owners", owners), ("above", above), ("responsible", responsible)];
    let lines = named.iter().map(|(name, refs)| format!("{name}: {}", joined(refs))).collect();
    Shown { lines, json: json!(ownership), graph, finding: false }
}

fn list(snapshot: &Snapshot, start: &EntityRef, found: Vec<EntityRef>) -> Shown {
    let graph = snapshot.graph(&GraphQuery::among(found.iter().cloned().chain([start.clone()])));
    let lines = found.iter().map(ToString::to_string).collect();
    Shown { lines, json: json!({"items": found}), graph, finding: false }
}

fn joined(refs: &[EntityRef]) -> String {
    refs.iter().map(EntityRef::as_str).collect::<Vec<_>>().join(", ")
}

fn told(edge: &Edge) -> String {
    format!("{} {} {} ({})", edge.from, edge.r#type, edge.to, edge.field)
}

fn hop(hop: &Hop) -> String {
    format!("  {} {} ({} of {})", hop.r#type, hop.to, hop.edge.field, hop.edge.from)
}

fn print(shown: &Shown, format: Format) -> Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let outcome = match format {
        Format::Text => shown.lines.iter().try_for_each(|line| writeln!(out, "{line}")),
        Format::Dot => write!(out, "{}", shown.graph.to_dot()),
        Format::Mermaid => write!(out, "{}", shown.graph.to_mermaid()),
        Format::Json => writeln!(out, "{}", shown.json),
    };
    written(outcome.and_then(|()| out.flush()))?;
    Ok(if shown.finding { exit::findings() } else { ExitCode::SUCCESS })
}

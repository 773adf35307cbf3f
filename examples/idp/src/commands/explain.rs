//! `idp explain`: why an entity is as it is, or why it is not there.

use std::io::{self, Write};
use std::process::ExitCode;

use idp_catalog::{ClaimReport, EntityState, Explanation, Finding, Snapshot, Standing, StoredDiagnostic};
use idp_core::{EntityRef, Result};

use crate::catalog::CatalogArgs;
use crate::exit::{self, finish};
use crate::output::{Format, print_json, written};

/// Explain a reference: who describes it, who counts and why, what is wrong, what points at it.
///
/// Answers for what is not in the catalog too: when and why it left, broken files that may mean it, relations that
/// lead to it, entities of the same name. Without a reference: every one that is not as it should be, with the reason.
///
/// Exit status: 0 all is well, 1 findings, 2 error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The reference, as in `component:default/cart`.
    #[arg(value_name = "REF")]
    entity: Option<EntityRef>,
    /// List the references in this state.
    #[arg(long, value_name = "STATE", conflicts_with = "entity", value_parser = parse_state)]
    state: Option<EntityState>,
    #[command(flatten)]
    catalog: CatalogArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub(crate) fn run(args: Args) -> ExitCode {
    finish("explain", explain(&args))
}

fn parse_state(text: &str) -> Result<EntityState, String> {
    let names = || EntityState::ALL.map(|state| state.to_string()).join(", ");
    EntityState::ALL
        .into_iter()
        .find(|state| state.to_string() == text)
        .ok_or_else(|| format!("expected one of: {}", names()))
}

fn explain(args: &Args) -> Result<ExitCode> {
    let snapshot = args.catalog.snapshot()?;
    match &args.entity {
        Some(entity_ref) => one(args, &snapshot.explain(entity_ref)),
        None => list(args, &snapshot),
    }
}

fn one(args: &Args, explanation: &Explanation) -> Result<ExitCode> {
    match args.format {
        Format::Json => print_json(explanation),
        Format::Text => {
            let mut out = io::BufWriter::new(anstream::stdout().lock());
            written(write(&mut out, explanation).and_then(|()| out.flush()))?;
        }
    }
    Ok(if explanation.is_fine() { ExitCode::SUCCESS } else { exit::findings() })
}

/// Every reference in a state, or in any state that somebody should look at.
fn list(args: &Args, snapshot: &Snapshot) -> Result<ExitCode> {
    let wanted = |state: EntityState| match args.state {
        Some(wanted) => state == wanted,
        None => !matches!(state, EntityState::Ok | EntityState::Orphan),
    };
    let listed: Vec<_> = snapshot.states().filter(|(_, state)| wanted(*state)).collect();
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    for (entity_ref, state) in &listed {
        let explanation = snapshot.explain(entity_ref);
        match args.format {
            Format::Json => print_json(&explanation),
            Format::Text => {
                written(writeln!(out, "{entity_ref}  {state}: {}", explanation.reason))?;
            }
        }
    }
    written(out.flush())?;
    Ok(if listed.is_empty() { ExitCode::SUCCESS } else { exit::findings() })
}

fn write(out: &mut impl Write, explanation: &Explanation) -> io::Result<()> {
    writeln!(out, "{} is {}", explanation.entity_ref, state(explanation.state))?;
    writeln!(out, "  {}", explanation.reason)?;
    if let (Some(revision), Some(time)) = (explanation.last_good, explanation.last_good_at) {
        let since = if explanation.departure.is_some() { "as it was last" } else { "as it is" };
        writeln!(out, "  {since} since revision {revision}, {time}")?;
    }
    if let Some(departure) = &explanation.departure {
        writeln!(out, "  nobody has described it since revision {}, {}", departure.revision, departure.at)?;
    }
    for claim in &explanation.claims {
        write_claim(out, claim)?;
    }
    for finding in &explanation.unread {
        write_unread(out, finding)?;
    }
    for edge in &explanation.dangling {
        writeln!(out, "  {} {} ({}), which is not in the catalog", edge.r#type, edge.to, edge.field)?;
    }
    for edge in &explanation.incoming {
        writeln!(out, "  {} {} it", edge.from, edge.r#type)?;
    }
    for other in &explanation.namesakes {
        writeln!(out, "  of the same name: {other}")?;
    }
    Ok(())
}

fn state(state: EntityState) -> &'static str {
    match state {
        EntityState::Ok => "in the catalog",
        EntityState::Stale => "stale",
        EntityState::Conflicted => "in conflict",
        EntityState::Orphan => "an orphan",
        EntityState::Pending => "pending: not in the catalog yet",
        EntityState::Quarantined => "quarantined: not in the catalog",
        _ => "not in the catalog",
    }
}

fn write_claim(out: &mut impl Write, claim: &ClaimReport) -> io::Result<()> {
    let claimant = &claim.claimant;
    let standing = match claim.standing {
        Standing::Counts => "counts",
        Standing::Waits => "waits",
        Standing::Pending => "is pending",
        _ => "is quarantined",
    };
    let stale = if claim.stale { "; its document is broken now" } else { "" };
    let (location, source) = (&claimant.location, &claimant.source);
    writeln!(out, "  {location} ({source}) {standing}: {}{stale}", claim.why)?;
    claim.diagnostics.iter().try_for_each(|it| write_diagnostic(out, location, it))
}

fn write_unread(out: &mut impl Write, finding: &Finding) -> io::Result<()> {
    let claimant = &finding.claimant;
    writeln!(out, "  {} ({}) cannot be read, and may mean it", claimant.location, claimant.source)?;
    finding.diagnostics.iter().try_for_each(|it| write_diagnostic(out, &claimant.location, it))
}

fn write_diagnostic(out: &mut impl Write, location: &str, diagnostic: &StoredDiagnostic) -> io::Result<()> {
    let numbers = [diagnostic.line, diagnostic.column].into_iter().flatten();
    let place = numbers.fold(location.to_owned(), |place, number| format!("{place}:{number}"));
    writeln!(out, "    {place}: {}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message)?;
    match &diagnostic.help {
        Some(help) => writeln!(out, "      help: {help}"),
        None => Ok(()),
    }
}

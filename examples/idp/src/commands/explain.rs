//! `idp explain`: why an entity is as it is, or why it is not there.

use std::io::{self, Write};
use std::process::ExitCode;

use idp_catalog::{ClaimReport, EntityState, Explanation, Finding, Standing, StoredDiagnostic};
use idp_core::{EntityRef, Result};

use crate::catalog::CatalogArgs;
use crate::exit::{self, finish};
use crate::output::{Format, print_json, written};

/// Explain a reference: who describes it, who counts and why, what is wrong, what points at it.
///
/// Answers for what is not in the catalog too: broken files that may mean it, relations that lead to it, entities of
/// the same name.
///
/// Exit status: 0 all is well, 1 findings, 2 error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The reference, as in `component:default/cart`.
    #[arg(value_name = "REF")]
    entity: EntityRef,
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

fn explain(args: &Args) -> Result<ExitCode> {
    let explanation = args.catalog.snapshot()?.explain(&args.entity);
    match args.format {
        Format::Json => print_json(&explanation),
        Format::Text => {
            let mut out = io::BufWriter::new(anstream::stdout().lock());
            written(write(&mut out, &explanation).and_then(|()| out.flush()))?;
        }
    }
    Ok(if explanation.is_fine() { ExitCode::SUCCESS } else { exit::findings() })
}

fn write(out: &mut impl Write, explanation: &Explanation) -> io::Result<()> {
    writeln!(out, "{} is {}", explanation.entity_ref, state(explanation.state))?;
    writeln!(out, "  {}", explanation.reason)?;
    if let (Some(revision), Some(time)) = (explanation.last_good, explanation.last_good_at) {
        writeln!(out, "  as it is since revision {revision}, {time}")?;
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
        EntityState::Quarantined => "quarantined: not in the catalog",
        _ => "not in the catalog",
    }
}

fn write_claim(out: &mut impl Write, claim: &ClaimReport) -> io::Result<()> {
    let claimant = &claim.claimant;
    let standing = match claim.standing {
        Standing::Counts => "counts",
        Standing::Waits => "waits",
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

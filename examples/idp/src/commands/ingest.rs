//! `idp ingest`: directories of descriptors into a catalog file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use idp_catalog::{Catalog, DirectorySource, IngestOptions};
use idp_core::{Error, Result};

use crate::config::Config;
use crate::exit;
use crate::output::Format;
use crate::show_ingest::{Ingested, Summary};
use crate::state::{Access, open_log};

/// Fill or refresh a catalog file from directories of descriptors.
///
/// Each path is a source of its own: what it no longer has is removed, what others say stays. Removals of more than
/// half of a source, and at least 10, are held back until they are confirmed. A document that is not valid keeps the
/// last good revision of its entity.
///
/// Exit status: 0 good, 1 findings (documents that are not valid, conflicts, removals held back), 2 error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A directory or file of descriptors. Its source is called `directory:PATH`; `NAME=PATH` calls it otherwise.
    #[arg(value_name = "[NAME=]PATH", required = true)]
    paths: Vec<String>,
    /// The file that holds the catalog, as in `catalog.db`. Made where there is none.
    #[arg(long, value_name = "FILE", env = "IDP_STATE")]
    state: PathBuf,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Remove what is gone, however much it is.
    #[arg(long)]
    confirm_removals: bool,
    /// The configuration file: the model's layers, the precedence of sources, what becomes of orphans.
    #[arg(long, value_name = "FILE", env = "IDP_CONFIG", default_value = "idp.yaml")]
    config: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let sources = sources(&args.paths)?;
    // What would change is tried out on a copy, so that one source sees what those before it would have done.
    let access = if args.dry_run { Access::Read } else { Access::Write };
    let catalog_options = Config::read(&args.config)?.catalog_options()?;
    let catalog = Catalog::open_with(open_log(&args.state, access).await?, catalog_options).await?;
    let options = IngestOptions::default().confirm_removals(args.confirm_removals);
    let mut ingested = Vec::new();
    for named in &sources {
        ingested.push(ingest(&catalog, named, &options, args.dry_run).await?);
    }
    let snapshot = catalog.snapshot();
    for one in &mut ingested {
        one.look_at(&snapshot);
    }
    let summary = Summary { state: &args.state, dry_run: args.dry_run, snapshot: &snapshot, ingested };
    summary.print(args.format);
    Ok(match () {
        () if summary.ingested.iter().any(|it| it.report.failure.is_some()) => ExitCode::from(2),
        () if summary.ingested.iter().any(Ingested::has_findings) => exit::findings(),
        () => ExitCode::SUCCESS,
    })
}

/// A source and what it was called on the command line.
struct Named {
    name: Arc<str>,
    path: PathBuf,
    source: DirectorySource,
}

fn sources(paths: &[String]) -> Result<Vec<Named>> {
    let mut names = BTreeSet::new();
    let mut sources = Vec::new();
    for text in paths {
        let (name, path) = name_and_path(text);
        if !names.insert(name.clone()) {
            return Err(Error::invalid("two paths cannot be one source").with("source", name));
        }
        let source = DirectorySource::new(&*name, path)?;
        sources.push(Named { name: name.into(), path: path.to_owned(), source });
    }
    Ok(sources)
}

/// `NAME=PATH`, or a path that names itself. A path that exists is never taken apart.
fn name_and_path(text: &str) -> (String, &Path) {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !Path::new(text).exists() => {
            (name.to_owned(), Path::new(path))
        }
        _ => {
            let plain = text.trim_start_matches("./").trim_end_matches('/');
            (format!("directory:{}", if plain.is_empty() { text } else { plain }), Path::new(text))
        }
    }
}

async fn ingest(
    catalog: &Catalog,
    named: &Named,
    options: &IngestOptions,
    preview: bool,
) -> Result<Ingested> {
    let difference = match preview {
        true => Some(catalog.preview_with(&named.source, options).await?.difference),
        false => None,
    };
    let report = catalog.ingest_with(&named.source, options).await?;
    Ok(Ingested::new(Arc::clone(&named.name), named.path.clone(), report, difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_themselves() {
        for (text, name, path) in [
            ("services", "directory:services", "services"),
            ("./services/", "directory:services", "./services/"),
            (".", "directory:.", "."),
            ("/", "directory:/", "/"),
            ("org=teams/all", "org", "teams/all"),
            ("=odd", "directory:=odd", "=odd"),
        ] {
            assert_eq!(name_and_path(text), (name.to_owned(), Path::new(path)), "{text}");
        }
    }
}

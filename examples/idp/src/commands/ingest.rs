//! `idp ingest`: descriptors into a catalog file.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use idp_catalog::{Catalog, DirectoryWatch, IngestOptions};
use idp_core::{Error, Result};
use tokio::sync::mpsc::{Receiver, channel};

use crate::exit;
use crate::inputs::{Follow, FollowArgs, Input, Kind};
use crate::output::Format;
use crate::show_ingest::{Ingested, Summary};
use crate::state::{Access, open_log};

const EXAMPLES: &str = "\
Examples:
  idp ingest --state catalog.db services 'teams/**/catalog-info.yaml'
  idp ingest --state catalog.db inventory.ndjson
  idp ingest --state catalog.db https://git.example.org/acme/x.git/blob/main/all.yaml
  idp ingest --state catalog.db --follow --allow-host git.example.org --watch services";

/// Fill or refresh a catalog file from descriptors.
///
/// Each input is a source of its own: what it no longer has is removed, what others say stays. Removals of more than
/// half of a source, and at least 10, are held back until they are confirmed. A document that is not valid keeps the
/// last good revision of its entity.
///
/// Files that an entity names by `$text`, `$json`, `$yaml`, `$openapi` or `$asyncapi` are put in its place. With
/// `--follow`, Location entities are followed; no host is asked that is not allowed.
///
/// Exit status: 0 good, 1 findings (documents that are not valid, conflicts, targets that cannot be read, removals held
/// back), 2 error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// A directory or file of descriptors; a pattern, as in 'services/**/catalog-info.yaml'; a file of one JSON entity a
    /// line (`.ndjson`, `.jsonl`), or `-` for such lines on standard input; an http(s) or Git URL. Its source is called
    /// `directory:PATH` and the like; `NAME=INPUT` calls it otherwise.
    #[arg(value_name = "[NAME=]INPUT", required = true)]
    inputs: Vec<String>,
    /// The file that holds the catalog, as in `catalog.db`. Made where there is none.
    #[arg(long, value_name = "FILE", env = "IDP_STATE")]
    state: PathBuf,
    #[command(flatten)]
    follow: FollowArgs,
    /// Show what would change, and change nothing.
    #[arg(long, conflicts_with = "watch")]
    dry_run: bool,
    /// Remove what is gone, however much it is.
    #[arg(long)]
    confirm_removals: bool,
    /// Go on until interrupted: take in what changes in directories, and read everything else again every now and then.
    #[arg(long)]
    watch: bool,
    /// How often, with `--watch`, everything is read again.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "watch")]
    every: u64,
    /// How to print; with `--watch`, `json` is one line per pass.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let inputs = inputs(&args.inputs)?;
    let config = args.follow.config()?;
    let follow = args.follow.follow(&config, &inputs)?;
    // What would change is tried out on a copy, so that one source sees what those before it would have done.
    let access = if args.dry_run { Access::Read } else { Access::Write };
    let log = open_log(&args.state, access).await?;
    let catalog = Catalog::open_with(log, config.catalog_options()?).await?;
    let pass = Pass { args: &args, catalog: &catalog, follow: &follow };
    // What changes during the first pass is told after it.
    let watching = if args.watch { Some(Watching::start(&inputs)?) } else { None };
    let status = pass.run(inputs.iter().collect()).await?;
    match watching {
        None => Ok(status),
        Some(watching) => watching.run(&pass, &inputs).await,
    }
}

fn inputs(texts: &[String]) -> Result<Vec<Input>> {
    let mut names = BTreeSet::new();
    let mut inputs = Vec::new();
    for text in texts {
        let input = Input::parse(text)?;
        if !names.insert(Arc::clone(&input.name)) {
            return Err(Error::invalid("two inputs cannot be one source").with("source", input.name));
        }
        inputs.push(input);
    }
    Ok(inputs)
}

/// What every pass needs.
struct Pass<'a> {
    args: &'a Args,
    catalog: &'a Catalog,
    follow: &'a Follow,
}

impl Pass<'_> {
    /// Takes in what inputs have, and prints what came of it.
    async fn run(&self, inputs: Vec<&Input>) -> Result<ExitCode> {
        let mut ingested = Vec::new();
        for input in inputs {
            ingested.push(self.one(input).await?);
        }
        let snapshot = self.catalog.snapshot();
        for one in &mut ingested {
            one.look_at(&snapshot);
        }
        let (state, dry_run) = (&*self.args.state, self.args.dry_run);
        let summary = Summary { state, dry_run, snapshot: &snapshot, ingested };
        summary.print(self.args.format);
        Ok(match () {
            () if summary.ingested.iter().any(|it| it.report.failure.is_some()) => ExitCode::from(2),
            () if summary.ingested.iter().any(Ingested::has_findings) => exit::findings(),
            () => ExitCode::SUCCESS,
        })
    }

    /// Reads the input once, because standard input cannot be read again, and wholly: which files an entity depends on
    /// besides its own is not known before.
    async fn one(&self, input: &Input) -> Result<Ingested> {
        let options = IngestOptions::default()
            .confirm_removals(self.args.confirm_removals)
            .following(Arc::clone(self.follow.of(input)));
        let before = self.catalog.snapshot().revision();
        let report = self.catalog.ingest_with(input.source(), &options).await?;
        let difference = match self.args.dry_run {
            true => Some(self.catalog.difference(before, report.revision).await?),
            false => None,
        };
        Ok(Ingested::new(Arc::clone(&input.name), input.path.clone(), report, difference))
    }
}

/// The watches of all directories.
struct Watching {
    /// The number of an input in which something changed.
    changes: Receiver<usize>,
}

impl Watching {
    fn start(inputs: &[Input]) -> Result<Self> {
        let (sender, changes) = channel(16);
        for (index, input) in inputs.iter().enumerate() {
            let Kind::Directory(source) = &input.source else { continue };
            let (watch, sender) = (DirectoryWatch::new(source)?, sender.clone());
            tokio::spawn(async move {
                loop {
                    let _ = watch.changed().await;
                    if sender.send(index).await.is_err() {
                        return;
                    }
                }
            });
        }
        // With no directory at all, only the clock makes passes.
        tokio::spawn(async move { sender.closed().await });
        Ok(Self { changes })
    }

    /// Goes on until interrupted.
    async fn run(mut self, pass: &Pass<'_>, inputs: &[Input]) -> Result<ExitCode> {
        let mut clock = tokio::time::interval(Duration::from_secs(pass.args.every.max(1)));
        clock.tick().await;
        loop {
            let changed = tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
                _ = clock.tick() => again(inputs),
                Some(index) = self.changes.recv() => vec![&inputs[index]],
            };
            pass.run(changed).await?;
        }
    }
}

/// Everything that can be read more than once.
fn again(inputs: &[Input]) -> Vec<&Input> {
    inputs.iter().filter(|it| !matches!(it.source, Kind::StandardInput(_))).collect()
}

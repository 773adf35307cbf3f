//! `idp watch`: what changes, as it does.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use idp_catalog::{Catalog, CatalogChange, ChangeKind, Changes, Consumer, Matcher, Watch, parse_query};
use idp_core::{Result, Revision};
use serde_json::{Value, json};

use crate::catalog::ConfigFile;
use crate::output::{Format, print_json, print_line};
use crate::state::{Access, open_log};

/// Follow the changes of a catalog file, whoever makes them, until interrupted.
///
/// With `--consumer` the file remembers what was printed, and the next watch of that name goes on there.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only entities for which this holds, before or after the change, as in `idp query`.
    #[arg(default_value = "")]
    filter: String,
    /// The file that holds the catalog.
    #[arg(long, value_name = "FILE", env = "IDP_STATE")]
    state: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
    /// Begin behind this revision; 0 tells everything that is there first. Without one: now.
    #[arg(long, value_name = "REVISION", conflicts_with = "consumer")]
    from: Option<u64>,
    /// Go on where the last watch of this name ended.
    #[arg(long, value_name = "NAME")]
    consumer: Option<String>,
    /// End when there is nothing new, instead of waiting for it.
    #[arg(long)]
    once: bool,
    /// How to print: one line for each change.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let matcher = Matcher::new(&parse_query(&args.filter)?)?;
    let log = open_log(&args.state, Access::Write).await?;
    let catalog = Arc::new(Catalog::open_with(log, args.config.options()?).await?);
    let mut follower = match &args.consumer {
        Some(name) => Follower::Named(catalog.consumer(name).await?),
        None => {
            let from = args.from.map_or_else(|| catalog.snapshot().revision(), Revision);
            Follower::Nameless(catalog.watch(from))
        }
    };
    while let Some(changes) = follower.next(args.once).await? {
        print(&changes, &matcher, args.format);
        follower.acknowledge(&changes).await?;
    }
    Ok(ExitCode::SUCCESS)
}

enum Follower {
    Named(Consumer),
    Nameless(Watch),
}

impl Follower {
    async fn next(&mut self, once: bool) -> Result<Option<Changes>> {
        match (self, once) {
            (Self::Named(it), true) => it.try_next().await,
            (Self::Named(it), false) => it.next().await.map(Some),
            (Self::Nameless(it), true) => it.try_next().await,
            (Self::Nameless(it), false) => it.next().await.map(Some),
        }
    }

    async fn acknowledge(&mut self, changes: &Changes) -> Result<()> {
        match self {
            Self::Named(consumer) => consumer.acknowledge(changes.revision).await,
            Self::Nameless(_) => Ok(()),
        }
    }
}

fn print(changes: &Changes, matcher: &Matcher, format: Format) {
    let sides = |it: &CatalogChange| [it.before().cloned(), it.after().cloned()];
    let wanted = changes.items.iter().filter(|it| sides(it).iter().flatten().any(|it| matcher.matches(it)));
    for change in wanted {
        match format {
            Format::Json => print_json(&in_json(changes, change)),
            Format::Text => print_text(changes, change),
        }
    }
}

fn in_json(changes: &Changes, change: &CatalogChange) -> Value {
    let after = change.after();
    json!({
        "revision": changes.revision, "time": changes.time, "ref": change.entity_ref(), "change": change.kind(),
        "fields": change.fields(), "entity": after.map(|it| it.entity()), "relations": after.map(|it| it.relations()),
        "source": after.map(|it| it.source()), "location": after.map(|it| it.location()),
    })
}

fn print_text(changes: &Changes, change: &CatalogChange) {
    let sign = match change.kind() {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        _ => '~',
    };
    print_line(&format!("{}  {sign} {}", changes.time, change.entity_ref()));
    for field in change.fields() {
        print_line(&format!("      {}: {} → {}", field.path, field.before, field.after));
    }
    if change.kind() == ChangeKind::Changed && change.relations_differ() {
        print_line("      its relations");
    }
}

//! The `idp` command line: what a platform team would start from.

mod ask;
mod catalog;
mod commands;
mod config;
mod exit;
mod files;
mod host;
mod inputs;
mod located;
mod output;
mod sarif;
mod show_ingest;
mod show_plan;
mod show_run;
mod skeletons;
mod state;
mod values;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use idp_core::{Error, Result};
use tracing_subscriber::EnvFilter;

/// Catalog and golden paths, from a terminal.
///
/// Exit status: 0 good, 1 findings, 2 usage or error, 3 refused because the world has moved, 130 stopped with Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "idp", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Apply(commands::apply::Args),
    Check(commands::check::Args),
    Compact(commands::compact::Args),
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    Diff(commands::diff::Args),
    Eval(commands::eval::Args),
    Explain(commands::explain::Args),
    Graph(commands::graph::Args),
    History(commands::history::Args),
    Ingest(commands::ingest::Args),
    New(commands::new::Args),
    Query(commands::query::Args),
    Render(commands::render::Args),
    Runs(commands::runs::Args),
    Show(commands::show::Args),
    Template(commands::template::Args),
    Watch(commands::watch::Args),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("IDP_LOG").unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .without_time()
        .init();
    match Cli::parse().command {
        Command::Apply(args) => wait("apply", commands::apply::run(args)),
        Command::Check(args) => commands::check::run(args),
        Command::Compact(args) => wait("compact", commands::compact::run(args)),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "idp", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
        Command::Diff(args) => wait("diff", commands::diff::run(args)),
        Command::Eval(args) => commands::eval::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Graph(args) => commands::graph::run(args),
        Command::History(args) => wait("history", commands::history::run(args)),
        Command::Ingest(args) => wait("ingest", commands::ingest::run(args)),
        Command::New(args) => wait("new", commands::new::run(args)),
        Command::Query(args) => commands::query::run(args),
        Command::Render(args) => commands::render::run(args),
        Command::Runs(args) => wait("runs", commands::runs::run(args)),
        Command::Show(args) => commands::show::run(args),
        Command::Template(args) => wait("template", commands::template::run(args)),
        Command::Watch(args) => wait("watch", commands::watch::run(args)),
    }
}

/// Runs a command that waits for things.
fn wait(name: &str, command: impl Future<Output = Result<ExitCode>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => Err(Error::internal("cannot start the runtime").because(error)),
    };
    exit::finish(name, outcome)
}

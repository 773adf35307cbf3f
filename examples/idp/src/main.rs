//! The `idp` command line.

mod catalog;
mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(commands::check::Args),
    Graph(commands::graph::Args),
    Query(commands::query::Args),
    Show(commands::show::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Check(args) => commands::check::run(args),
        Command::Graph(args) => commands::graph::run(args),
        Command::Query(args) => commands::query::run(args),
        Command::Show(args) => commands::show::run(args),
    }
}

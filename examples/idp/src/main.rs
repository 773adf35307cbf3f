//! The idp command line.
mod commands;

use clap::Parser as _;

#[derive(Debug, clap::Parser)]
#[command(version, about)]
enum Cli {
    Eval(commands::eval::Args),
}

fn main() -> std::process::ExitCode {
    match Cli::parse() {
        Cli::Eval(args) => commands::eval::run(&args),
    }
}

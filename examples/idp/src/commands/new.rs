//! `idp new`: asks for what a template needs, shows the plan, and applies it.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use idp_core::{Error, Result};
use idp_scaffolder::{Answers, PlanRequest, Template};

use super::apply::{Work, carry_out};
use super::template::{find, keep, show_as};
use crate::ask::{self, Entities};
use crate::host::{Host, HostArgs};
use crate::output::{Format, print_line};
use crate::state::Access;
use crate::values::{ValueArgs, diagnosed};

/// Makes something new from a template: asks for what it needs, shows the plan, and applies it.
///
/// Questions are asked on a terminal only, and only for what `--values`, `--set` and `--secret` do not say. Without one
/// everything that is missing or wrong is listed at once, with exit status 2. Nothing is written before the plan has been
/// approved, by an answer or by `--yes`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    host: HostArgs,
    /// A template's name, reference or file.
    template: String,
    #[command(flatten)]
    values: ValueArgs,
    /// Never asks, also on a terminal.
    #[arg(long)]
    no_input: bool,
    /// Prints the parameters as YAML, for `--values`, and ends. Secrets are not among them.
    #[arg(long, conflicts_with_all = ["plan_only", "yes", "out", "id"])]
    print_values: bool,
    /// Shows the plan and ends.
    #[arg(long, visible_alias = "dry-run", conflicts_with_all = ["yes", "id"])]
    plan_only: bool,
    /// Applies the plan without asking.
    #[arg(long, short)]
    yes: bool,
    /// Keeps the plan in this file, once it has been approved, or with `--plan-only`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The run's id; made up otherwise.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// How to print: for a person, or the plan and the run at its end as a line of JSON each.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    // Nothing is written while somebody thinks: asking and planning read the state only.
    let host = Host::open(&args.host, Access::Read).await?;
    let template = find(&host, &args.template)?;
    let answers = answers(&host, &template, &args)?;
    if args.print_values {
        return print_values(&answers);
    }
    let secrets = answers.secrets.clone();
    let mut request = PlanRequest::from(answers);
    request.principal = args.values.principal()?;
    let plan = host.scaffolder.plan(&template, &request).await?;
    show_as(&plan, args.format);
    let apply = !args.plan_only && !plan.is_empty();
    if apply && !approved(&args)? {
        return Ok(ExitCode::SUCCESS);
    }
    keep(&plan, args.out.as_deref())?;
    if !apply {
        return Ok(ExitCode::SUCCESS);
    }
    let host = Host::open(&args.host, Access::Write).await?;
    carry_out(&host, Work::Apply(&plan), args.id, secrets, args.format).await
}

/// What the form was answered: by the command line, and by who sits at the terminal.
fn answers(host: &Host, template: &Template, args: &Args) -> Result<Answers> {
    let mut form = args.values.form(template)?;
    if asks(args) {
        let entities = Entities::new(host.catalog.snapshot(), args.values.principal()?);
        tokio::task::block_in_place(|| ask::ask(&mut form, &entities))?;
    }
    form.finish().map_err(diagnosed)
}

/// Whether somebody can be asked.
fn asks(args: &Args) -> bool {
    !args.no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn approved(args: &Args) -> Result<bool> {
    if args.yes {
        return Ok(true);
    }
    if !asks(args) {
        return Err(Error::invalid(
            "nobody can be asked whether to apply the plan: say `--yes` or `--plan-only`",
        ));
    }
    tokio::task::block_in_place(|| ask::confirm("Apply this plan?"))
}

fn print_values(answers: &Answers) -> Result<ExitCode> {
    let text = serde_yaml::to_string(&answers.parameters)
        .map_err(|error| Error::internal("the parameters do not print").because(error))?;
    print_line(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

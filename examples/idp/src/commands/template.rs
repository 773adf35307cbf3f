//! `idp template`: what there is, what it asks for, what it would do.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use idp_catalog::{YamlLimits, parse_yaml};
use idp_core::{Entity, EntityRef, Error, ErrorKind, RefDefaults, Result, SourceText};
use idp_scaffolder::{Plan, PlanRequest, Template};
use serde_json::{Value, json};
use url::Url;

use crate::host::{Host, HostArgs};
use crate::located::Located;
use crate::output::{Format, print_json, print_line};
use crate::show_plan::show_plan;
use crate::state::Access;
use crate::values::{ValueArgs, diagnosed};

/// Works with templates.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Check(super::template_check::Args),
    /// Lists the templates of the catalog.
    List {
        #[command(flatten)]
        host: HostArgs,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Shows what a template asks for and what its steps are.
    Show {
        #[command(flatten)]
        host: HostArgs,
        /// A template's name, reference or file.
        template: String,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Shows everything a run would do, and does none of it.
    Plan {
        #[command(flatten)]
        host: HostArgs,
        /// A template's name, reference or file.
        template: String,
        #[command(flatten)]
        values: ValueArgs,
        /// Keeps the plan in this file, for `idp apply`.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    match args.command {
        Command::Check(args) => super::template_check::run(args).await,
        Command::List { host, format } => list(&Host::open(&host, Access::Read).await?, format),
        Command::Show { host, template, format } => {
            show(&find(&Host::open(&host, Access::Read).await?, &template)?, format)
        }
        Command::Plan { host, template, values, out, format } => {
            let host = Host::open(&host, Access::Read).await?;
            plan(&host, &template, &values, out.as_deref(), format).await
        }
    }
}

fn list(host: &Host, format: Format) -> Result<ExitCode> {
    let snapshot = host.catalog.snapshot();
    let templates = snapshot.iter().map(|it| it.entity()).filter(|it| it.kind() == "Template");
    for entity in templates {
        let title = entity.title().unwrap_or_else(|| entity.name());
        match format {
            Format::Json => print_json(&json!({"ref": entity.entity_ref(), "title": title})),
            Format::Text => print_line(&format!("{}  {title}", entity.entity_ref())),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(template: &Template, format: Format) -> Result<ExitCode> {
    let steps = || {
        template.steps().map(|step| json!({"id": step.id(), "name": step.name(), "action": step.spec.action}))
    };
    if format == Format::Json {
        print_json(&json!({
            "ref": template.entity_ref(), "parameters": template.spec().parameters.0, "forms": template.forms(),
            "secrets": template.spec().secrets.schema, "steps": steps().collect::<Vec<_>>(),
        }));
        return Ok(ExitCode::SUCCESS);
    }
    print_line(&format!("{}  {}", template.entity_ref(), template.entity().title().unwrap_or_default()));
    print_line("\nparameters");
    for page in &template.spec().parameters.0 {
        show_page(page);
    }
    print_line("\nsteps");
    for step in template.steps() {
        print_line(&format!("  {:<20} {:<24} {}", step.id(), step.spec.action, step.name()));
    }
    Ok(ExitCode::SUCCESS)
}

fn show_page(page: &Value) {
    let required: Vec<_> =
        page["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in page["properties"].as_object().into_iter().flatten() {
        let kind = field["type"].as_str().unwrap_or("any");
        let default = field.get("default").map(|it| format!(" = {it}")).unwrap_or_default();
        let mark = if required.contains(&name.as_str()) { "required" } else { "" };
        let title = field["title"].as_str().unwrap_or_default();
        print_line(&format!("  {name:<20} {:<24} {mark:<9} {title}", format!("{kind}{default}")));
    }
}

async fn plan(
    host: &Host,
    template: &str,
    values: &ValueArgs,
    out: Option<&Path>,
    format: Format,
) -> Result<ExitCode> {
    let template = find(host, template)?;
    let answers = values.form(&template)?.finish().map_err(diagnosed)?;
    let mut request = PlanRequest::from(answers);
    request.principal = values.principal()?;
    let plan = host.scaffolder.plan(&template, &request).await?;
    keep(&plan, out)?;
    show_as(&plan, format);
    Ok(ExitCode::SUCCESS)
}

/// Keeps a plan in a file, where one is named.
pub(super) fn keep(plan: &Plan, out: Option<&Path>) -> Result<()> {
    if let Some(path) = out {
        let text = serde_json::to_string_pretty(plan)
            .map_err(|error| Error::internal("the plan does not print").because(error))?;
        std::fs::write(path, text).map_err(|error| {
            Error::new(ErrorKind::Unavailable, "cannot write").with("path", path.display()).because(error)
        })?;
    }
    Ok(())
}

/// Shows a plan.
pub(super) fn show_as(plan: &Plan, format: Format) {
    match format {
        Format::Json => print_json(plan),
        Format::Text => show_plan(plan),
    }
}

/// A template by file, reference or name.
pub(crate) fn find(host: &Host, name: &str) -> Result<Template> {
    let path = Path::new(name);
    if path.is_file() {
        return from_file(path);
    }
    let wanted = EntityRef::parse(name, RefDefaults { kind: Some("template"), namespace: None })?;
    let snapshot = host.catalog.snapshot();
    let record = snapshot.get(&wanted).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "no such template in the catalog, and no such file")
            .with("template", name)
    })?;
    let file: PathBuf = host.root.join(record.location()).components().collect();
    let root = Url::from_directory_path(&host.root)
        .map_err(|()| Error::invalid("the catalog has no absolute path"))?;
    let template = Template::from_entity(record.entity(), base_of(&file))?.within(root)?;
    // Where the file has changed since it was read, nothing in it is pointed at.
    let located = documents(&file).unwrap_or_default();
    let same = |it: &Located| it.document.value() == Some(template.entity().as_value());
    let places = located.into_iter().find(same);
    Ok(match places {
        Some(located) => template.at(Arc::new(located)),
        None => template,
    })
}

/// The first template of a file.
fn from_file(path: &Path) -> Result<Template> {
    let mut problems = Vec::new();
    for located in documents(path)? {
        problems.extend(located.document.problems().to_vec());
        let Some(value) = located.document.value() else { continue };
        if value["kind"] == "Template" {
            let template = Template::from_entity(Entity::from_value(value.clone())?, base_of(path))?;
            let template = match repository_of(path) {
                Some(root) => template.within(root)?,
                None => template,
            };
            return Ok(template.at(Arc::new(located)));
        }
    }
    if problems.is_empty() {
        Err(Error::invalid("the file holds no template").with("file", path.display()))
    } else {
        Err(Error::diagnosed(problems))
    }
}

/// The documents of a file.
fn documents(path: &Path) -> Result<Vec<Located>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(ErrorKind::NotFound, "cannot read").with("path", path.display()).because(error)
    })?;
    let source = SourceText::new(path.display().to_string(), text);
    let documents = parse_yaml(&source, &YamlLimits::default()).into_iter();
    Ok(documents.map(|document| Located { source: source.clone(), document }).collect())
}

/// The Git repository that a file is part of: what its template may share skeletons with.
pub(super) fn repository_of(file: &Path) -> Option<Url> {
    let file = std::path::absolute(file).ok()?;
    let root = file.ancestors().skip(1).find(|it| it.join(".git").exists())?;
    Url::from_directory_path(root).ok()
}

/// Where the relative URLs of a file's template start.
pub(super) fn base_of(file: &Path) -> Option<Url> {
    // The parent of a name alone is empty, which is no path.
    let file = std::path::absolute(file).ok()?;
    Url::from_directory_path(file.parent()?).ok()
}

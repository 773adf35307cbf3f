//! The whole product in one program: a company's catalog, a golden path planned, shown, applied, shown again, and,
//! with `--undo`, taken back.

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

mod engine;
mod show;

use std::error::Error;
use std::path::PathBuf;

use idp_core::{Entity, EntityRef, Principal, RefDefaults};
use idp_scaffolder::{PlanRequest, RunOptions, RunStatus, Template};
use serde_json::{Map, Value, json};
use url::Url;

use crate::engine::Engine;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result {
    let mut undo = false;
    let mut out = PathBuf::from("target/golden-path");
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--undo" => undo = true,
            folder if !folder.starts_with('-') => out = folder.into(),
            other => {
                return Err(format!("unknown option {other}; usage: golden-path [FOLDER] [--undo]").into());
            }
        }
    }
    let engine = Engine::open(&out).await?;
    if undo { take_back(&engine).await } else { walk(&engine).await }
}

/// Plans, applies, and plans again.
async fn walk(engine: &Engine) -> Result {
    let snapshot = engine.catalog.snapshot();
    println!("The catalog: {} entities at revision {}\n", snapshot.len(), snapshot.revision());

    let template = template(engine, "template:default/java-service")?;
    let developer = EntityRef::parse("developer", RefDefaults { kind: Some("user"), namespace: None })?;
    let request = PlanRequest::with_defaults(&template, &parameters()).by(Principal::new(developer));

    println!("── plan ──────────────────────────────────────────────");
    let plan = engine.scaffolder.plan(&template, &request).await?;
    show::plan(&plan);
    if plan.is_empty() {
        println!("\nEverything is there already; take it back with --undo.");
        return Ok(());
    }

    println!("\n── apply ─────────────────────────────────────────────");
    let run = engine.scaffolder.apply(&plan, &RunOptions::default()).await?;
    show::run(&engine.scaffolder.records(&run.id).await?);
    if run.status != RunStatus::Completed {
        return Err(format!("run {} did not complete: {:?}", run.id, run.error).into());
    }

    println!("\n── the new repository ────────────────────────────────");
    show::git_log(run.output["links"][0]["url"].as_str().unwrap_or_default())?;

    println!("\n── the catalog entry ─────────────────────────────────");
    let entry: EntityRef = run.output["links"][1]["entityRef"].as_str().unwrap_or_default().parse()?;
    show::entity(&engine.catalog.snapshot(), &entry);

    println!("\n── plan again ────────────────────────────────────────");
    let again = engine.scaffolder.plan(&template, &request).await?;
    show::plan(&again);
    if !again.is_empty() {
        return Err("the second plan is not empty".into());
    }
    println!("\nEverything lies in {}; take it back with --undo.", engine.out.display());
    Ok(())
}

/// Undoes every run, the last one first.
async fn take_back(engine: &Engine) -> Result {
    for run in engine.scaffolder.runs().await?.into_iter().rev() {
        if run.applied == 0 {
            continue;
        }
        println!("undoing run {} of {}", run.id, run.plan.template.entity_ref);
        let before = engine.scaffolder.records(&run.id).await?.len();
        let undone = engine.scaffolder.undo(&run.id, &RunOptions::default()).await?;
        show::run(&engine.scaffolder.records(&run.id).await?[before..]);
        if undone.status != RunStatus::Undone {
            return Err(format!("run {} was not taken back in full", run.id).into());
        }
    }
    println!("nothing is left to take back");
    Ok(())
}

fn template(engine: &Engine, name: &str) -> Result<Template> {
    let snapshot = engine.catalog.snapshot();
    let record = snapshot.get(&name.parse()?).ok_or("the template is not in the catalog")?;
    let entity: Entity = record.entity();
    let file = engine.company.join(record.location());
    let folder = file.parent().ok_or("a template stands in a folder")?;
    let base = Url::from_directory_path(folder).map_err(|()| "the folder is not absolute")?;
    Ok(Template::from_entity(entity, Some(base))?)
}

fn parameters() -> Map<String, Value> {
    let parameters = json!({
        "name": "payments",
        "description": "Takes money, gives receipts",
        "owner": "group:default/shop",
        "system": "storefront",
        "repoUrl": "github.com?owner=example&repo=payments",
        "environments": ["dev", "prod"],
        "infrastructure": engine::has_terraform(),
    });
    parameters.as_object().cloned().unwrap_or_default()
}

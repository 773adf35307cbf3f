//! Templates that nobody here wrote, unmodified: planned and applied end to end, their hosted `publish:*` steps served
//! by plain Git.
//!
//! They are read from the folder that `IDP_CORPUS` names, or `shared/corpus` beside the checkout; without one this test
//! says that it was skipped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checking;
mod hosting;
mod recorded;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use checking::{Sample, real_templates};
use idp_core::MemoryLog;
use idp_scaffolder::{Engine, Mode, Plan, PlanRequest, RunOptions, RunStatus, Scaffolder, Template};
use recorded::recorded;
use serde_json::{Map, Value};

/// How many have to go through.
const ENOUGH: usize = 10;

/// A template with parameters that fill every field.
struct Case {
    name: String,
    template: Template,
    parameters: Map<String, Value>,
}

fn cases() -> Vec<Case> {
    let recorded = recorded();
    let case = |sample: Sample| {
        let parameters = recorded.get(&sample.key())?.parameters();
        let template = sample.with(sample.value().clone())?;
        Some(Case { name: sample.name(), template, parameters })
    };
    real_templates().into_iter().filter_map(case).collect()
}

async fn engine(folder: &Path) -> Scaffolder {
    let log = Arc::new(MemoryLog::new());
    let (registry, catalog) = hosting::registry(folder, &Engine::new(Mode::Backstage), log.clone()).await;
    Scaffolder::builder(registry).log(log).catalog(catalog).build()
}

async fn plan(engine: &Scaffolder, case: &Case) -> Result<Plan, String> {
    let request = PlanRequest::with_defaults(&case.template, &case.parameters);
    engine.plan(&case.template, &request).await.map_err(|error| error.chain())
}

async fn go_through(case: &Case) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let first = plan(&engine, case).await?;
    if !first.effects.iter().any(|it| it.resource.kind == "repository") {
        return Err("publishes nothing".to_owned());
    }
    let run = engine.apply(&first, &RunOptions::default()).await.map_err(|error| error.chain())?;
    if run.status != RunStatus::Completed {
        return Err(format!("{:?}", run.error));
    }
    let again = plan(&engine, case).await?;
    if again.changes().next().is_some() {
        return Err("the second plan is not empty".to_owned());
    }
    Ok(())
}

#[tokio::test]
async fn real_templates_plan_and_apply_end_to_end() {
    let cases = cases();
    if cases.is_empty() {
        println!("skipped: no corpus of real templates; set IDP_CORPUS");
        return;
    }
    let mut done = 0;
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        match go_through(&case).await {
            Ok(()) => {
                println!("applied {}", case.name);
                done += 1;
            }
            Err(reason) => {
                if std::env::var_os("IDP_VERBOSE").is_some() {
                    println!("not {}: {reason}", case.name);
                }
                *reasons.entry(reason.chars().take(70).collect()).or_default() += 1;
            }
        }
    }
    println!("{done} templates were planned and applied; not applied: {reasons:#?}");
    assert!(done >= ENOUGH, "only {done} templates went through");
}

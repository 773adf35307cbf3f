//! Templates that nobody here wrote, unmodified: planned and applied end to end, their hosted `publish:*` steps served
//! by plain Git.
//!
//! They are read from the folder that `IDP_CORPUS` names, or `shared/corpus` beside the checkout; without one this test
//! says that it was skipped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_catalog::{Catalog, RegistrationProvider, YamlLimits, parse_yaml};
use idp_core::{Entity, MemoryLog, PluginInfo, Registry, SourceText, plugin_fn};
use idp_plugin_git::{GitConfig, GitPlugin};
use idp_scaffolder::{Builtins, Plan, PlanRequest, RunOptions, RunStatus, Scaffolder, Template};
use serde_json::Value;
use url::Url;

/// How many have to go through.
const ENOUGH: usize = 10;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("IDP_CORPUS").map_or(beside, PathBuf::from);
    folder.join("oracle/contexts.json").is_file().then_some(folder)
}

/// A template with parameters that fill every field.
struct Case {
    name: String,
    template: Template,
    parameters: Value,
}

fn cases(corpus: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(corpus.join("oracle/contexts.json")).unwrap();
    let contexts: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    contexts.values().filter(|it| it["mode"] == "full").filter_map(|it| case(corpus, it)).collect()
}

fn case(corpus: &Path, context: &Value) -> Option<Case> {
    let file = corpus.join(context["file"].as_str()?);
    let source = SourceText::new(file.display().to_string(), std::fs::read_to_string(&file).ok()?);
    let documents = parse_yaml(&source, &YamlLimits::default());
    let document = documents.get(usize::try_from(context["document"].as_u64()?).ok()?)?;
    let entity = Entity::from_value(document.value()?.clone()).ok()?;
    let base = Url::from_directory_path(file.parent()?.canonicalize().ok()?).ok();
    let repository: PathBuf = file.strip_prefix(corpus).ok()?.iter().take(2).collect();
    let root = Url::from_directory_path(corpus.join(repository).canonicalize().ok()?).ok()?;
    let template = Template::from_entity(entity, base).ok()?.within(root).ok()?;
    Some(Case {
        name: format!("{}#{}", context["file"].as_str()?, context["document"]),
        template,
        parameters: context["context"]["parameters"].clone(),
    })
}

/// An engine whose every Git host is a folder.
async fn engine(folder: &Path) -> Scaffolder {
    let log = Arc::new(MemoryLog::new());
    let catalog = Arc::new(Catalog::open(log.clone()).await.unwrap());
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).unwrap();
    let mut git = GitConfig::default();
    for (host, parts) in
        [("*", "{owner}"), ("bitbucket.org", "{workspace}"), ("dev.azure.com", "{organization}")]
    {
        git = git.with_host(host, format!("file://{}/{parts}/{{repo}}.git", folder.display()));
    }
    registry.install(&GitPlugin::new(git)).unwrap();
    let fetchers: Vec<_> = registry.fetchers().cloned().collect();
    let held = Arc::clone(&catalog);
    registry
        .install(&plugin_fn(PluginInfo::new("catalog", "1"), move |registry| {
            registry.provider(RegistrationProvider::new(Arc::clone(&held), fetchers.clone()))
        }))
        .unwrap();
    Scaffolder::builder(registry).log(log).catalog(catalog).build()
}

async fn plan(engine: &Scaffolder, case: &Case) -> Result<Plan, String> {
    let parameters = case.parameters.as_object().cloned().unwrap_or_default();
    engine
        .plan(&case.template, &PlanRequest::with_defaults(&case.template, &parameters))
        .await
        .map_err(|error| error.chain())
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
    let Some(corpus) = corpus() else {
        println!("skipped: no corpus of real templates; set IDP_CORPUS");
        return;
    };
    let mut done = 0;
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases(&corpus) {
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

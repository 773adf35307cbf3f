//! The plan of every template that nobody here wrote lists what its run would do.
//!
//! Actions that no plugin here has are stood in for, as are Git hosts and the entities of a company. The templates are
//! read from the folder that `IDP_CORPUS` names, or `shared/corpus` beside the checkout; without one these tests say
//! that they were skipped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "what was found is for the reader of the log")]

mod checking;
mod filling;
mod hosting;
mod recorded;
mod standing_in;

use std::collections::BTreeSet;
use std::sync::Arc;

use checking::{Sample, corpus, real_templates};
use filling::{Way, fill};
use idp_catalog::{Catalog, Delta, DirectorySource, Following, IngestOptions};
use idp_core::{Entity, ErrorKind, MemoryLog, Principal, Secret};
use idp_scaffolder::{
    Engine, Mode, Plan, PlanRequest, PlannedEffect, PlannedStatus, PlannedStep, Scaffolder, Step, Template,
    field_errors, with_defaults,
};
use recorded::{Recorded, recorded};
use serde_json::{Map, Value, json};
use standing_in::{Answers, StandIns, World};
use url::Url;

/// Templates that no engine can plan: the end of their name, what is said, and why.
const BROKEN: [(&str, &str, &str); 10] = [
    ("azure-devops/examples/scaffolder.yaml#0", "it does not load", "it has no `spec.type`"),
    (
        "kitchen-sink/template.yaml#0",
        "Unexpected \"}}\"",
        "its skeleton holds expressions of another language and does not say so",
    ),
    (
        "witboost-bitol-data-contract-template/template.yaml#0",
        "Template value \"parameters.identifier.split\" resolved to undefined",
        "its skeleton reads `parameters`, which skeletons do not have",
    ),
    (
        "reference-implementation-aws/templates/backstage/argo-workflows/template.yaml#0",
        "`repoUrl` has no `owner`",
        "it publishes to a URL where `host?owner=…&repo=…` is meant",
    ),
    (
        "template-create-dev-and-prod-env.yaml#0",
        "give `catalogInfoUrl` or `repoContentsUrl`",
        "a merge request answers no `repoContentsUrl`",
    ),
    (
        "krisv__software-templates/scaffolder-templates/ansible-job/template.yaml#0",
        "give `catalogInfoUrl` or `repoContentsUrl`",
        "a pull request answers no `repoContentsUrl`",
    ),
    (
        "q-shift__software-templates/templates/github/define-ansible-job/template.yaml#0",
        "give `catalogInfoUrl` or `repoContentsUrl`",
        "a pull request answers no `repoContentsUrl`",
    ),
    (
        "q-shift__software-templates/templates/github/launch-ansible-job/template.yaml#0",
        "give `catalogInfoUrl` or `repoContentsUrl`",
        "a pull request answers no `repoContentsUrl`",
    ),
    (
        "python-update-test/template.yml#0",
        "give `catalogInfoUrl` or `repoContentsUrl`",
        "it reads what a step `publish` answers, and has none",
    ),
    (
        "yeoman-springboot-grpc-template/template.yaml#0",
        "give `catalogInfoUrl` or `repoContentsUrl`",
        "it reads what a step `publish` answers, and has none",
    ),
];

/// Templates whose skeletons call methods that only the older rules have.
const OLDER: [&str; 2] = ["scaffolder-templates/app-template/template.yaml#0", "sdlc-app/template.yaml#0"];

/// A parameter whose form no schema tells, by the end of the template's name: a domain, a name and a version.
const CHOSEN: [(&str, &str, &str); 1] =
    [("witboost-mwaa-workload-template/template.yaml#0", "dataproduct", "system:default/finance.sales.0")];

/// Whether what a stand-in answers is known while planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Before,
    Later,
}

/// A template, what is asked of it, and an engine that has what it needs.
struct Case {
    template: Template,
    request: PlanRequest,
    engine: Scaffolder,
    stood_in: BTreeSet<String>,
    /// Where the Git hosts of the engine are.
    _hosts: tempfile::TempDir,
}

impl Case {
    async fn new(sample: &Sample, recorded: &Recorded, known: Known) -> Result<Self, String> {
        let template = hosted(sample).await.ok_or("it does not load")?;
        let request = request(sample, &template, recorded)?;
        let older = OLDER.iter().any(|it| sample.name().ends_with(it));
        let expressions = Engine::new(if older { Mode::BackstageLegacy } else { Mode::Backstage });
        let (hosts, log) = (tempfile::tempdir().unwrap(), Arc::new(MemoryLog::new()));
        let (mut registry, catalog) = hosting::registry(hosts.path(), &expressions, log.clone()).await;
        registry.fetcher(World(corpus())).unwrap();
        let named = template.steps().map(|it| it.spec.action.clone());
        let stood_in: BTreeSet<_> = named.filter(|it| registry.find_action(it).is_none()).collect();
        let answers = match known {
            Known::Before => Answers::Recorded(Arc::new(recorded.outputs())),
            Known::Later => Answers::Later,
        };
        registry.install(&StandIns { actions: stood_in.clone(), answers }).unwrap();
        let entities = recorded.entities(&template, &request.parameters).into_iter().chain(recorded.user());
        let report = catalog.apply(&entities.fold(Delta::of("company"), Delta::upsert)).await.unwrap();
        assert!(report.failure.is_none(), "{report:?}");
        let engine = Scaffolder::builder(registry).log(log).catalog(catalog).expressions(expressions).build();
        Ok(Self { template, request, engine, stood_in, _hosts: hosts })
    }

    async fn plan(&self) -> Result<Plan, String> {
        self.engine.plan(&self.template, &self.request).await.map_err(|error| error.chain())
    }

    /// The kind of thing that an action makes each time it runs.
    fn makes(&self, action: &str) -> Option<&'static str> {
        match action {
            _ if self.stood_in.contains(action) => Some("work"),
            "catalog:register" => Some("registration"),
            _ if action.starts_with("publish:") => Some("repository"),
            _ => None,
        }
    }

    /// Whether a plan says what becomes of each step, and lists each change that the steps make.
    fn complete(&self, plan: &Plan, known: Known) -> Result<(), String> {
        let of = |id: &str, action: &str| (id.to_owned(), action.to_owned());
        let planned: Vec<_> = plan.steps.iter().map(|it| of(&it.id, &it.action)).collect();
        let written: Vec<_> = self.template.steps().map(|it| of(&it.id(), &it.spec.action)).collect();
        if planned != written {
            return Err(format!("the steps are {planned:?}, not {written:?}"));
        }
        let rests = |(planned, step): &(&PlannedStep, Step<'_>)| {
            let unconditional = self.stood_in.contains(&planned.action) && step.spec.r#if.is_none();
            unconditional && planned.status != PlannedStatus::Runs
        };
        let mut steps = plan.steps.iter().zip(self.template.steps());
        if let Some((planned, _)) = steps.find(rests).filter(|_| known == Known::Before) {
            return Err(format!("does not run: {planned:?}"));
        }
        let expected: Vec<_> = plan.steps.iter().flat_map(|step| self.effects_of(step)).collect();
        let listed: Vec<_> =
            plan.effects.iter().map(|it| (it.step.as_str(), it.resource.kind.as_str())).collect();
        if expected != listed {
            return Err(format!("the effects are {listed:?}, not {expected:?}"));
        }
        if let Some(effect) = plan.effects.iter().find(|it| is_vague(it)) {
            return Err(format!("says little: {effect:?}"));
        }
        let idle =
            |it: &&PlannedStep| matches!(&it.status, PlannedStatus::Deferred { needs } if needs.is_empty());
        plan.steps.iter().find(idle).map_or(Ok(()), |step| Err(format!("waits for nothing: {step:?}")))
    }

    /// What a step changes, by its id and the kind of thing: one a round.
    fn effects_of<'p>(&self, step: &'p PlannedStep) -> Vec<(&'p str, &'static str)> {
        let rounds = if step.status == PlannedStatus::Runs { step.inputs.len() } else { 0 };
        self.makes(&step.action).map(|kind| vec![(step.id.as_str(), kind); rounds]).unwrap_or_default()
    }

    /// Takes each field away that the template requires, one at a time; how many there are. Each has to be missed, with
    /// the place of its rule.
    async fn refuses(&self) -> Result<usize, String> {
        let pages = self.template.spec().parameters.0.iter();
        let required = pages.flat_map(|page| page["required"].as_array().cloned().unwrap_or_default());
        let names: Vec<_> = required.filter_map(|it| it.as_str().map(str::to_owned)).collect();
        for name in &names {
            self.refuses_without(name).await.map_err(|reason| format!("without {name}: {reason}"))?;
        }
        Ok(names.len())
    }

    async fn refuses_without(&self, name: &str) -> Result<(), String> {
        let mut request = self.request.clone();
        request.parameters.remove(name).ok_or("it was not given")?;
        let errors = field_errors(&self.template, &request.parameters);
        let pointer = format!("/{name}");
        let error = errors.iter().find(|it| it.field == pointer).ok_or("it is accepted")?;
        if error.place.as_ref().is_none_or(|it| it.line() < 2) {
            return Err(format!("said of no place: {error:?}"));
        }
        match self.engine.plan(&self.template, &request).await {
            Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
            other => Err(format!("planned: {other:?}")),
        }
    }
}

fn is_vague(effect: &PlannedEffect) -> bool {
    effect.resource.name.is_empty() || effect.provider.is_empty() || effect.change.summary.is_empty()
}

/// The template as it is read from its Git host, so that whatever it names is fetched.
async fn hosted(sample: &Sample) -> Option<Template> {
    let repository = sample.root.file_name()?.to_str()?.replacen("__", "/", 1);
    let root = Url::parse(&format!("https://github.com/{repository}/tree/main/")).ok()?;
    let folder = sample.file.parent()?.strip_prefix(&sample.root).ok()?;
    let base = root.join(&format!("./{}/", folder.display())).ok()?;
    let template = Template::from_entity(whole(sample).await?, Some(base)).ok()?.within(root).ok()?;
    Some(template.at(Arc::new(sample.document.clone())))
}

/// The document; as a catalog holds it where it keeps a part in another file.
async fn whole(sample: &Sample) -> Option<Entity> {
    let entity = Entity::from_value(sample.value().clone()).ok()?;
    if !sample.value().to_string().contains("{\"$yaml\":") {
        return Some(entity);
    }
    let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
    let folder = DirectorySource::new("files", sample.file.parent()?).unwrap();
    let options = IngestOptions::default().following(Arc::new(Following::new([])));
    let report = catalog.ingest_with(&folder, &options).await.unwrap();
    assert!(report.failure.is_none(), "{report:?}");
    Some(catalog.snapshot().get(entity.entity_ref())?.entity().clone())
}

/// Asks for a plan with parameters that are valid, on behalf of who was recorded, and with each secret that is read.
fn request(sample: &Sample, template: &Template, recorded: &Recorded) -> Result<PlanRequest, String> {
    let mut parameters = parameters(template, recorded)?;
    for (_, name, value) in CHOSEN.iter().filter(|(of, ..)| sample.name().ends_with(of)) {
        parameters.insert((*name).to_owned(), json!(value));
    }
    let mut request = PlanRequest::with_defaults(template, &parameters);
    if let Some(user) = recorded.user() {
        request = request.by(Principal::new(user.entity_ref().clone()));
    }
    let text = sample.value().to_string();
    for rest in text.split("secrets.").skip(1) {
        let name: String = rest.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
        request.secrets.entry(name).or_insert_with(|| Secret::new("swordfish"));
    }
    Ok(request)
}

/// Parameters that the template accepts: those recorded, and of its filled-in form those that it does not accept.
fn parameters(template: &Template, recorded: &Recorded) -> Result<Map<String, Value>, String> {
    let mut last = String::new();
    for mut given in recorded.choices().into_iter().filter(|it| !it.is_empty()) {
        let errors = field_errors(template, &with_defaults(template, &given));
        if errors.is_empty() {
            return Ok(given);
        }
        let (form, _) = fill(template, Way::First)?;
        for name in errors.iter().filter_map(|it| it.field.split('/').nth(1)) {
            given.remove(name);
            given.extend(form.parameters.get(name).map(|it| (name.to_owned(), it.clone())));
        }
        match field_errors(template, &with_defaults(template, &given)).first() {
            None => return Ok(given),
            Some(error) => last = error.to_string(),
        }
    }
    fill(template, Way::First).map(|(form, _)| form.parameters).map_err(|reason| format!("{last}; {reason}"))
}

/// The templates and what was recorded of them; `None` where there are none.
fn cases() -> Option<Vec<(Sample, Recorded)>> {
    let mut recorded = recorded();
    if recorded.is_empty() {
        println!("skipped: no corpus of real templates; set IDP_CORPUS");
        return None;
    }
    let of = |sample: Sample| {
        let recorded = recorded.remove(&sample.key()).unwrap_or_default();
        (sample, recorded)
    };
    Some(real_templates().into_iter().map(of).collect())
}

async fn plan(sample: &Sample, recorded: &Recorded, known: Known) -> Result<Plan, String> {
    let case = Case::new(sample, recorded, known).await?;
    let plan = case.plan().await?;
    case.complete(&plan, known)?;
    Ok(plan)
}

/// The outcome for every template and either way to answer.
#[derive(Debug, Default)]
struct Score {
    plans: usize,
    effects: usize,
    waiting: usize,
    broken: BTreeSet<&'static str>,
    failed: Vec<String>,
}

impl Score {
    fn count(&mut self, name: String, known: Known, outcome: Result<Plan, String>) {
        let broken = BROKEN.iter().find(|(of, ..)| name.ends_with(of));
        match (outcome, broken) {
            (Err(reason), Some((of, said, _))) if reason.contains(said) => drop(self.broken.insert(of)),
            (Err(reason), _) => self.failed.push(format!("{name} {known:?}: {reason}")),
            // What is wrong shows only when it is known.
            (Ok(_), Some((_, said, _))) if known == Known::Before => {
                self.failed.push(format!("{name} is planned, not refused: {said}"));
            }
            (Ok(plan), _) => {
                let waits = |it: &&PlannedStep| matches!(it.status, PlannedStatus::Deferred { .. });
                self.plans += 1;
                self.effects += plan.effects.len();
                self.waiting += plan.steps.iter().filter(waits).count();
            }
        }
    }
}

#[tokio::test]
async fn the_plan_of_every_real_template_is_complete() {
    let Some(cases) = cases() else { return };
    let mut score = Score::default();
    for (sample, recorded) in &cases {
        for known in [Known::Before, Known::Later] {
            score.count(sample.name(), known, plan(sample, recorded, known).await);
        }
    }
    let Score { plans, effects, waiting, broken, failed } = score;
    println!(
        "{} templates, {} of them broken; {plans} plans with {effects} effects, {waiting} steps that wait",
        cases.len(),
        broken.len()
    );
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(plans >= 2 * (cases.len() - broken.len()), "{plans} plans");
    assert!(
        effects > 2 * plans,
        "{effects} effects of {plans} plans: most templates make two things or more"
    );
    assert_eq!(broken.len(), BROKEN.len(), "some of those that are called broken are not there: {broken:#?}");
}

#[tokio::test]
async fn every_real_template_refuses_to_go_without_a_field_that_it_requires() {
    let Some(cases) = cases() else { return };
    let templates = cases.len();
    let (mut failed, mut refused, mut none) = (Vec::new(), 0, 0);
    for (sample, recorded) in cases {
        let Ok(case) = Case::new(&sample, &recorded, Known::Before).await else { continue };
        match case.refuses().await {
            Ok(0) => none += 1,
            Ok(count) => refused += count,
            Err(reason) => failed.push(format!("{}: {reason}", sample.name())),
        }
    }
    println!("{refused} fields were missed; {none} templates require none");
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(refused > 3 * templates, "{refused} fields of {templates} templates: most require four or more");
}

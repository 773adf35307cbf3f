//! The engine as a host holds it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use idp_core::{
    Cancel, CatalogReader, Clock, Diagnostic, Error, IdSource, Log, Principal, Redactor, Registry, Result,
    RunInfo, Secret, SecretStore, Tree, TreeLimits, Workspace,
};
use serde_json::{Map, Value};

use crate::effects::{Place, Planning};
use crate::host::Host;
use crate::parameters::{
    check_parameters, check_secrets, diagnostics, field_errors, take_secrets, with_defaults,
};
use crate::pipeline::{Interpreter, Variables, render_output};
use crate::plan::{Plan, PlanParts, Warning};
use crate::record::PlanRecorder;
use crate::{Diagnostics, Engine, Mode, Template};

/// Plans golden paths, applies the plans, resumes and undoes the runs. Cheap to clone.
///
/// What it can do is what the [`Registry`] holds; install [`crate::Builtins`] for the actions every template expects.
#[derive(Clone, Debug)]
pub struct Scaffolder {
    pub(crate) host: Arc<Host>,
}

/// Builds a [`Scaffolder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ScaffolderBuilder(Host);

impl ScaffolderBuilder {
    /// Keeps journals in this log. Without it they live as long as the process.
    pub fn log(mut self, log: Arc<dyn Log>) -> Self {
        self.0.log = log;
        self
    }

    /// Lets templates read this catalog.
    pub fn catalog(mut self, catalog: Arc<dyn CatalogReader>) -> Self {
        self.0.catalog = Some(catalog);
        self
    }

    /// Tells the time by this clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// Names runs by this source.
    pub fn ids(mut self, ids: Arc<dyn IdSource>) -> Self {
        self.0.ids = ids;
        self
    }

    /// Gets the secrets that providers ask for by name, such as the token of a Git host, from this store. Those given to
    /// a run come first.
    pub fn secrets(mut self, store: Arc<dyn SecretStore>) -> Self {
        self.0.secrets = store;
        self
    }

    /// Keeps temporary files below this folder rather than the system's.
    pub fn scratch(mut self, folder: impl Into<PathBuf>) -> Self {
        self.0.scratch = Some(folder.into());
        self
    }

    /// Limits the files that one run may hold.
    pub fn limits(mut self, limits: TreeLimits) -> Self {
        self.0.limits = limits;
        self
    }

    /// What templates see as `environment.parameters`.
    pub fn environment(mut self, parameters: Map<String, Value>) -> Self {
        self.0.environment = parameters;
        self
    }

    /// Evaluates expressions with this engine: its mode, filters and limits.
    pub fn expressions(mut self, engine: Engine) -> Self {
        self.0.expressions = engine;
        self
    }

    /// The engine.
    pub fn build(self) -> Scaffolder {
        Scaffolder { host: Arc::new(self.0) }
    }
}

/// What a plan is asked for.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PlanRequest {
    /// The template's parameters.
    pub parameters: Map<String, Value>,
    /// Secrets by name, seen by expressions as `secrets.<name>`.
    pub secrets: BTreeMap<String, Secret>,
    /// On whose behalf.
    pub principal: Option<Principal>,
    /// Raised to stop planning.
    pub cancel: Cancel,
}

impl PlanRequest {
    /// A plan with these parameters, as they are. In the modes of Backstage no default is filled in, because there the
    /// form does that: [`PlanRequest::with_defaults`].
    pub fn new(parameters: Map<String, Value>) -> Self {
        Self { parameters, ..Self::default() }
    }

    /// A plan with these parameters and, where nothing is given, the defaults of the template's forms. What was given for
    /// fields that ask for secrets becomes a secret.
    pub fn with_defaults(template: &Template, given: &Map<String, Value>) -> Self {
        let mut given = given.clone();
        let secrets = take_secrets(template, &mut given);
        Self { secrets, ..Self::new(with_defaults(template, &given)) }
    }

    /// With a secret.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.secrets.insert(name.into(), secret);
        self
    }

    /// On somebody's behalf.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }
}

impl Scaffolder {
    /// An engine over what plugins added to a registry, with a log in memory and the system's clock.
    pub fn builder(registry: Registry) -> ScaffolderBuilder {
        ScaffolderBuilder(Host::new(registry))
    }

    /// What plugins added.
    pub fn registry(&self) -> &Registry {
        &self.host.registry
    }

    /// Runs the template against recording handles, and answers with everything a run would do. Changes nothing.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] with diagnostics where the parameters or the template are wrong; whatever providers
    /// and fetchers answer when asked what is there now.
    pub async fn plan(&self, template: &Template, request: &PlanRequest) -> Result<Plan> {
        let parameters = self.accept(template, &request.parameters)?;
        let redactor = Redactor::new(request.secrets.values().cloned());
        refuse_secrets_in_clear(&redactor, &parameters)?;
        self.plan_checked(template, parameters, &request.secrets, request.principal.as_ref(), &request.cancel)
            .await
    }

    /// The parameters of a run. As Backstage's server does, its modes take them as they are, because its form has filled
    /// the defaults in; `strict` fills them in.
    fn accept(&self, template: &Template, given: &Map<String, Value>) -> Result<Map<String, Value>> {
        let checked = match self.host.expressions.mode() {
            Mode::Strict => check_parameters(template, given),
            Mode::Backstage | Mode::BackstageLegacy => match field_errors(template, given) {
                errors if errors.is_empty() => Ok(given.clone()),
                errors => Err(errors),
            },
        };
        checked.map_err(|errors| Error::diagnosed(diagnostics(errors)))
    }

    /// As [`Scaffolder::plan`], for parameters that are complete: how an apply finds out whether the world has moved.
    pub(crate) async fn plan_checked(
        &self,
        template: &Template,
        parameters: Map<String, Value>,
        secrets: &BTreeMap<String, Secret>,
        principal: Option<&Principal>,
        cancel: &Cancel,
    ) -> Result<Plan> {
        check_secrets_given(template, secrets)?;
        let redactor = Redactor::new(secrets.values().cloned());
        let run = RunInfo::new("plan", self.host.clock.now()).by(principal.cloned());
        let cx = self.host.provider_context(&run, secrets, cancel);
        let place = Place { base: template.base(), root: template.root() };
        let planning = Planning::new(&self.host, cx.clone(), place, &redactor)?;
        let recorder = PlanRecorder::default();
        let mut interpreter = Interpreter {
            host: &self.host,
            template,
            variables: self.variables(&parameters, secrets, principal, None),
            redactor: &redactor,
            workspace: Workspace::new(Tree::with_limits(self.host.limits)),
            effects: &planning,
            listener: &recorder,
            cx,
            planning: true,
            problems: Diagnostics::new(),
        };
        interpreter.run().await.map_err(|error| error.masked(&redactor))?;
        tracing::debug!(template = %template.entity_ref(), "planned");
        let scope = interpreter.variables.open();
        let mut problems = interpreter.problems;
        let output = render_output(&self.host.expressions, &template.spec().output, &scope, &mut problems)
            .map_err(|error| error.masked(&redactor))?;
        problems.extend(duplicate_steps(template));
        let parts = PlanParts {
            created: run.started,
            secrets: secrets.keys().cloned().collect(),
            principal: principal.cloned(),
            catalog_revision: self.host.catalog.as_ref().map(|it| it.revision()),
            plugins: self.host.registry.plugins().to_vec(),
            observed: planning.into_observed(),
            steps: recorder.into_steps(),
            output: redactor.json(&output),
            warnings: problems.iter().map(|it| Warning::masked(it, &redactor)).collect(),
            parameters,
        };
        Plan::new(template, parts)
    }

    pub(crate) fn variables<'a>(
        &'a self,
        parameters: &'a Map<String, Value>,
        secrets: &'a BTreeMap<String, Secret>,
        principal: Option<&'a Principal>,
        run: Option<&'a str>,
    ) -> Variables<'a> {
        let user = principal.and_then(|it| self.host.entity(&it.entity_ref).0);
        let environment = &self.host.environment;
        Variables { parameters, secrets, principal, user, environment, run, outputs: Map::new() }
    }
}

/// A secret that also stands in a parameter would be masked there, and a plan must say what it will do.
fn refuse_secrets_in_clear(redactor: &Redactor, parameters: &Map<String, Value>) -> Result<()> {
    let shown: Vec<_> = parameters.iter().filter(|(_, value)| redactor.finds(&value.to_string())).collect();
    if shown.is_empty() {
        return Ok(());
    }
    Err(Error::diagnosed(
        shown
            .into_iter()
            .map(|(name, _)| {
                Diagnostic::error(
                    "secret-in-parameter",
                    format!("parameter `{name}` holds the value of a secret"),
                )
                .help("refer to it as `secrets.<name>` in the template; parameters are stored and shown")
            })
            .collect(),
    ))
}

fn check_secrets_given(template: &Template, secrets: &BTreeMap<String, Secret>) -> Result<()> {
    let given: Map<_, _> =
        secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().into())).collect();
    let redactor = Redactor::new(secrets.values().cloned());
    let errors = check_secrets(template, &Value::Object(given), &redactor);
    if errors.is_empty() { Ok(()) } else { Err(Error::diagnosed(diagnostics(errors))) }
}

fn duplicate_steps(template: &Template) -> Vec<Diagnostic> {
    let duplicates = template.duplicate_ids().into_iter();
    duplicates
        .map(|(id, count)| {
            Diagnostic::warning(
                "duplicate-step",
                format!("{count} steps have the id `{id}`; the last output wins"),
            )
        })
        .collect()
}

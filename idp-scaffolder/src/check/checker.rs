//! The checker: a host's actions, filters and rules, and one template after the other.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use idp_core::{
    ActionInfo, Diagnostic, Error, ErrorKind, Registry, Result, Severity, SourceText, Tree, TreeLimits,
};
use serde_json::{Map, Value};
use url::Url;

use super::draft::{Draft, Proof, Sign, Spot, Want};
use super::place::place;
use super::report::{Finding, TemplateReport};
use super::steps::Steps;
use super::witness::{Outcome, Prover, unshown};
use super::{descriptors, forms};
use crate::{Engine, Places, Template};

/// How much is said of one template: a thousand findings help nobody more than the first few.
pub(crate) const MOST: usize = 1000;

/// Reads the files at a URL.
type Read = dyn Fn(&Url, TreeLimits) -> Result<Tree> + Send + Sync;

/// Says what is wrong with a descriptor.
type Judge = dyn Fn(&SourceText) -> Vec<Diagnostic> + Send + Sync;

/// Checks templates as typed programs, without running them.
///
/// Types flow from the form's schemas through expressions into the names and contents of files, the inputs of steps, and
/// the outputs that later steps read. What the types make suspicious is then tried: parameters are made up that the form
/// accepts, and the engine itself renders with them. So an error comes with a *witness*, and what cannot be shown is
/// said more quietly or not at all.
///
/// ```
/// use idp_core::{Entity, Registry};
/// use idp_scaffolder::{Builtins, Checker, Template};
///
/// let entity = Entity::from_value(serde_json::json!({
///     "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
///     "spec": {
///         "type": "service",
///         "parameters": {"properties": {"name": {"type": "string"}}},
///         "steps": [{"action": "debug:log", "input": {"message": "${{ parameters.nam }}"}}],
///     },
/// }))?;
/// let mut registry = Registry::new();
/// registry.install(&Builtins::default())?;
/// let report = Checker::new().actions(&registry).check(&Template::from_entity(entity, None)?);
/// assert_eq!(report.findings[0].diagnostic.code, "undefined-parameter");
/// assert_eq!(report.findings[0].diagnostic.help.as_deref(), Some("did you mean `name`?"));
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Checker {
    pub(crate) engine: Engine,
    actions: BTreeMap<String, ActionInfo>,
    judge: Option<Arc<Judge>>,
    read: Option<Arc<Read>>,
}

impl Default for Checker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checker")
            .field("actions", &self.actions.keys())
            .field("judge", &self.judge.is_some())
            .field("read", &self.read.is_some())
            .finish_non_exhaustive()
    }
}

impl Checker {
    /// A checker that knows Backstage's current language and no action.
    pub fn new() -> Self {
        Self { engine: Engine::default(), actions: BTreeMap::new(), judge: None, read: None }
    }

    /// Checks expressions by the rules, and with the filters, of this engine.
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Knows the actions of a host. Of one that is not among them nothing is said but that.
    #[must_use]
    pub fn actions(mut self, registry: &Registry) -> Self {
        self.actions
            .extend(registry.actions().map(|action| action.info()).map(|info| (info.id.clone(), info)));
        self
    }

    /// Has the descriptors that templates generate judged: `judge` says what is wrong with the text of one.
    #[must_use]
    pub fn descriptors(
        mut self,
        judge: impl Fn(&SourceText) -> Vec<Diagnostic> + Send + Sync + 'static,
    ) -> Self {
        self.judge = Some(Arc::new(judge));
        self
    }

    /// Has skeletons at absolute URLs read: `read` answers with the files at one, such as a fetcher would. Without it, and
    /// where it fails, what such a skeleton holds is not checked, which is said. Files beside a template are always read.
    #[must_use]
    pub fn skeletons(
        mut self,
        read: impl Fn(&Url, TreeLimits) -> Result<Tree> + Send + Sync + 'static,
    ) -> Self {
        self.read = Some(Arc::new(read));
        self
    }

    /// Checks a template whose file is not known: findings have no place in it.
    pub fn check(&self, template: &Template) -> TemplateReport {
        self.findings(template, None)
    }

    /// Checks a template. `places` says where its parts stand in its file.
    pub fn check_file(&self, template: &Template, places: &dyn Places) -> TemplateReport {
        self.findings(template, Some(places))
    }

    pub(crate) fn action(&self, id: &str) -> Option<&ActionInfo> {
        self.actions.get(id)
    }

    /// The files at a URL.
    pub(crate) fn read(&self, url: &Url, limits: TreeLimits) -> Result<Tree> {
        let nobody = || Error::new(ErrorKind::Unsupported, "nobody here reads URLs").with("url", url);
        self.read.as_ref().ok_or_else(nobody)?(url, limits)
    }

    pub(crate) fn action_ids(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }

    fn findings(&self, template: &Template, places: Option<&dyn Places>) -> TemplateReport {
        let file = places.map(|places| places.source().name().to_owned()).unwrap_or_default();
        let mut steps = Steps::new(self, template, &file);
        steps.run();
        let Steps { mut seen, descriptors, .. } = steps;
        forms::check(template, &mut seen.drafts);
        forms::unused(template, &seen.used, &mut seen.drafts);
        duplicates(template, &mut seen.drafts);
        seen.drafts.truncate(MOST);
        let mut prover = Prover::new(self, template);
        let (mut findings, mut reasons) = (Vec::new(), Vec::new());
        for mut draft in seen.drafts {
            let Some(witness) = tried(&mut draft, &mut prover) else { continue };
            reasons.extend(says_why_it_fails(&draft).then(|| draft.spot.clone()));
            findings.push(finding(draft, witness, template, places));
        }
        for mut draft in seen.attempts {
            let Some(witness) = tried(&mut draft, &mut prover) else { continue };
            if !reasons.iter().any(|reason| explains(reason, &draft)) {
                findings.push(finding(draft, witness, template, places));
            }
        }
        if let Some(judge) = &self.judge {
            let more = descriptors::judge(&**judge, &descriptors, &mut prover, &findings);
            findings.extend(more);
        }
        TemplateReport::new(template, findings)
    }
}

/// What shows with a witness, if with one.
type Witness = Option<Map<String, Value>>;

/// Tries a suspicion, and puts what is known then into it; `None` where it is not so.
fn tried(draft: &mut Draft, prover: &mut Prover<'_>) -> Option<Witness> {
    match prover.prove(draft) {
        Outcome::Shown(witness) => Some(witness),
        // Nobody could leave out what would have to be left out.
        Outcome::Open if draft.needs.iter().any(|need| need.want == Want::Absent) => None,
        Outcome::Open => {
            draft.severity = unshown(draft.severity);
            Some(None)
        }
        Outcome::Refuted => None,
        Outcome::Failed(error, witness, always) => {
            draft.severity = if always { draft.severity } else { draft.severity.min(Severity::Warning) };
            draft.message = format!("this fails: {}", error.message());
            draft.spot.narrow(error.span());
            Some(Some(witness))
        }
    }
}

/// What is said of a suspicion that has been tried.
fn finding(draft: Draft, witness: Witness, template: &Template, places: Option<&dyn Places>) -> Finding {
    let document = template.entity().as_value();
    let text = |pointer: &str| document.pointer(pointer)?.as_str().map(str::to_owned);
    let (pointer, place) = match (&draft.spot, places) {
        (Spot::File(source, span), _) => {
            (None, Some(idp_core::Place { source: source.clone(), span: *span }))
        }
        (Spot::Key(pointer) | Spot::Text(pointer, _), places) => {
            (Some(pointer.clone()), places.map(|places| place(&draft.spot, places, text)))
        }
    };
    let mut diagnostic = Diagnostic::new(draft.severity, draft.code, draft.message);
    diagnostic.place = place;
    diagnostic.help = draft.help;
    Finding { diagnostic, pointer, witness }
}

/// Whether a finding is that a text fails, which its failure then says again.
fn says_why_it_fails(draft: &Draft) -> bool {
    let fails = matches!(draft.proof, Proof::Rendered(_, Sign::Undefined | Sign::Fails, _));
    fails && draft.severity > Severity::Info
}

/// Whether a text fails where something was found: there or, for a filter, right behind it.
fn explains(reason: &Spot, failure: &Draft) -> bool {
    let Proof::Attempted(passage) = &failure.proof else { return false };
    let Some((reason, failed)) = reason.together(&failure.spot) else { return false };
    let between = passage.text.get(reason.end..failed.start).unwrap_or_default();
    reason.start <= failed.end && between.chars().all(|it| it.is_whitespace() || "|()".contains(it))
}

fn duplicates(template: &Template, drafts: &mut Vec<Draft>) {
    let mut seen = BTreeMap::new();
    for step in template.steps() {
        if let Some(first) = seen.insert(step.id(), step.index) {
            let message = format!("step {} has the id `{}` too: its output is lost", first + 1, step.id());
            let spot = Spot::value(format!("/spec/steps/{}/id", step.index));
            drafts.push(Draft::warning("duplicate-step", message, spot));
        }
    }
}

//! Rules that layers add: for the values of annotations and labels, and for whole entities.

use idp_core::{Diagnostic, Entity, Predicate, Relation, Severity};
use serde_json::Value;

use super::kind::names;
use super::layer::RuleData;
use super::pointer::{Pointer, child_pointer};
use super::profile::Profile;
use super::relations::Declared;
use super::report::{Report, Stage};
use super::shape::Shape;
use super::verdict;
use crate::json::Json;
use crate::query::{Matcher, Probe, parse_predicate, predicate_from_json};

/// What the value of an annotation or a label must look like.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KeyRule {
    pub(super) key: String,
    /// None are all.
    pub(super) kinds: Vec<String>,
    pub(super) shape: Shape,
    pub(super) severity: Severity,
}

/// What must hold of an entity.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    code: String,
    when: Option<Matcher>,
    require: Matcher,
    message: String,
    help: Option<String>,
    pointer: String,
    severity: Severity,
}

impl KeyRule {
    /// Whether it is for entities of a kind.
    pub(super) fn is_for(&self, kind: &str) -> bool {
        names(&self.kinds, kind)
    }
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// What is wrong with its parts, by their names.
    pub(super) fn new(data: &RuleData) -> Result<Self, Vec<(&'static str, Diagnostic)>> {
        let mut problems = Vec::new();
        let mut part = |name, value: Option<&Value>| {
            let read = value.map(matcher).transpose();
            read.map_err(|problem| problems.push((name, problem))).ok().flatten()
        };
        let (when, require) = (part("when", data.when.as_ref()), part("require", Some(&data.require)));
        match require {
            Some(require) if problems.is_empty() => Ok(Self {
                code: data.code.clone(),
                when,
                require,
                message: data.message.clone(),
                help: data.help.clone(),
                pointer: data.at.as_deref().map(pointer).unwrap_or_default(),
                severity: data.severity,
            }),
            _ => Err(problems),
        }
    }

    fn check(&self, probe: &Probe<'_>, profile: &Profile, report: &mut Report<'_>) {
        let Some(severity) = profile.severity_or(&self.code, self.severity) else { return };
        let concerns = self.when.as_ref().is_none_or(|when| when.holds(probe));
        if concerns && !self.require.holds(probe) {
            let mut problem = Diagnostic::new(severity, self.code.clone(), self.message.clone());
            problem.help.clone_from(&self.help);
            report.at_key(Stage::Rules, &self.pointer, problem);
        }
    }
}

/// Checks the rules of a model.
pub(super) fn check(
    rules: &[Rule],
    entity: &Entity,
    declared: &[Declared],
    profile: &Profile,
    report: &mut Report<'_>,
) {
    if rules.is_empty() {
        return;
    }
    let relations: Vec<Relation> = declared.iter().map(|it| it.relation.clone()).collect();
    let probe = Probe::new(entity, &relations);
    for rule in rules {
        rule.check(&probe, profile, report);
    }
}

/// Checks the values of annotations or labels.
pub(super) fn check_keys(rules: &[KeyRule], field: &str, document: &Json<'_>, report: &mut Report<'_>) {
    if rules.is_empty() {
        return;
    }
    let holder = format!("/metadata/{field}");
    let kind = document.get("kind").and_then(Json::as_str).unwrap_or_default();
    let Some(map) = document.get("metadata").and_then(|it| it.get(field)) else { return };
    for rule in rules.iter().filter(|rule| rule.is_for(kind)) {
        if let Some(value) = map.get(&rule.key) {
            let mut mismatches = Vec::new();
            let pointer = child_pointer(&holder, &rule.key);
            rule.shape.check(value, &Pointer::new(&pointer), &mut mismatches);
            for mismatch in mismatches {
                verdict::say(Stage::Rules, rule.severity, &mismatch, report);
            }
        }
    }
}

/// A predicate, as text or as JSON.
fn matcher(value: &Value) -> Result<Matcher, Diagnostic> {
    let predicate: idp_core::Result<Predicate> = match value {
        Value::String(text) => parse_predicate(text),
        json => predicate_from_json(json),
    };
    predicate.and_then(|predicate| Matcher::new(&predicate)).map_err(|error| {
        let first = error.diagnostics().first();
        let message = first.map_or_else(|| error.chain(), |it| it.message.clone());
        let problem = Diagnostic::error("bad-predicate", message);
        match first.and_then(|it| it.help.clone()) {
            Some(help) => problem.help(help),
            None => problem,
        }
    })
}

/// The JSON pointer of a dotted path.
fn pointer(path: &str) -> String {
    path.split('.').fold(String::new(), |pointer, key| child_pointer(&pointer, key))
}

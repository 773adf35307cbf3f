//! Parameters that show a finding, and the run of the engine that shows it.

mod fill;
mod sample;
mod setting;
mod strict;

use std::collections::HashMap;
use std::rc::Rc;

use idp_core::{Severity, Span, unknown, unknown_origin};
use serde_json::{Map, Value, json};

use super::checker::Checker;
use super::draft::{Draft, Need, Passage, Proof, Sign, View, Want};
use super::facts::names;
use super::types::{of_parameters, truthy};
use crate::expr::inspect::{Node, Reading, has_global, is_strict, parse};
use crate::parameters::violated;
use crate::{Engine, ErrorCode, Evaluated, Scope, Template, TemplateError, TextOptions};

pub(crate) use setting::Setting;

/// How much work one attempt may be.
const WORK: u64 = 200_000;

/// How many parameters are tried to get to one place.
const ATTEMPTS: usize = 64;

/// What came of trying.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is as was said, with these parameters where parameters play a part.
    Shown(Option<Map<String, Value>>),
    /// Nobody knows: no parameters were found that lead there, or it depends on what a run answers.
    Open,
    /// It is not so.
    Refuted,
    /// A text fails like this, with these parameters; the last says whether it does with every answer given as well.
    Failed(TemplateError, Map<String, Value>, bool),
}

/// Tries what is suspected.
pub(crate) struct Prover<'a> {
    checker: &'a Checker,
    engine: Engine,
    template: &'a Template,
    /// Parameters that were found already, by what was needed of them.
    settings: HashMap<String, Option<Rc<Setting>>>,
}

impl<'a> Prover<'a> {
    pub(crate) fn new(checker: &'a Checker, template: &'a Template) -> Self {
        let engine = checker.engine.with_work(WORK);
        Self { checker, engine, template, settings: HashMap::new() }
    }

    /// Parameters like this, that the form accepts.
    pub(crate) fn setting(&mut self, needs: &[Need]) -> Option<Rc<Setting>> {
        // Where the form accepts nothing that is found here, it accepts nothing that is more besides.
        if !needs.is_empty() && self.setting(&[]).is_none() {
            return None;
        }
        self.found(needs, false)
    }

    /// As [`Prover::setting`], with an answer for everything that the form asks.
    pub(crate) fn full_setting(&mut self, needs: &[Need]) -> Option<Rc<Setting>> {
        self.found(needs, true)
    }

    fn found(&mut self, needs: &[Need], all: bool) -> Option<Rc<Setting>> {
        let template = self.template;
        let found = self.settings.entry(format!("{all} {needs:?}"));
        found.or_insert_with(|| setting::find(template, needs, all).map(Rc::new)).clone()
    }

    /// As [`Prover::setting`], such that a step runs as well: with as few answers as possible or, where that does not
    /// do, with an answer for everything.
    pub(crate) fn running_setting(&mut self, step: usize, needs: &[Need]) -> Option<Rc<Setting>> {
        let least = self.setting(needs)?;
        if self.runs(step, &least) {
            return Some(least);
        }
        self.full_setting(needs).filter(|full| self.runs(step, full))
    }

    /// Whether a step runs, as far as its `if` tells: one that only a run can answer may hold.
    pub(crate) fn runs(&self, step: usize, setting: &Setting) -> bool {
        *setting.runs.borrow_mut().entry(step).or_insert_with(|| self.condition_holds(step, setting))
    }

    fn condition_holds(&self, step: usize, setting: &Setting) -> bool {
        let Some(spec) = self.template.spec().steps.get(step) else { return true };
        let Some(condition) = &spec.r#if else { return true };
        let view = if spec.each.is_some() { View::Step(step) } else { View::Condition(step) };
        let answer = self.engine.condition(condition, &self.scope(view, setting));
        answer.map_or(true, |it| it.status_called || it.holds != Some(false))
    }

    /// Parameters with which what a suspicion is about is rendered.
    fn setting_of(&mut self, proof: &Proof, needs: &[Need]) -> Option<Rc<Setting>> {
        match self.runs_for(proof) {
            Some(step) => self.running_setting(step, needs),
            None => self.setting(needs),
        }
    }

    /// The step that has to run for a proof; a step's condition is read whether it runs or not.
    fn runs_for(&self, proof: &Proof) -> Option<usize> {
        let condition = |step: usize| self.template.spec().steps.get(step).and_then(|it| it.r#if.as_ref());
        match proof {
            Proof::Input { step, .. } => Some(*step),
            Proof::Attempted(passage) | Proof::Rendered(passage, ..) => match passage.view {
                View::Step(step) if condition(step).is_some_and(|it| *it == *passage.text) => None,
                View::Step(step) | View::File(step, _) => Some(step),
                View::Condition(_) | View::Output => None,
            },
            _ => None,
        }
    }

    /// Tries one suspicion.
    pub(crate) fn prove(&mut self, draft: &Draft) -> Outcome {
        match &draft.proof {
            Proof::Structure => Outcome::Shown(None),
            Proof::Given(given) => Outcome::Shown(Some(given.clone())),
            Proof::Attempted(passage) => self.attempted(passage, draft),
            Proof::Fetches { step, url } => self.fetches(*step, url, &draft.needs),
            proof => {
                let Some(setting) = self.setting_of(proof, &draft.needs) else { return Outcome::Open };
                match self.shows(proof, &setting) {
                    Some(true) => Outcome::Shown(Some(setting.given.clone())),
                    Some(false) => Outcome::Refuted,
                    None => Outcome::Open,
                }
            }
        }
    }

    /// Looks for parameters with which a step fetches from a URL: those that are needed, and one more answer where the
    /// form enumerates some.
    fn fetches(&mut self, step: usize, url: &str, needs: &[Need]) -> Outcome {
        let mut attempts = vec![needs.to_vec()];
        for (path, values) in choices(self.template) {
            for value in values {
                let mut more = needs.to_vec();
                more.push(Need { path: vec![path.clone()], want: Want::Value(value) });
                attempts.push(more);
            }
        }
        for needs in attempts.iter().take(ATTEMPTS) {
            let Some(setting) = self.running_setting(step, needs) else { continue };
            if self.url(step, &setting).is_some_and(|it| it == url) {
                return Outcome::Shown(Some(setting.given.clone()));
            }
        }
        Outcome::Open
    }

    fn url(&self, step: usize, setting: &Setting) -> Option<Value> {
        let url = self.template.spec().steps.get(step)?.input.as_ref()?.get("url")?;
        self.engine.render_tree(url, &self.scope(View::Step(step), setting)).value
    }

    fn shows(&self, proof: &Proof, setting: &Setting) -> Option<bool> {
        match proof {
            Proof::Input { step, pointer } => self.input_is_refused(*step, pointer, setting),
            Proof::Rendered(passage, sign, span) => self.rendered(passage, *sign, *span, setting),
            _ => Some(true),
        }
    }

    fn input_is_refused(&self, step: usize, pointer: &str, setting: &Setting) -> Option<bool> {
        let spec = self.template.spec().steps.get(step)?;
        let action = self.checker.action(&spec.action)?;
        let input = Value::Object(spec.input.clone().unwrap_or_default());
        let scope = self.scope(View::Step(step), setting);
        let rendered = self.engine.render_tree(&input, &scope).value?;
        let below = format!("{pointer}/");
        let paths = violated(&action.input, &rendered);
        Some(paths.iter().any(|path| path == pointer || (!pointer.is_empty() && path.starts_with(&below))))
    }

    fn rendered(&self, passage: &Passage, sign: Sign, span: Span, setting: &Setting) -> Option<bool> {
        let scope = self.scope(passage.view, setting);
        let slice = passage.text.get(span.start..span.end)?;
        if is_strict(&self.engine) && matches!(sign, Sign::Undefined | Sign::Fails) {
            return self.fails_strictly(passage, slice, span, &scope);
        }
        if sign == Sign::Fails {
            return self.fails(passage, slice, &scope);
        }
        if sign == Sign::BecomesText && slice.len() == passage.text.len() {
            return self.is_full_text(passage, &scope);
        }
        if sign != Sign::Undefined && !self.knows_names(slice, &scope) {
            return None;
        }
        match self.value(slice, &scope)? {
            Evaluated::Unknown(_) => None,
            Evaluated::Value(value) if unknown_origin(&value).is_some() => None,
            value => match sign {
                Sign::Undefined => Some(!matches!(value, Evaluated::Value(_))),
                Sign::Holds => Some(matches!(value, Evaluated::Value(value) if self.holds(&value))),
                Sign::Refuses => Some(!matches!(value, Evaluated::Value(value) if self.holds(&value))),
                Sign::PrintsObject => self.prints_object(slice, &scope),
                Sign::BecomesText => Some(matches!(value, Evaluated::Value(value) if !value.is_string())),
                Sign::Fails => None,
            },
        }
    }

    /// Whether every name of an expression has a value here; the names of loops have none.
    fn knows_names(&self, slice: &str, scope: &Scope) -> bool {
        let engine = &self.engine;
        let nodes = parse(engine, &format!("${{{{ {slice} }}}}"), TextOptions::default());
        let Ok(Reading::Tree(nodes)) = nodes else { return false };
        let known = |name: &str| scope.get(name).is_some() || has_global(engine, name);
        nodes.iter().all(|node| matches!(node, Node::Output(expr) if names(expr).into_iter().all(known)))
    }

    /// Whether a value holds as a condition inside a text.
    fn holds(&self, value: &Value) -> bool {
        if is_strict(&self.engine) { self.engine.truthy(value) } else { truthy(value) }
    }

    fn value(&self, slice: &str, scope: &Scope) -> Option<Evaluated> {
        let compiled = self.engine.compile_value(&format!("${{{{ {slice} }}}}")).ok()?;
        compiled.render_value(scope).ok().map(|it| it.value)
    }

    /// Whether an expression fails by itself or, where the names of tags are in it, the whole text does.
    fn fails(&self, passage: &Passage, slice: &str, scope: &Scope) -> Option<bool> {
        if self.knows_names(slice, scope) {
            return self.alone(slice, scope);
        }
        let whole = self.failure(passage, scope);
        whole.filter(|error| error.code() != ErrorCode::UnknownValue).map(|_| true)
    }

    /// Whether an expression fails with nothing around it; `None` where only a run knows.
    fn alone(&self, slice: &str, scope: &Scope) -> Option<bool> {
        let compiled = self.engine.compile_value(&format!("${{{{ {slice} }}}}"));
        match compiled.and_then(|it| it.render_value(scope)) {
            Ok(it) => (!matches!(it.value, Evaluated::Unknown(_))).then_some(false),
            Err(error) => (error.code() != ErrorCode::UnknownValue).then_some(true),
        }
    }

    /// What goes wrong with a whole text.
    fn failure(&self, passage: &Passage, scope: &Scope) -> Option<TemplateError> {
        match passage.view {
            View::File(_, options) => self.engine.render_text(&passage.text, scope, options).err(),
            _ => self.engine.compile_value(&passage.text).and_then(|it| it.render_value(scope)).err(),
        }
    }

    fn is_full_text(&self, passage: &Passage, scope: &Scope) -> Option<bool> {
        let compiled = self.engine.compile_value(&passage.text).ok()?;
        match compiled.render_value(scope).ok()?.value {
            Evaluated::Value(Value::String(text)) => Some(!text.is_empty()),
            Evaluated::Unknown(_) => Some(true),
            _ => Some(false),
        }
    }

    fn prints_object(&self, slice: &str, scope: &Scope) -> Option<bool> {
        let text = format!("${{{{ {slice} }}}}");
        let printed = self.engine.render_text(&text, scope, TextOptions::default()).ok()?;
        Some(printed.contains("[object Object]"))
    }

    /// The variables of a text, with what only a run can answer left unknown.
    pub(crate) fn scope(&self, view: View, setting: &Setting) -> Scope {
        let mut scopes = setting.scopes.borrow_mut();
        if let Some((_, known)) = scopes.iter().find(|(seen, _)| *seen == view) {
            return known.clone();
        }
        let scope = self.make_scope(view, setting);
        scopes.push((view, scope.clone()));
        scope
    }

    fn make_scope(&self, view: View, setting: &Setting) -> Scope {
        let (steps, step) = match view {
            View::Step(step) | View::Condition(step) | View::File(step, _) => (step, Some(step)),
            View::Output => (usize::MAX, None),
        };
        let scope = Scope::new()
            .with("parameters", Value::Object(setting.parameters.clone()))
            .with("steps", self.outputs(steps))
            .with("user", unknown("user"))
            .with("context", json!({"task": {"id": unknown("context.task.id")}}))
            .with("environment", unknown("environment"));
        match (view, step) {
            (View::Step(step), _) => self.full(step, scope),
            (View::File(step, options), _) => {
                let values = self.values(step, &self.full(step, scope));
                Scope::new().with(if options.cookiecutter { "cookiecutter" } else { "values" }, values)
            }
            _ => scope,
        }
    }

    /// What the input of a step sees: secrets, and the first element that it repeats for.
    fn full(&self, step: usize, scope: Scope) -> Scope {
        let scope = scope.with("secrets", unknown("secrets"));
        let each = self.template.spec().steps.get(step).and_then(|it| it.each.as_ref());
        let Some(each) = each else { return scope };
        let element = match self.engine.render_tree(each, &scope).value {
            Some(Value::Array(items)) => items.into_iter().next(),
            _ => None,
        };
        let element = element.unwrap_or_else(|| unknown("each.value"));
        scope.with("each", json!({"key": "0", "value": element}))
    }

    /// A file as it would be written, with `example` for what only a run can answer.
    pub(crate) fn render_file(
        &self,
        step: usize,
        options: TextOptions,
        text: &str,
        setting: &Setting,
        example: &str,
    ) -> Option<String> {
        let mut scope = Scope::new();
        for (name, value) in self.scope(View::File(step, options), setting).iter() {
            let mut value = value.clone();
            exemplify(&mut value, example);
            scope.set(name, value);
        }
        self.engine.render_text(text, &scope, options).ok()
    }

    fn values(&self, step: usize, scope: &Scope) -> Value {
        let input = self.template.spec().steps.get(step).and_then(|it| it.input.as_ref());
        let values = input.and_then(|input| input.get("values"));
        let rendered = values.and_then(|values| self.engine.render_tree(values, scope).value);
        rendered.unwrap_or_else(|| json!({}))
    }

    fn outputs(&self, before: usize) -> Value {
        let mut outputs = Map::new();
        for step in self.template.steps().take(before) {
            outputs.insert(step.id(), json!({"output": self.output(&step.id(), &step.spec.action)}));
        }
        Value::Object(outputs)
    }

    fn output(&self, id: &str, action: &str) -> Value {
        let schema = self.checker.action(action).map(|it| &it.output);
        let known = schema.and_then(|it| it.get("properties")).and_then(Value::as_object);
        match known.filter(|known| !known.is_empty()) {
            Some(known) => known
                .keys()
                .map(|name| (name.clone(), unknown(format!("steps.{id}.output.{name}"))))
                .collect::<Map<_, _>>()
                .into(),
            None => unknown(format!("steps.{id}.output")),
        }
    }
}

/// The parameters that have few values, with them.
fn choices(template: &Template) -> Vec<(String, Vec<Value>)> {
    let members = of_parameters(&template.spec().parameters.0).members;
    let known = members.iter().flat_map(|it| &it.known);
    known.filter_map(|(name, it)| Some((name.clone(), it.values.clone()?))).collect()
}

/// Puts an example in the place of everything unknown.
fn exemplify(value: &mut Value, example: &str) {
    if unknown_origin(value).is_some() {
        *value = example.into();
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|it| exemplify(it, example)),
        Value::Object(map) => map.values_mut().for_each(|it| exemplify(it, example)),
        _ => {}
    }
}

/// How much a finding matters that was not shown.
pub(crate) fn unshown(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Warning,
        _ => Severity::Info,
    }
}

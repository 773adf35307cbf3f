//! One step after the other.

use std::sync::Arc;

use async_trait::async_trait;
use idp_core::{
    Action, ActionContext, Diagnostic, Error, ErrorKind, ProviderContext, Redactor, Result, StepInfo,
    Workspace, unknown, unknown_origin, unknown_origins,
};
use serde_json::{Map, Value};

use super::condition::{Verdict, asks_for_status, verdict};
use super::inputs::{iterations, render_input, validate};
use super::variables::{Each, Variables};
use crate::effects::StepEffects;
use crate::host::Host;
use crate::journal::StepStatus;
use crate::template::Step;
use crate::{Diagnostics, Template};

/// Hears what becomes of each step.
#[async_trait]
pub(crate) trait StepListener: Send + Sync {
    /// A step begins.
    async fn begins(&self, step: &StepInfo) -> Result<()>;
    /// A step ended, was skipped, or is deferred.
    async fn ended(&self, report: StepReport) -> Result<()>;
}

/// What became of a step.
#[derive(Debug)]
pub(crate) struct StepReport {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) inputs: Vec<Value>,
    pub(crate) result: StepResult,
}

/// How a step ended.
#[derive(Debug)]
pub(crate) enum StepResult {
    Ran(Value),
    Skipped,
    Deferred(Vec<String>),
    Failed(Error),
}

impl StepResult {
    pub(crate) fn status(&self) -> StepStatus {
        match self {
            Self::Ran(_) => StepStatus::Completed,
            Self::Skipped | Self::Deferred(_) => StepStatus::Skipped,
            Self::Failed(_) => StepStatus::Failed,
        }
    }
}

/// Runs the steps of one template over a set of handles.
pub(crate) struct Interpreter<'a> {
    pub(crate) host: &'a Host,
    pub(crate) template: &'a Template,
    pub(crate) variables: Variables<'a>,
    pub(crate) redactor: &'a Redactor,
    pub(crate) workspace: Workspace,
    pub(crate) effects: &'a dyn StepEffects,
    pub(crate) listener: &'a dyn StepListener,
    /// The run, and how it is stopped and heard.
    pub(crate) cx: ProviderContext,
    pub(crate) planning: bool,
    pub(crate) problems: Diagnostics,
}

impl Interpreter<'_> {
    /// Runs every step. After a failure only those run whose condition calls `always()` or `failure()`; the first
    /// error is answered.
    pub(crate) async fn run(&mut self) -> Result<()> {
        let template = self.template;
        let mut first_error = None;
        for step in template.steps() {
            let info = self.step_info(step);
            self.effects.enter(&info.id);
            let mut inputs = Vec::new();
            let result = match self.step(step, &info, first_error.is_some(), &mut inputs).await {
                Ok(result) => result,
                Err(error) => StepResult::Failed(error),
            };
            self.remember(&info.id, &result);
            let stop = matches!(&result, StepResult::Failed(error)
                if self.planning || matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Conflict));
            let (report, error) = self.report(step, info, inputs, result);
            self.listener.ended(report).await?;
            first_error = first_error.or(error);
            if stop {
                break;
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    fn step_info(&self, step: Step<'_>) -> StepInfo {
        StepInfo::new(step.id(), step.name(), self.template.entity_ref().clone(), self.planning)
    }

    fn remember(&mut self, id: &str, result: &StepResult) {
        let output = match result {
            StepResult::Ran(output) if self.planning => relabel(output, &format!("steps.{id}.output")),
            StepResult::Ran(output) => output.clone(),
            StepResult::Deferred(_) => unknown(format!("steps.{id}.output")),
            StepResult::Skipped | StepResult::Failed(_) => return,
        };
        self.variables
            .outputs
            .insert(id.to_owned(), Value::Object(Map::from_iter([("output".to_owned(), output)])));
    }

    /// Splits a failure into what is reported and the error itself, which a caller gets whole.
    fn report(
        &self,
        step: Step<'_>,
        info: StepInfo,
        inputs: Vec<Value>,
        result: StepResult,
    ) -> (StepReport, Option<Error>) {
        let (result, error) = match result {
            StepResult::Failed(error) => {
                let text = self.redactor.text(&error.chain()).into_owned();
                let copy = Error::new(error.kind(), text);
                (StepResult::Failed(copy), Some(error.with("step", &info.id)))
            }
            other => (other, None),
        };
        let inputs = inputs.iter().map(|it| self.redactor.json(it)).collect();
        (StepReport { id: info.id, name: info.name, action: step.spec.action.clone(), inputs, result }, error)
    }

    async fn step(
        &mut self,
        step: Step<'_>,
        info: &StepInfo,
        failed: bool,
        inputs: &mut Vec<Value>,
    ) -> Result<StepResult> {
        self.cx.cancel.check()?;
        let engine = self.host.expressions.with_failed(failed);
        if failed && !asks_for_status(&engine, step.spec.r#if.as_ref(), &self.variables.open()) {
            return Ok(StepResult::Skipped);
        }
        if step.spec.each.is_none() {
            match verdict(&engine, step.spec.r#if.as_ref(), &self.variables.open(), &mut self.problems)? {
                Verdict::Runs => {}
                Verdict::Skipped => return Ok(StepResult::Skipped),
                Verdict::Deferred(needs) => return Ok(self.defer(step, info, needs)),
            }
        }
        self.listener.begins(info).await?;
        let action = self.find_action(step)?;
        let rounds = match &step.spec.each {
            None => vec![None],
            Some(each) => match iterations(&engine, each, &self.variables.full(None), &mut self.problems)? {
                Ok(rounds) => rounds.into_iter().map(Some).collect(),
                Err(needs) => return Ok(self.defer(step, info, needs)),
            },
        };
        let mut prepared = Vec::new();
        for round in rounds {
            match self.prepare(step, &engine, action.as_ref(), round.as_ref())? {
                Prepared::Input(input) => prepared.push(input),
                Prepared::Skipped => {}
                Prepared::Deferred(needs, input) => {
                    inputs.push(input);
                    return Ok(self.defer(step, info, needs));
                }
            }
        }
        inputs.extend(prepared.iter().cloned());
        self.run_action(action.as_ref(), info, prepared, step.spec.each.is_some()).await.map(StepResult::Ran)
    }

    /// Postpones a step to apply; whatever it does to the files makes them unknown.
    fn defer(&self, step: Step<'_>, info: &StepInfo, needs: Vec<String>) -> StepResult {
        let keeps = self.host.registry.find_action(&step.spec.action).is_some_and(|it| it.info().keeps_files);
        if !keeps {
            self.effects.defer_files(&info.id);
        }
        StepResult::Deferred(needs)
    }

    fn find_action(&self, step: Step<'_>) -> Result<Arc<dyn Action>> {
        let id = &step.spec.action;
        self.host.registry.find_action(id).cloned().ok_or_else(|| {
            Error::diagnosed(vec![
                Diagnostic::error("unknown-action", format!("no action `{id}` is registered"))
                    .help("install the plugin that brings it, or check its spelling"),
            ])
        })
    }

    fn prepare(
        &mut self,
        step: Step<'_>,
        engine: &crate::Engine,
        action: &dyn Action,
        each: Option<&Each>,
    ) -> Result<Prepared> {
        let scope = self.variables.full(each);
        if each.is_some() {
            match verdict(engine, step.spec.r#if.as_ref(), &scope, &mut self.problems)? {
                Verdict::Runs => {}
                Verdict::Skipped => return Ok(Prepared::Skipped),
                Verdict::Deferred(needs) => return Ok(Prepared::Deferred(needs, Value::Null)),
            }
        }
        let input = render_input(engine, step.spec.input.as_ref(), &scope, &mut self.problems)?;
        let needs: Vec<_> = unknown_origins(&input).into_iter().map(str::to_owned).collect();
        if self.planning && !needs.is_empty() {
            return Ok(Prepared::Deferred(needs, input));
        }
        validate(&action.info(), &input, each)?;
        Ok(Prepared::Input(input))
    }

    async fn run_action(
        &self,
        action: &dyn Action,
        info: &StepInfo,
        inputs: Vec<Value>,
        repeated: bool,
    ) -> Result<Value> {
        let cx = ActionContext::new(
            &self.cx.run,
            info,
            &self.workspace,
            self.variables.secrets,
            &self.cx.cancel,
            &self.host.clock,
            self.cx.progress.as_ref(),
            self.effects,
        );
        let mut outputs = Vec::new();
        for input in inputs {
            self.cx.cancel.check()?;
            outputs.push(action.run(&cx, input).await?);
        }
        Ok(if repeated { gather(outputs) } else { outputs.pop().unwrap_or(Value::Null) })
    }
}

enum Prepared {
    Input(Value),
    Skipped,
    Deferred(Vec<String>, Value),
}

/// The outputs of a repeated step: an object of lists, with what the iterations that ran have answered.
fn gather(outputs: Vec<Value>) -> Value {
    let mut lists = Map::new();
    for output in outputs {
        let Value::Object(map) = output else { continue };
        for (name, value) in map {
            let list = lists.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = list {
                items.push(value);
            }
        }
    }
    Value::Object(lists)
}

/// Names unknown values by the output they stand in: `steps.publish.output.commitHash`.
fn relabel(value: &Value, path: &str) -> Value {
    if unknown_origin(value).is_some() {
        return unknown(path);
    }
    match value {
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, it)| relabel(it, &format!("{path}[{index}]"))).collect()
        }
        Value::Object(map) => {
            map.iter().map(|(key, it)| (key.clone(), relabel(it, &format!("{path}.{key}")))).collect()
        }
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outputs_of_iterations_become_lists() {
        assert_eq!(gather(vec![json!({"a": 1, "b": 2}), json!({"a": 3})]), json!({"a": [1, 3], "b": [2]}));
        assert_eq!(gather(Vec::new()), json!({}));
    }

    #[test]
    fn unknown_values_are_named_by_their_output() {
        let output = json!({"commit": unknown("commit"), "list": [1, unknown("x")]});
        assert_eq!(
            relabel(&output, "steps.p.output"),
            json!({"commit": unknown("steps.p.output.commit"), "list": [1, unknown("steps.p.output.list[1]")]})
        );
    }
}
